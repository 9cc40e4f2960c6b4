// The keyboard. Whatever has `data-key` answers to that key: links and buttons are pressed, fields get the focus,
// folds open. Keys never act while somebody writes, and can be switched off (WCAG 2.1.4).

const OFF = "svar:desk-keys-off";
const SEQUENCE_MS = 1500;
const dialog = document.querySelector("#keys");
const toggle = dialog.querySelector("[data-keys-toggle]");
let before = "";
let beforeAt = 0;

const isOff = () => {
  try {
    return localStorage.getItem(OFF) === "1";
  } catch {
    return false;
  }
};
const isWriting = (element) =>
  element.isContentEditable || element.matches("textarea, select, input:not([type=radio], [type=checkbox], [type=button], [type=submit], [type=file])");
const isVisible = (element) => element.checkVisibility?.({ visibilityProperty: true }) ?? true;

function target(key) {
  const found = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)];
  // A link leads somewhere even where a wide window has no need to show it.
  return found.find((one) => isVisible(one) || one.matches("a, summary, input[type=radio], input[type=file], [data-take-suggested]"));
}

/** Opens every fold that an element lies in, so that it can be seen and reached. */
function unfold(element) {
  for (let fold = element.closest("details:not([open])"); fold; fold = fold.parentElement.closest("details:not([open])")) fold.open = true;
}

function act(element) {
  unfold(element.matches("summary") ? element.parentElement.parentElement : element);
  if (element.matches("summary")) {
    element.click();
    if (element.parentElement.open) element.parentElement.querySelector("input:not([type=hidden]), select, textarea, a, button")?.focus();
  } else if (element.matches("input[type=radio], input[type=checkbox], input[type=file]")) {
    element.click();
    if (!element.closest(".modes")) element.focus();
  } else if (element.matches("input, select, textarea")) {
    element.focus();
    element.select?.();
  } else {
    element.click();
  }
}

/** The next or previous case: moves through the list, and on a case page opens its neighbour. */
function step(by) {
  const rows = [...document.querySelectorAll(".case-row")].filter(isVisible);
  const row = (one) => one?.closest?.(".case-row") || one?.querySelector?.(".case-row") || one;
  const here = rows.findIndex((one) => one.hasAttribute("aria-current") || one === row(document.activeElement));
  const next = rows[here < 0 ? (by > 0 ? 0 : rows.length - 1) : here + by];
  if (!next) return;
  const link = next.matches("a") ? next : next.querySelector("a");
  if (document.body.classList.contains("at-case")) link.click();
  else link.focus();
}

function press(key) {
  const isSecond = before && Date.now() - beforeAt < SEQUENCE_MS;
  const sequence = isSecond ? `${before} ${key}` : key;
  before = "";
  if (!isSecond && key === "g") {
    before = "g";
    beforeAt = Date.now();
    return true;
  }
  if (key === "?" && !isSecond) {
    open();
    return true;
  }
  if ((key === "j" || key === "k") && !isSecond) {
    step(key === "j" ? 1 : -1);
    return true;
  }
  const element = target(sequence);
  if (element) act(element);
  return Boolean(element);
}

function open() {
  toggle.checked = !isOff();
  for (const line of dialog.querySelectorAll("[data-for-key]")) line.hidden = !document.querySelector(`[data-key="${CSS.escape(line.dataset.forKey)}"]`);
  for (const group of dialog.querySelectorAll("section")) group.hidden = !group.querySelector("[data-key-line]:not([hidden])");
  dialog.showModal();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && isWriting(event.target)) {
    event.target.blur();
    return;
  }
  if (document.querySelector("dialog[open]") || isWriting(event.target)) return;
  // Switched off, the overview still opens: there it is switched on again.
  if (isOff() && event.key !== "?") return;
  if (press(event.key)) event.preventDefault();
});

toggle.addEventListener("change", () => {
  try {
    localStorage.setItem(OFF, toggle.checked ? "0" : "1");
  } catch {
    // Then the keys stay on.
  }
});
dialog.querySelector("[data-keys-close]").addEventListener("click", () => dialog.close());
dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
document.addEventListener("click", (event) => event.target.closest?.("[data-keys-open]") && open());
for (const button of document.querySelectorAll("[data-keys-open]")) button.hidden = false;

/** Says each key where a pointer or a screen reader finds it. */
function label(root) {
  for (const element of root.querySelectorAll("[data-key]:not([aria-keyshortcuts])")) {
    // The attribute knows no sequences (WAI-ARIA 1.2, aria-keyshortcuts); the overview tells those.
    if (element.dataset.key.length === 1) element.setAttribute("aria-keyshortcuts", element.dataset.key);
    const shown = element.matches(".visually-hidden, input[type=file]") ? element.closest("label") : element;
    if (shown && !shown.title) shown.title = `${(shown.textContent || "").trim().replace(/\s+/g, " ").slice(0, 60)} (${element.dataset.key})`.trim();
  }
}
label(document);
for (const drawn of ["htmx:afterSettle", "desk:redrawn"]) document.addEventListener(drawn, () => label(document));
