// The contact page. Nothing here stands between a person and the send button: whatever fails, the form is a plain form.

import { DAY_MS, changed, rest, restore } from "./contact-draft.js";
import { problems, showFields } from "./contact-fields.js";
import "./contact-files.js";
import { form, key, message, note, read, send, subject, words, write } from "./contact-page.js";
import { ask, askSoon } from "./contact-suggestions.js";

const SENT = "svar:sent";
const MOST_CHARACTERS = 20_000;
const COUNT_FROM = 18_000;
const SECOND_CLICK_MS = 4000;
const TRY_AGAIN_MS = 10_000;

const counter = form.querySelector("[data-counter]");
const trouble = form.querySelector("[data-send-trouble]");
const status = form.querySelector("[data-send-status]");
const cancel = form.querySelector("[data-send-cancel]");
let sentAt = 0;
let later = 0;

function count() {
  const left = MOST_CHARACTERS - [...message.value.trim()].length;
  const isNear = message.value.length >= COUNT_FROM;
  counter.classList.toggle("is-over", isNear && left < 0);
  counter.textContent = isNear ? (left < 0 ? words.over : words.left).replace("{count}", Math.abs(left)) : "";
}

form.addEventListener("input", ({ target }) => {
  if (target.type === "file") return;
  changed();
  if (target === message || target === subject) {
    count();
    askSoon();
  }
});
form.addEventListener("draft-filled", count);
document.addEventListener("click", ({ target }) => {
  const way = target.closest("a[data-channel]");
  if (way) note({ type: "channel_chosen", channel: way.dataset.channel });
});

// --- Sending -------------------------------------------------------------------------------------

function tell(text, { canCancel = false } = {}) {
  status.textContent = text;
  trouble.hidden = !text;
  cancel.hidden = !canCancel;
}
async function isReachable() {
  try {
    await fetch(words.draftUrl, { cache: "no-store" });
    return true;
  } catch {
    return false;
  }
}
/** Whoever pressed the button without a connection has sent it: it goes when there is one again. */
async function sendLater() {
  clearTimeout(later);
  if (await isReachable()) {
    tell("");
    later = -1;
    form.requestSubmit(send);
  } else {
    tell(words.sendLater, { canCancel: true });
    later = setTimeout(sendLater, TRY_AGAIN_MS);
  }
}
cancel.addEventListener("click", () => {
  clearTimeout(later);
  later = 0;
  tell(words.notSent);
  send.focus();
});
addEventListener("online", () => later > 0 && sendLater());

form.addEventListener("submit", (event) => {
  if (event.submitter?.formNoValidate) return;
  const now = Date.now();
  if (now - sentAt < SECOND_CLICK_MS) {
    event.preventDefault(); // the second click of a double click
    return;
  }
  const found = problems();
  if (found.length) {
    event.preventDefault();
    later = 0;
    tell([words.toMend, ...found.map(([, text]) => text)].join(" "));
    found[0][0].focus();
    return;
  }
  // Browsers are mistaken at times about being offline: it is tried before anything is held back.
  if (!navigator.onLine && later !== -1) {
    event.preventDefault();
    sendLater();
    return;
  }
  [sentAt, later] = [now, 0];
  // Somebody who goes back and sends the same text again means the same case.
  const before = read("sessionStorage", SENT);
  if (before && before.message === message.value && now - before.at < DAY_MS / 24) key.value = before.key;
  write("sessionStorage", SENT, { message: message.value, key: key.value, at: now });
  tell("");
  rest();
  send.setAttribute("aria-busy", "true");
});
addEventListener("pageshow", () => {
  sentAt = 0;
  send.removeAttribute("aria-busy");
});

restore();
count();
showFields();
if (message.value.trim()) ask();
document.querySelector("[data-error-summary]")?.focus();
