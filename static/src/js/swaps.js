// After an htmx swap: move focus where the server asks, announce the result count, tell about failures.
import { toast } from "./toasts.js";

document.addEventListener("htmx:beforeRequest", (event) => {
  event.detail.target?.setAttribute("aria-busy", "true");
  event.detail.elt.querySelectorAll?.("button[type=submit]").forEach((button) => (button.disabled = true));
});

document.addEventListener("htmx:afterRequest", (event) => {
  event.detail.target?.removeAttribute("aria-busy");
  event.detail.elt.querySelectorAll?.("button[type=submit]").forEach((button) => (button.disabled = false));
});

document.addEventListener("htmx:afterSettle", (event) => {
  // An outerHTML swap has replaced the target; the event comes from what took its place.
  const region = event.detail.target.isConnected ? event.detail.target : event.target;
  const goal = region.querySelector?.("[data-autofocus]") ?? (region.matches?.("[data-autofocus]") ? region : null);
  if (goal) {
    if (!goal.matches("a, button, input, select, textarea, [tabindex]")) goal.tabIndex = -1;
    goal.focus({ preventScroll: false });
  }
  const announced = region.querySelector?.("[data-announce]");
  const live = document.getElementById("live-region");
  if (announced && live) live.textContent = announced.textContent.trim().replace(/\s+/g, " ");
});

for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, (event) => {
    const message = document.body.dataset.requestFailed;
    if (message && !event.detail.elt?.closest("[data-quiet]")) toast(message, "error");
  });
}
