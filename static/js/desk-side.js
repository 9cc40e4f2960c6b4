// The panel beside a case: its forms change it in place, one after the other. Without this file they load the page anew.

const PANEL = "case-side";
const REDRAWN = [PANEL, "case-head"];
const panel = () => document.getElementById(PANEL);
let queue = Promise.resolve();

/** What the server had put into a field. */
const beginning = (field) => (field.matches("select") ? ([...field.options].find((one) => one.defaultSelected) ?? field.options[0])?.value : field.defaultValue);
const foldName = (fold) => fold.querySelector("summary .prop-name, summary").textContent.trim();

/** What somebody has begun in other forms of the panel while one of them was on its way. */
function begun(sent) {
  const fields = [...panel().querySelectorAll("input:not([type=hidden]), select, textarea")].filter((one) => one.id && !sent.contains(one));
  const focused = panel().contains(document.activeElement) ? document.activeElement : null;
  return {
    values: fields.filter((one) => one.value !== beginning(one)).map((one) => [one.id, one.value]),
    focus: focused?.id || "",
    fold: focused?.closest("details") ? foldName(focused.closest("details")) : "",
    scrolled: panel().scrollTop,
    caret: focused?.selectionStart ?? null,
  };
}

function goOn({ values, focus, fold, caret, scrolled }, wasSent) {
  panel().scrollTop = scrolled;
  const reopen = (field) => {
    for (let one = field.closest("details"); one; one = one.parentElement.closest("details")) one.open = true;
  };
  for (const [id, value] of values) {
    const field = document.getElementById(id);
    if (!field) continue;
    field.value = value;
    reopen(field);
  }
  const wrong = panel().querySelector("[aria-invalid]");
  const field = wrong || (focus && document.getElementById(focus));
  if (field) {
    if (!wrong && !wasSent(focus)) reopen(field);
    if (field.checkVisibility?.() ?? true) field.focus({ preventScroll: !wrong });
    try {
      if (!wrong && caret !== null) field.setSelectionRange(caret, caret);
    } catch {
      // Not every kind of field has a caret.
    }
  }
  if (fold && document.activeElement === document.body) {
    const same = [...panel().querySelectorAll("details")].find((one) => foldName(one) === fold);
    same?.querySelector("summary").focus({ preventScroll: true });
  }
}

function redraw(html, sent) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const ids = new Set([...sent.querySelectorAll("[id]")].map((one) => one.id));
  const kept = begun(sent);
  for (const id of REDRAWN) {
    const fresh = page.getElementById(id);
    if (!fresh) return false;
    document.getElementById(id).replaceWith(document.adoptNode(fresh));
  }
  for (const button of panel().querySelectorAll("[data-insert][hidden]")) button.hidden = false;
  goOn(kept, (id) => ids.has(id));
  document.dispatchEvent(new CustomEvent("desk:redrawn"));
  return true;
}

/** `form` may have been redrawn meanwhile; what it held when it was sent counts. */
async function send(form, body) {
  panel().setAttribute("aria-busy", "true");
  try {
    const response = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
    // Where it fails otherwise (a session that has ended, no right to it), the page says why: it goes the plain way.
    if (!(response.ok || response.status === 422) || !redraw(await response.text(), form)) {
      document.body.append(form);
      form.submit();
    }
  } catch {
    // Nothing has been lost: the form is still filled in, and can be sent again.
    form.querySelector("button[type=submit]")?.focus();
  } finally {
    panel().removeAttribute("aria-busy");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.closest(`#${PANEL}`) || !("inPlace" in form.dataset)) return;
  event.preventDefault();
  const body = new FormData(form, event.submitter);
  queue = queue.then(() => send(form, body));
});
