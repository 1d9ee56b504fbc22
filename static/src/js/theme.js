// Loaded blocking in <head>: the stored theme must be on <html> before the first paint.
(() => {
  let choice = "system";
  try {
    choice = localStorage.getItem("accord-theme") || "system";
  } catch {
    // Storage may be forbidden; the system's preference then decides.
  }
  const root = document.documentElement;
  root.classList.replace("no-js", "js");
  root.dataset.themeChoice = choice;
  if (choice === "light") root.dataset.theme = "accord";
  if (choice === "dark") root.dataset.theme = "accord-dark";
})();
