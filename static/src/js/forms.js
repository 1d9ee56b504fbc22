// Quantity steppers, double-submit guard, submit-on-change. Forms work without: a number input and a button remain.
function bounded(input, value) {
  const low = input.min === "" ? -Infinity : Number(input.min);
  const high = input.max === "" ? Infinity : Number(input.max);
  return Math.min(high, Math.max(low, value));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-step]");
  if (!button) return;
  const input = button.closest(".stepper").querySelector("input");
  const value = bounded(input, (Number(input.value) || 0) + Number(button.dataset.step) * (Number(input.step) || 1));
  if (String(value) === input.value) return;
  input.value = value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
});

document.addEventListener("change", (event) => {
  const control = event.target.closest("[data-submit-on-change]");
  if (control?.form) control.form.requestSubmit();
});

// The button is disabled one tick later: a disabled button's name and value would not be sent.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "dialog" || form.hasAttribute("data-allow-resubmit")) return;
  const viaHtmx = ["hx-post", "hx-get", "hx-put", "hx-delete", "hx-patch"].some((name) => form.hasAttribute(name));
  if (viaHtmx) return;
  if (form.dataset.submitted) {
    event.preventDefault();
    return;
  }
  if (form.method === "get") return;
  form.dataset.submitted = "true";
  const buttons = form.querySelectorAll('button:not([type="button"])');
  setTimeout(() => {
    if (event.defaultPrevented) {
      delete form.dataset.submitted;
      return;
    }
    (event.submitter ?? buttons[0])?.setAttribute("aria-busy", "true");
    buttons.forEach((button) => (button.disabled = true));
  });
});

// A page restored from the back/forward cache keeps its DOM: wake its buttons again.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-submitted]")) {
    delete form.dataset.submitted;
    for (const button of form.querySelectorAll("button")) {
      button.disabled = false;
      button.removeAttribute("aria-busy");
    }
  }
});
