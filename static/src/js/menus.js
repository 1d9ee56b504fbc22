// <details class="menu-details"> and popover drawers open without script; here they also close politely.
function openMenus() {
  return document.querySelectorAll("details.menu-details[open]");
}

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    for (const menu of openMenus()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const menu = event.target.closest("details.menu-details[open]");
  if (!menu) return;
  const items = [...menu.querySelectorAll(".menu-item")];
  const step = event.key === "ArrowDown" ? 1 : -1;
  const next = (items.indexOf(document.activeElement) + step + items.length) % items.length;
  items[next]?.focus();
  event.preventDefault();
});

document.addEventListener("focusout", (event) => {
  const menu = event.target.closest("details.menu-details[open]");
  if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
});

document.addEventListener(
  "toggle",
  (event) => {
    if (!event.target.matches?.("[popover]")) return;
    const trigger = document.querySelector(`[popovertarget="${event.target.id}"]:not([popovertargetaction="hide"])`);
    trigger?.setAttribute("aria-expanded", String(event.newState === "open"));
    if (event.newState === "open") event.target.querySelector("a, button")?.focus();
  },
  true,
);
