// [data-dialog-open="id"] opens <dialog id="id">; its close buttons are <form method="dialog"> and need no script.
// Triggers are links, whose href serves those without script.
document.addEventListener("click", (event) => {
  const trigger = event.target.closest("[data-dialog-open]");
  if (trigger) {
    const dialog = document.getElementById(trigger.dataset.dialogOpen);
    if (dialog?.showModal) {
      event.preventDefault();
      dialog.showModal();
    }
    return;
  }
  if (event.target.matches("dialog.dialog")) {
    const box = event.target.getBoundingClientRect();
    const inside =
      event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) event.target.close();
  }
});
