// [data-set-theme="light|dark|system"] buttons. Without script the system's preference decides.
const THEMES = { light: "accord", dark: "accord-dark" };

function show(choice) {
  const root = document.documentElement;
  root.dataset.themeChoice = choice;
  if (choice in THEMES) root.dataset.theme = THEMES[choice];
  else delete root.dataset.theme;
  for (const button of document.querySelectorAll("[data-set-theme]")) {
    button.setAttribute("aria-pressed", String(button.dataset.setTheme === choice));
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-set-theme]");
  if (!button) return;
  try {
    localStorage.setItem("accord-theme", button.dataset.setTheme);
  } catch {
    // Storage may be forbidden; the choice then lasts for this page.
  }
  show(button.dataset.setTheme);
});

show(document.documentElement.dataset.themeChoice || "system");
