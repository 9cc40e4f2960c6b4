// The fields of a topic come when it is chosen, and what is written in them is looked at before it is sent. Nothing is
// held back here that the server would take: where the two may differ, the server is left to judge.

import { answers, asked, fillAsked } from "./contact-draft.js";
import { element, form, message, said, topic, words } from "./contact-page.js";

const { email } = form.elements;
const LOOKS_LIKE_MAIL = /^("|[^\s@]+@(localhost$|\[|[^\s@]+\.[^\s@]))/;
const WEIGHTS = [2, 3, 4, 5, 6, 7];
const place = form.querySelector("[data-topic-fields]");
let shownFor = topic.value;
let request;

export async function showFields() {
  const chosen = topic.value;
  if (chosen === shownFor) return;
  request?.abort();
  request = new AbortController();
  try {
    const response = await fetch(`${words.topicUrl}?${new URLSearchParams({ topic: chosen })}`, { signal: request.signal });
    if (!response.ok) throw new Error(response.statusText);
    const parts = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const field of asked()) answers[field.name.slice("field-".length)] = field.value;
    place.replaceChildren(...parts.querySelector("[data-topic-fields]").childNodes);
    document.querySelector("[data-ways]").replaceChildren(...parts.querySelector("[data-ways]").childNodes);
    fillAsked();
    shownFor = chosen;
    form.dispatchEvent(new Event("topic-shown"));
  } catch {
    // Offline: what the topic must have is asked for when it is sent.
  }
}
topic.addEventListener("change", showFields);
form.addEventListener("draft-filled", showFields);

// --- Looking at what was written -----------------------------------------------------------------

const tidied = (text) => text.normalize("NFKC").replace(/[‐-―−]/g, "-").replace(/\s/g, "").toUpperCase();
const digitsOf = (text) => [...text].filter((sign) => sign >= "0" && sign <= "9").map(Number);

function luhn(number) {
  const digits = digitsOf(number).reverse();
  const sum = digits.reduce((total, digit, at) => total + (at % 2 ? (2 * digit > 9 ? 2 * digit - 9 : 2 * digit) : digit), 0);
  return digits.length > 1 && sum % 10 === 0;
}
function modulus11(number) {
  const digits = digitsOf(number);
  const check = /[X-]$/.test(number) ? 10 : digits.pop();
  const sum = digits.reverse().reduce((total, digit, at) => total + digit * WEIGHTS[at % WEIGHTS.length], 0);
  return digits.length > 0 && (sum + check) % 11 === 0;
}
const CHECKS = { luhn, mod11: modulus11 };

function matches(pattern, flags, text) {
  try {
    return new RegExp(`^(?:${pattern})$`, flags).test(text);
  } catch {
    return true;
  }
}

/** What is wrong with one of the topic's fields, in words; "" where nothing is. */
function problemOf(field) {
  const { kind, pattern, check, missing, wrong, mistyped } = field.dataset;
  const typed = field.value.trim();
  if (!typed) return field.required ? missing : "";
  if (kind === "number") return /\p{Nd}/u.test(typed) && !/[^\p{Nd}\s.,eE_+-]/u.test(typed) ? "" : wrong;
  const value = kind === "order" ? tidied(typed) : typed;
  if (pattern && !matches(pattern, kind === "order" ? "iu" : "u", value)) return said(wrong, { value });
  return CHECKS[check] && !CHECKS[check](value) ? said(mistyped, { value }) : "";
}

function problemIn(field) {
  if (field === message) return message.value.trim() ? "" : words.noMessage;
  if (field === email) return LOOKS_LIKE_MAIL.test(email.value.trim()) ? "" : words.wrongEmail;
  return problemOf(field);
}

function tell(field, text) {
  const box = field.closest(".field");
  const id = `${field.id}_error`;
  let line = document.getElementById(id);
  if (!text && !line) return;
  if (!line) {
    line = element("p", "error");
    line.id = id;
    field.before(line);
  }
  line.textContent = text;
  line.hidden = !text;
  box.classList.toggle("has-error", Boolean(text));
  const described = new Set((field.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
  if (text) {
    field.setAttribute("aria-invalid", "true");
    described.add(id);
  } else {
    field.removeAttribute("aria-invalid");
    described.delete(id);
  }
  if (described.size) field.setAttribute("aria-describedby", [...described].join(" "));
  else field.removeAttribute("aria-describedby");
}

/** Marks what the server would refuse, and returns it: [field, what is said about it]. */
export function problems() {
  const found = [];
  for (const field of [message, email, ...asked()]) {
    const text = problemIn(field);
    tell(field, text);
    if (text) found.push([field, text]);
  }
  return found;
}

// Said when somebody goes on to the next field with something wrong in this one, and taken back as soon as it is right.
// Not while a button is being pressed: a line that comes in between would move it away from under the finger.
const isLookedAt = (field) => field === email || asked().includes(field);
const left = new Set();
let isPressing = false;
function look() {
  for (const field of left) if (field.isConnected && field.value.trim()) tell(field, problemIn(field));
  left.clear();
}
form.addEventListener("focusout", ({ target }) => {
  if (isLookedAt(target)) left.add(target);
  if (!isPressing) look();
});
addEventListener("pointerdown", () => (isPressing = true), true);
for (const end of ["pointerup", "pointercancel"]) {
  addEventListener(end, () => setTimeout(() => ((isPressing = false), look())), true);
}
form.addEventListener("input", ({ target }) => {
  if (target.getAttribute("aria-invalid") && (target === message || isLookedAt(target)) && !problemIn(target)) tell(target, "");
});
