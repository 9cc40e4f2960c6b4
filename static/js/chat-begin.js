// Where a chat begins: a second click begins no second one, and what was written is kept until it has been sent.

const form = document.querySelector("form[data-begin-chat]");
const NAME = "svar:chat:begin";
const { message } = form.elements;
let sentAt = 0;

const store = (action) => {
  try {
    return action(sessionStorage);
  } catch {
    // Storage is forbidden or full; nothing else is different.
    return null;
  }
};
if (!message.value) message.value = store((kept) => kept.getItem(NAME)) ?? "";
message.addEventListener("input", () => store((kept) => kept.setItem(NAME, message.value)));
form.addEventListener("submit", (event) => {
  if (Date.now() - sentAt < 4000) {
    event.preventDefault();
    return;
  }
  sentAt = Date.now();
  form.querySelector("button[type=submit]").setAttribute("aria-busy", "true");
});
addEventListener("pageshow", () => {
  sentAt = 0;
  form.querySelector("button[type=submit]").removeAttribute("aria-busy");
});
document.querySelector("[data-error-summary]")?.focus();
