// The panel beside a case: its forms change it in place. Without this file they load the page anew.

const PANEL = "case-side";

/** A form that was refused comes back within the panel, with the reason. */
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, target } = event.detail;
  if (target.id === PANEL && xhr.status === 422) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

/** Where it fails otherwise (a session that has ended, no right to it), the page says why: the form goes the plain way. */
document.addEventListener("htmx:responseError", (event) => {
  const form = event.detail.elt;
  if (form instanceof HTMLFormElement && form.closest(`#${PANEL}`)) form.submit();
});

/** The buttons that need a script are hidden in what the server sends. */
document.addEventListener("htmx:afterSwap", () => {
  const panel = document.getElementById(PANEL);
  for (const button of panel?.querySelectorAll("[data-insert][hidden]") ?? []) button.hidden = false;
  panel?.querySelector("[aria-invalid]")?.focus();
});
