// Suggestions below the header's search field: a combobox over links. Without script the form simply searches.
const field = document.querySelector("[data-suggest]");
const list = field && document.getElementById(field.getAttribute("aria-controls"));

function options() {
  return [...list.querySelectorAll('[role="option"]')];
}

function activate(option) {
  for (const each of options()) each.setAttribute("aria-selected", String(each === option));
  if (option) field.setAttribute("aria-activedescendant", option.id);
  else field.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

function show(open) {
  list.hidden = !open;
  field.setAttribute("aria-expanded", String(open));
  if (!open) activate(null);
}

function step(by) {
  const all = options();
  const at = all.findIndex((each) => each.id === field.getAttribute("aria-activedescendant"));
  activate(all[(at + by + all.length) % all.length] ?? null);
}

function onKey(event) {
  if (event.key === "Escape") return show(false);
  if (list.hidden || !options().length) return undefined;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    return step(event.key === "ArrowDown" ? 1 : -1);
  }
  const active = field.getAttribute("aria-activedescendant");
  if (event.key === "Enter" && active) {
    event.preventDefault();
    document.getElementById(active).querySelector("a").click();
  }
  return undefined;
}

if (list) {
  field.addEventListener("keydown", onKey);
  list.addEventListener("htmx:afterSwap", () => show(options().length > 0 && document.activeElement === field));
  field.addEventListener("input", () => field.value.trim() || show(false));
  document.addEventListener("click", (event) => event.target.closest(".site-search") || show(false));
  document.addEventListener("focusin", (event) => event.target.closest(".site-search") || show(false));
}
