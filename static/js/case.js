// The case page: what was sent needs no draft any more, and a second click sends nothing twice.

try {
  if (document.querySelector("[data-case-sent]")) localStorage.removeItem("svar:draft");
} catch {
  // Storage is forbidden; then there is no draft either.
}
for (const form of document.querySelectorAll("form[data-once]")) {
  let sentAt = 0;
  form.addEventListener("submit", (event) => {
    if (Date.now() - sentAt < 4000) event.preventDefault();
    else sentAt = Date.now();
  });
}
document.querySelector("[data-error-summary]")?.focus();
