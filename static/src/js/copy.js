// [data-copy] or [data-copy-from="#id"]; the text is also selectable on the page.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-from]");
  if (!button) return;
  const source = button.dataset.copyFrom && document.querySelector(button.dataset.copyFrom);
  const text = button.dataset.copy ?? source?.value ?? source?.textContent.trim() ?? "";
  const label = button.querySelector("[data-copy-label]");
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    source?.select?.();
    return;
  }
  if (!label) return;
  const before = label.textContent;
  label.textContent = button.dataset.copied;
  setTimeout(() => (label.textContent = before), 2000);
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
