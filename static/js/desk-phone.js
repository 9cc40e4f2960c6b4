// The call as a case with one key: Ctrl+Enter from any field. Sent once, however often it is pressed.

const form = document.querySelector("[data-call]");

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector("[data-call-send]"));
});

// Enter in a field notes the call, and where articles are looked for it does nothing: what is typed there is found anyway.
form.querySelector("[data-look]").type = "button";
form.querySelector("[name=find]").addEventListener("keydown", (event) => event.key === "Enter" && !event.ctrlKey && !event.metaKey && event.preventDefault());

form.addEventListener("submit", (event) => {
  if (form.getAttribute("aria-busy") === "true") event.preventDefault();
  form.setAttribute("aria-busy", "true");
  form.querySelector("[data-call-send]").setAttribute("aria-busy", "true");
});
window.addEventListener("pageshow", () => {
  form.removeAttribute("aria-busy");
  form.querySelector("[data-call-send]").removeAttribute("aria-busy");
});
