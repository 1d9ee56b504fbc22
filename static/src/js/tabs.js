// [data-tabs] holds links to in-page panels. Without script all panels show, one below another.
function select(bar, chosen, focus = false) {
  for (const tab of bar.querySelectorAll('[role="tab"]')) {
    const active = tab === chosen;
    tab.setAttribute("aria-selected", String(active));
    tab.tabIndex = active ? 0 : -1;
    document.getElementById(tab.getAttribute("aria-controls")).hidden = !active;
  }
  if (focus) chosen.focus();
}

function enhance(bar) {
  bar.setAttribute("role", "tablist");
  const tabs = [...bar.querySelectorAll('a[href^="#"]')];
  for (const tab of tabs) {
    const panel = document.getElementById(tab.hash.slice(1));
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", panel.id);
    panel.setAttribute("role", "tabpanel");
    panel.tabIndex = 0;
  }
  bar.addEventListener("click", (event) => {
    const tab = event.target.closest('[role="tab"]');
    if (!tab) return;
    event.preventDefault();
    history.replaceState(null, "", tab.hash);
    select(bar, tab);
  });
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const at = tabs.indexOf(document.activeElement);
    select(bar, tabs[(at + step + tabs.length) % tabs.length], true);
  });
  if (tabs.length) select(bar, tabs.find((tab) => tab.hash === location.hash) || tabs[0]);
}

document.querySelectorAll("[data-tabs]").forEach(enhance);
