// Toasts come from the server as the htmx trigger {"toast": {"message": "...", "tone": "success|info|warning|error"}}.
// A full page load shows Django's messages as plain alerts instead.
const LIFETIME = 6000;

function keepWhileAttended(card) {
  let timer;
  const start = () => (timer = setTimeout(() => card.remove(), LIFETIME));
  const stop = () => clearTimeout(timer);
  card.addEventListener("mouseenter", stop);
  card.addEventListener("focusin", stop);
  card.addEventListener("mouseleave", () => card.contains(document.activeElement) || start());
  card.addEventListener("focusout", start);
  start();
}

export function toast(message, tone = "success") {
  const template = document.getElementById("toast-template");
  const region = document.getElementById("toasts");
  if (!template || !region) return;
  const card = template.content.firstElementChild.cloneNode(true);
  card.querySelector("[data-toast-text]").textContent = message;
  card.classList.add(`toast-${tone}`);
  region.append(card);
  // Errors stay until they are dismissed.
  if (tone !== "error") keepWhileAttended(card);
}

document.addEventListener("toast", (event) => {
  const { message, value, tone } = event.detail;
  toast(message ?? value, tone);
});

document.addEventListener("click", (event) => {
  event.target.closest("[data-toast-close]")?.closest(".toast-card").remove();
  event.target.closest("[data-dismiss]")?.closest(".note").remove();
});
