// Where a chat begins: a second click begins no second one, and what was written is kept until it has been sent.

import { keepDraft, readDraft } from "./chat-draft.js";

const form = document.querySelector("form[data-begin-chat]");
const { message } = form.elements;
let sentAt = 0;

if (!message.value) message.value = readDraft();
message.addEventListener("input", () => keepDraft(message.value));
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
