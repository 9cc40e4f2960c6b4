// The case page: an answer begun is kept on this device until it is sent, and a second click sends nothing twice.

const page = document.querySelector("[data-case]");
const reply = document.querySelector("form[data-reply]");
const text = reply?.querySelector("textarea");
const status = reply?.querySelector("[data-draft-status]");
const name = `svar:case:${page?.dataset.case}`;

const store = (action) => {
  try {
    return action(localStorage);
  } catch {
    // Storage is forbidden or full; then there is no draft, and nothing else is different.
    return null;
  }
};

if (document.querySelector("[data-case-sent]")) store((kept) => kept.removeItem("svar:draft"));
if (page?.hasAttribute("data-case-added")) store((kept) => kept.removeItem(name));

if (text) {
  const kept = store((all) => all.getItem(name));
  if (kept && !text.value) {
    text.value = kept;
    status.textContent = reply.dataset.restored;
  }
  let soon = 0;
  text.addEventListener("input", () => {
    clearTimeout(soon);
    soon = setTimeout(() => {
      const begun = text.value.trim() !== "";
      store((all) => (begun ? all.setItem(name, text.value) : all.removeItem(name)));
      status.textContent = begun ? reply.dataset.saved : "";
    }, 600);
  });
}

for (const form of document.querySelectorAll("form[data-once]")) {
  let sentAt = 0;
  form.addEventListener("submit", (event) => {
    if (Date.now() - sentAt < 4000) event.preventDefault();
    else sentAt = Date.now();
  });
}
document.querySelector("[data-error-summary]")?.focus();
