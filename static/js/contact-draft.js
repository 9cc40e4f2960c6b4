// The draft: kept in this browser with every letter, and on the server after every pause.
//
// The two may differ, and so may two tabs. The newer text wins; the older is offered back, so that nothing is lost.

import { form, freshKey, key, message, read, said, topic, words, write } from "./contact-page.js";

export const DRAFT = "svar:draft";
export const DAY_MS = 24 * 3600 * 1000;
const PAUSE_MS = 1200;
const LONGEST_WAIT_MS = 10_000;
const AGAIN_MS = 15_000;
const LOOK_MS = 30_000;
// What browsers send at most after a page is gone (Fetch Standard, keepalive), with room for the rest.
const KEEPALIVE_CHARACTERS = 30_000;

const kept = ["message", "email", "topic", "name", "subject"].map((name) => form.elements[name]);
const status = form.querySelector("[data-draft-status]");
const startOver = form.querySelector("[data-start-over]");
const notice = form.querySelector("[data-other]");
const taken = document.querySelector("[data-taken]");

/** What was answered to fields that are not on the page while another topic is chosen; by their keys. */
export const answers = {};
export const dismissed = new Set(words.dismissed.split(" ").filter(Boolean).map(Number));

let version = Number(words.version);
let changedAt = 0;
let isSaved = true;
let isSending = false;
let timer, firstWait, cleared, other;

export const asked = () => [...form.querySelectorAll("[data-topic-fields] [name^='field-']")];
const keyOf = (field) => field.name.slice("field-".length);

export function values() {
  for (const field of asked()) answers[keyOf(field)] = field.value;
  return {
    ...Object.fromEntries(kept.map((field) => [field.name, field.value])),
    fields: { ...answers },
    dismissed: [...dismissed],
    key: key.value,
  };
}
const saysSomething = (draft) =>
  kept.some((field) => field !== topic && (draft[field.name] ?? "").trim()) ||
  Object.values(draft.fields ?? {}).some((text) => text.trim());

export function fill(draft) {
  for (const field of kept) field.value = draft[field.name] ?? "";
  for (const name of Object.keys(answers)) delete answers[name];
  Object.assign(answers, draft.fields);
  fillAsked();
  dismissed.clear();
  for (const id of draft.dismissed ?? []) dismissed.add(id);
  if (draft.key) key.value = draft.key;
  form.dispatchEvent(new Event("draft-filled"));
}
export function fillAsked() {
  for (const field of asked()) field.value = answers[keyOf(field)] ?? field.value;
}

// --- Here ----------------------------------------------------------------------------------------

function keepHere() {
  const draft = values();
  const record = { values: draft, version, isSaved, at: changedAt };
  return write("localStorage", DRAFT, saysSomething(draft) ? record : null);
}
export function changed() {
  changedAt = Date.now();
  isSaved = false;
  cleared = null;
  const isKept = keepHere();
  if (isKept) status.textContent = saysSomething(values()) ? words.savedHere : "";
  showStartOver();
  const now = Date.now();
  firstWait ??= now;
  clearTimeout(timer);
  timer = setTimeout(push, Math.min(PAUSE_MS, Math.max(0, firstWait + LONGEST_WAIT_MS - now)));
}
function showStartOver() {
  startOver.textContent = cleared ? words.undo : words.startOver;
  startOver.hidden = !cleared && !saysSomething(values()) && !form.querySelector("[data-file-list] > *");
}

// --- There ---------------------------------------------------------------------------------------

async function push(more = {}, { isLeaving = false } = {}) {
  clearTimeout(timer);
  firstWait = undefined;
  // Without cookies nothing of it could be found again.
  if (!navigator.cookieEnabled) return;
  if (isSending && !isLeaving) {
    timer = setTimeout(push, PAUSE_MS, more);
    return;
  }
  const sentAt = changedAt;
  const body = JSON.stringify({ values: values(), base: version, age: Math.max(0, Date.now() - sentAt), ...more });
  isSending = true;
  try {
    const response = await fetch(words.draftUrl, {
      method: "POST",
      keepalive: isLeaving && body.length < KEEPALIVE_CHARACTERS,
      headers: { "Content-Type": "application/json" },
      body,
    });
    if (!response.ok) throw new Error(response.statusText);
    take(await response.json(), sentAt);
  } catch {
    // Offline, a server that starts anew, too many requests: it is kept here, and tried again.
    if (saysSomething(values())) status.textContent = navigator.onLine ? words.savedHere : words.offline;
    timer = setTimeout(push, AGAIN_MS, more);
  } finally {
    isSending = false;
  }
}
function take(answer, sentAt) {
  version = answer.version;
  tellTaken(answer.taken);
  if (answer.others.length) offer(answer.others[0].values, answer.others[0].id);
  if (sentAt !== changedAt) return; // more has been written since, and goes with the next one
  isSaved = true;
  if (answer.is_other) adopt(answer.values);
  keepHere();
  if (saysSomething(values())) status.textContent = words.saved;
}
function adopt(draft) {
  const mine = values();
  fill(draft);
  offer(mine);
  status.textContent = words.adopted;
  showStartOver();
}
function tellTaken(reference) {
  if (!reference || !taken.hidden) return;
  taken.querySelector("[data-taken-text]").textContent = said(taken.dataset.words, { reference });
  taken.hidden = false;
}
async function look() {
  if (document.hidden || !version || !isSaved) return;
  try {
    const answer = await (await fetch(words.draftUrl)).json();
    tellTaken(answer.taken);
    if (isSaved && answer.version > version) take({ ...answer, is_other: true }, changedAt);
  } catch {
    // Nothing is lost by not knowing yet.
  }
}

// --- Another text --------------------------------------------------------------------------------

function offer(draft, id) {
  if (!draft.message?.trim() || message.value.includes(draft.message.trim())) return;
  other = { draft, id };
  const text = draft.message.trim();
  const short = text.length > 140 ? `${text.slice(0, 140)}…` : text;
  notice.querySelector("[data-other-text]").textContent = said(words.offer, { text: short });
  notice.hidden = false;
}
notice.querySelector("[data-other-use]").addEventListener("click", () => {
  const { draft, id } = other;
  const mine = values();
  notice.hidden = true;
  fill({ ...draft, key: key.value });
  changed();
  push(id ? { forget: id } : {});
  offer(mine);
  message.focus();
});
notice.querySelector("[data-other-leave]").addEventListener("click", () => {
  notice.hidden = true;
  if (other.id) push({ forget: other.id });
  message.focus();
});

// --- Start over ----------------------------------------------------------------------------------

startOver.addEventListener("click", () => {
  if (cleared) {
    fill(cleared);
    form.dispatchEvent(new Event("draft-undone"));
    changed();
    push({ undo: true });
  } else {
    const before = values();
    form.dispatchEvent(new Event("draft-cleared"));
    fill({ key: freshKey() });
    for (const field of asked()) field.value = "";
    changedAt = Date.now();
    write("localStorage", DRAFT, null);
    push({ clear: true });
    cleared = before;
    status.textContent = words.cleared;
    showStartOver();
  }
  message.focus();
});

// --- Coming back, and leaving --------------------------------------------------------------------

export function restore() {
  const record = read("localStorage", DRAFT);
  const isOver =
    !record?.values ||
    Date.now() - record.at > 30 * DAY_MS ||
    (record.answeredAt && Date.now() - record.answeredAt > DAY_MS / 24);
  // What the server sent back after an error is newer than any draft.
  if (isOver || words.isBound) {
    if (isOver) write("localStorage", DRAFT, null);
    if (version && !words.isBound) status.textContent = words.restored;
  } else {
    compare(record);
  }
  if (words.isBound) changedAt = Date.now();
  showStartOver();
}
function compare(record) {
  const there = values();
  const isOther = version > 0 && (version > record.version || there.key !== record.values.key);
  const isOlder = isOther && (record.isSaved || record.at < Number(words.changed) * 1000);
  changedAt = record.at;
  if (isOlder) {
    if (!record.isSaved) offer(record.values);
  } else {
    fill({ ...record.values, topic: new URLSearchParams(location.search).get("topic") || record.values.topic });
    addSearched();
    if (isOther) offer(there);
    isSaved = version > 0 && record.isSaved;
    if (!isSaved) timer = setTimeout(push, PAUSE_MS);
  }
  status.textContent = words.restored;
}
/** What was searched in vain is the beginning of the story, or its end. */
function addSearched() {
  const text = words.searched.trim();
  if (text && !message.value.includes(text)) message.value = `${message.value.trim()}\n\n${text}`.trim();
}

addEventListener("storage", (event) => {
  if (event.key !== DRAFT) return;
  const record = read("localStorage", DRAFT);
  if (!record?.values || record.at < changedAt) return;
  version = Math.max(version, record.version);
  if (record.at === changedAt) return;
  clearTimeout(timer);
  adopt(record.values);
  [changedAt, isSaved] = [record.at, true]; // the other tab sees to it
});
const leave = () => {
  if (!isSaved) push({}, { isLeaving: true });
};
addEventListener("pagehide", leave);
document.addEventListener("visibilitychange", () => (document.hidden ? leave() : look()));
addEventListener("online", () => (isSaved ? look() : push()));
addEventListener("offline", () => saysSomething(values()) && (status.textContent = words.offline));
setInterval(look, LOOK_MS);

/** From now on nothing is saved: what was written is on its way. */
export function rest() {
  clearTimeout(timer);
  isSaved = true;
}

document.getElementById("answered-form").addEventListener("submit", () => {
  keepHere();
  const record = read("localStorage", DRAFT);
  if (record) write("localStorage", DRAFT, { ...record, version: 0, isSaved: true, answeredAt: Date.now() });
  rest();
});
