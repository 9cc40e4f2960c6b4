// The contact page: suggestions while somebody writes, opened in place; and a draft that survives.
// Nothing here stands between a person and the send button: whatever fails, the form is a plain form.

const DRAFT = "svar:draft";
const SENT = "svar:sent";
const DAY_MS = 24 * 3600 * 1000;
const PAUSE_MS = 500;
const FEWEST_CHARACTERS = 8;
const MOST_CHARACTERS = 20000;
const COUNT_FROM = 18000;

const form = document.querySelector("form[data-contact]");
const words = form.dataset;
const { message, subject, key } = form.elements;
const kept = ["message", "email", "topic", "name", "subject"].map((name) => form.elements[name]);

/** Storage may be full or forbidden; writing must go on all the same. */
function read(storage, name) {
  try {
    return JSON.parse(storage.getItem(name));
  } catch {
    return null;
  }
}
function write(storage, name, value) {
  try {
    if (value === null) storage.removeItem(name);
    else storage.setItem(name, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}
function note(event) {
  // What happened is told for the reports; that it could not be told is nobody's trouble here.
  fetch(words.eventsUrl, {
    method: "POST",
    keepalive: true,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(event),
  }).catch(() => {});
}

// --- The draft ---------------------------------------------------------------------------------

const draftStatus = form.querySelector("[data-draft-status]");
const startOver = form.querySelector("[data-start-over-button]");
const counter = form.querySelector("[data-counter]");
let cleared = null;

function values() {
  return Object.fromEntries(kept.map((field) => [field.name, field.value]));
}
function fill(draft) {
  for (const field of kept) field.value = draft[field.name] ?? "";
  if (draft.key) key.value = draft.key;
}
function save() {
  const draft = { ...values(), key: key.value, at: Date.now() };
  const isEmpty = !kept.some((field) => field !== form.elements.topic && field.value.trim());
  if (isEmpty) {
    write(localStorage, DRAFT, null);
    draftStatus.textContent = "";
  } else if (write(localStorage, DRAFT, draft)) {
    draftStatus.textContent = words.saved;
  }
  showStartOver(isEmpty ? null : "startOver");
}
function showStartOver(what) {
  startOver.hidden = !what && !cleared;
  startOver.textContent = cleared ? words.undo : words.startOver;
}
function restore() {
  const draft = read(localStorage, DRAFT);
  const age = Date.now() - (draft?.at ?? 0);
  const isOver = age > 30 * DAY_MS || (draft?.answeredAt && Date.now() - draft.answeredAt > DAY_MS / 24);
  if (!draft || isOver) {
    write(localStorage, DRAFT, null);
    return;
  }
  // What the server sent back is newer than any draft.
  if (words.isBound) return;
  const prefilled = message.value.trim();
  fill({ ...draft, topic: form.elements.topic.value || draft.topic });
  if (prefilled && !message.value.includes(prefilled)) message.value = `${message.value.trim()}\n\n${prefilled}`.trim();
  draftStatus.textContent = words.restored;
  showStartOver("startOver");
}
/** A key that no message was sent with yet: the server makes one case of one key. */
function freshKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
function count() {
  const left = MOST_CHARACTERS - [...message.value.trim()].length;
  const isNear = message.value.length >= COUNT_FROM;
  counter.classList.toggle("is-over", isNear && left < 0);
  counter.textContent = isNear ? (left < 0 ? words.over : words.left).replace("{count}", Math.abs(left)) : "";
}

startOver.addEventListener("click", () => {
  if (cleared) {
    fill(cleared);
    cleared = null;
    save();
  } else {
    cleared = { ...values(), key: key.value };
    for (const field of kept) field.value = "";
    key.value = freshKey();
    write(localStorage, DRAFT, null);
    draftStatus.textContent = words.cleared;
    showStartOver(null);
  }
  count();
  ask();
  message.focus();
});

// --- Suggestions -------------------------------------------------------------------------------

const place = form.querySelector("[data-suggestions]");
const list = place.querySelector("[data-suggestion-list]");
const panel = place.querySelector("[data-suggestion-panel]");
const suggestionStatus = place.querySelector("[data-suggestion-status]");
const emptyList = list.innerHTML;
let timer, request, opened, shownFor;

async function ask() {
  const text = message.value;
  request?.abort();
  if (text.trim().length + subject.value.trim().length < FEWEST_CHARACTERS) {
    show(emptyList);
    return;
  }
  request = new AbortController();
  try {
    const response = await fetch(words.suggestUrl, {
      method: "POST",
      signal: request.signal,
      body: new URLSearchParams({ message: text, subject: subject.value }),
    });
    if (response.ok) show(await response.text());
  } catch {
    // Offline, or overtaken by more text: what is shown stays until there is something better.
  }
}
function show(html) {
  if (html.trim() === shownFor) return;
  shownFor = html.trim();
  const hadFocus = list.contains(document.activeElement) ? document.activeElement.dataset.articleId : null;
  list.innerHTML = html;
  suggestionStatus.textContent = list.querySelector("h2")?.textContent ?? "";
  if (hadFocus) list.querySelector(`[data-article-id="${hadFocus}"]`)?.focus();
}
async function open(link) {
  opened = link.closest("li").querySelector("a[data-article-id]").dataset.articleId;
  panel.innerHTML = '<div class="card panel-wait"><p role="status"></p></div>';
  panel.querySelector("p").textContent = words.loading;
  list.hidden = true;
  panel.hidden = false;
  try {
    const response = await fetch(link.dataset.panel);
    if (!response.ok) throw new Error(response.statusText);
    panel.innerHTML = await response.text();
    panel.querySelector("h2").focus({ preventScroll: true });
    place.scrollIntoView({ block: "nearest" });
    showSection(link.dataset.section);
  } catch {
    const fallback = link.cloneNode(true);
    fallback.removeAttribute("data-panel");
    panel.querySelector("p").replaceChildren(`${words.notLoaded} `, fallback);
    fallback.focus();
  }
}
/** Only the article scrolls, within its panel: the page with the text and the send button stays where it is. */
function showSection(anchor) {
  const heading = anchor && panel.querySelector(`#${CSS.escape(anchor)}`);
  const body = panel.querySelector(".panel-body");
  if (heading) body.scrollTop += heading.getBoundingClientRect().top - body.getBoundingClientRect().top;
}
function close(dismissed) {
  panel.hidden = true;
  panel.replaceChildren();
  list.hidden = false;
  (list.querySelector(`[data-article-id="${opened}"]`) ?? message).focus({ preventScroll: true });
  if (dismissed) note({ type: "suggestion_dismissed", article: Number(dismissed) });
}
place.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-panel]");
  const closing = event.target.closest("[data-close]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    open(link);
  } else if (closing) {
    close(closing.dataset.dismissed);
  } else if (event.target.closest(".panel-body a[href]")) {
    // A link inside the article must not take the reader away from what is being written.
    const inside = event.target.closest("a");
    if (!inside.getAttribute("href").startsWith("#")) inside.target = "_blank";
  }
});
place.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !panel.hidden) close();
});
document.getElementById("answered-form").addEventListener("submit", () => {
  const draft = read(localStorage, DRAFT);
  if (draft) write(localStorage, DRAFT, { ...draft, answeredAt: Date.now() });
});
for (const way of document.querySelectorAll("a[data-channel]")) {
  way.addEventListener("click", () => note({ type: "channel_chosen", channel: way.dataset.channel }));
}

// --- Writing and sending -----------------------------------------------------------------------

const sendStatus = form.querySelector("[data-send-status]");
const SECOND_CLICK_MS = 4000;
let sentAt = 0;

form.addEventListener("input", (event) => {
  cleared = null;
  save();
  if (event.target === message || event.target === subject) {
    count();
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MS);
  }
});
form.addEventListener("submit", (event) => {
  const now = Date.now();
  if (now - sentAt < SECOND_CLICK_MS) {
    event.preventDefault(); // the second click of a double click
    return;
  }
  if (!navigator.onLine) {
    event.preventDefault();
    sendStatus.textContent = words.offline;
    sendStatus.hidden = false;
    return;
  }
  sentAt = now;
  // Somebody who goes back and sends the same text again means the same case.
  const before = read(sessionStorage, SENT);
  if (before && before.message === message.value && now - before.at < DAY_MS / 24) key.value = before.key;
  write(sessionStorage, SENT, { message: message.value, key: key.value, at: now });
  save();
  form.querySelector("button[type=submit]:not([form])").setAttribute("aria-busy", "true");
});
addEventListener("online", () => (sendStatus.hidden = true));
addEventListener("pageshow", () => {
  sentAt = 0;
  form.querySelector("button[type=submit]:not([form])").removeAttribute("aria-busy");
});

restore();
count();
if (message.value.trim()) ask();
document.querySelector("[data-error-summary]")?.focus();
