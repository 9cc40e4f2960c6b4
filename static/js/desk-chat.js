// A chat as an agent has it: the conversation over a socket, each message sent once and in order however the network
// is (chat-room.js). Without this file the page does the same by ordinary requests.

import { FileSender } from "./chat-files.js";
import { Log, TYPING_SHOWN_MS, fill, lineParts, make, sendsByEnter } from "./chat-log.js";
import { Room } from "./chat-room.js";

const box = document.querySelector("#chat");
const config = JSON.parse(box.dataset.chat);
const words = config.texts;
const form = box.querySelector("[data-say]");
const text = form?.querySelector("textarea");
const scroll = box.querySelector("[data-log]");
const list = box.querySelector("[data-lines]");
const pending = box.querySelector("[data-pending]");
const typing = box.querySelector(".chat-typing");
const linePanel = box.querySelector("[data-line-panel]");
const filePanel = box.querySelector("[data-file-panel]");
const token = () => document.querySelector("[name=csrfmiddlewaretoken]").value;

/** The same room, entered with the session instead of a key. */
class DeskRoom extends Room {
  request(_what, fields) {
    const body = new FormData();
    const given = fields instanceof FormData ? [...fields] : Object.entries(fields);
    for (const [name, value] of given) for (const one of [value].flat()) body.append(name === "files" ? "attachments" : name, one);
    return { url: config.say, headers: { "X-CSRFToken": token(), Accept: "application/json" }, body };
  }
  take(frame) {
    if (frame.type === "presence") showThere(frame.is_there);
    else super.take(frame);
  }
}

const log = new Log({ scroll, list, pending }, config, "agent");
let isFirst = true;
let shownState = null;
let typingTimer = 0;
let files = null;
let isLeaving = false;
addEventListener("beforeunload", () => (isLeaving = true));
addEventListener("pageshow", () => (isLeaving = false));

const isRead = () => document.visibilityState === "visible";

function showThere(isThere) {
  const there = document.querySelector("[data-there]");
  const sentence = isThere ? words.there : words.not_there;
  if (there.textContent !== sentence) there.textContent = sentence;
}
function sawIt() {
  if (isRead() && shownState?.is_mine) room.sawAll();
}
const listener = {
  lines(lines) {
    const wasAtEnd = log.isAtEnd();
    // What the page brought along is the same, and is built anew once there is more to show than the page can.
    if (isFirst) list.replaceChildren();
    for (const line of lines) {
      const isOurs = line.side === "agent";
      log.add(line, line.who || (isOurs ? words.us : words.customer));
      if (!isOurs) typing.textContent = "";
    }
    log.markSeen(0);
    if (wasAtEnd || isFirst) log.toEnd();
    for (const field of document.querySelectorAll("[data-seen-seq]")) field.value = room.last;
    sawIt();
  },
  notices(all) {
    for (const notice of all) {
      const item = notice.is_note ? make("li", "chat-note") : make("li", "chat-notice", notice.text);
      if (notice.is_note) {
        item.append(make("p", "chat-who", `${fill(words.note_by, { name: notice.who })}, ${words.only_us}`));
        item.append(Object.assign(make("p", "plain", notice.text), { dir: "auto" }));
      }
      const wasAtEnd = log.isAtEnd();
      if (log.tell(notice, item) && (wasAtEnd || isFirst)) log.toEnd();
    }
  },
  state(state) {
    // Who may write, and what can be done, is the page's own to say.
    if (shownState && (shownState.is_mine !== state.is_mine || shownState.state !== state.state)) {
      // A form that has just been sent leads somewhere by itself.
      if (!isLeaving) location.reload();
      return;
    }
    shownState = state;
    const standing = box.querySelector("[data-standing]");
    if (standing.textContent !== state.words) standing.textContent = state.words;
    showThere(state.is_there);
    log.markSeen(state.seen);
    sawIt();
    if (isFirst) {
      isFirst = false;
      log.toEnd();
      // After this turn, so that what is there already is not read out.
      setTimeout(() => scroll.setAttribute("aria-live", "polite"), 300);
    }
  },
  waiting: (queue) => log.wait(queue, room?.isOpen),
  refused(message, reason) {
    log.refuse(room, message, reason, text && ((content) => put([content, text.value].filter(Boolean).join("\n"))));
  },
  typing() {
    typing.textContent = words.typing_us;
    clearTimeout(typingTimer);
    typingTimer = setTimeout(() => (typing.textContent = ""), TYPING_SHOWN_MS);
    if (log.sticks) log.toEnd();
  },
  seen: (seq) => log.markSeen(seq),
  done() {},
  line(status) {
    log.wait(room.queue, room.isOpen);
    const parts = lineParts(room, words, status, { login: config.login });
    linePanel.replaceChildren(...parts);
    linePanel.hidden = parts.length === 0;
    if (status.isOpen) files?.go();
  },
};

function put(content) {
  text.value = content;
  room.keepDraft(content);
  text.focus();
}

let room = null;
room = new DeskRoom(config, listener);
if (text && !text.value) text.value = room.draft;
if (text) {
  files = new FileSender(room, config, { panel: filePanel, control: form.querySelector(".attach"), text });
  files.watch(form.querySelector("#id_files"));
  files.resume();
}
room.open();
log.toEnd();
document.addEventListener("visibilitychange", sawIt);
addEventListener("focus", sawIt);

const macros = () => [...form.querySelectorAll("[name=macros]")];
if (text) sendsByEnter(text, form);
text?.addEventListener("input", () => {
  room.keepDraft(text.value);
  if (text.value.trim()) room.typing();
  // What was thrown away does nothing with the case either.
  else for (const one of macros()) one.remove();
});
form?.addEventListener("submit", (event) => {
  event.preventDefault();
  const body = text.value.trim();
  if (!body) return text.focus();
  const numbers = macros().map((one) => Number(one.value));
  const isSolving = macros().findLast((one) => one.dataset.then)?.dataset.then === "solved";
  for (const one of macros()) one.remove();
  text.value = "";
  room.draft = "";
  room.say(body, numbers.length ? { macros: numbers } : {});
  text.focus();
  // The macro ends the case; what answered it is its agent's to say.
  if (isSolving && solving) solving.closest("details").open = true;
  return undefined;
});

// --- Solving, in the two keystrokes that cases have -----------------------------------------------

const solving = document.querySelector("[data-solving]");
solving?.closest("details").addEventListener("toggle", (event) => {
  if (!event.target.open) return;
  const chosen = solving.querySelector("[name=article]:checked") || solving.querySelector("[name=article]");
  chosen?.focus();
});
solving?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing) return;
  if (event.target.matches("input[type=radio]")) {
    // As in a case: where there is a choice and none was probable, the key only chooses.
    event.preventDefault();
    const hadChosen = event.target.checked || solving.querySelectorAll("[name=article]").length === 1;
    event.target.checked = true;
    if (hadChosen) solving.requestSubmit(solving.querySelector("[data-send]"));
  } else if (event.target.matches("input")) event.preventDefault();
});
for (const button_ of document.querySelectorAll("[data-look]")) button_.hidden = true;
for (const line of document.querySelectorAll("[data-suggestion]")) line.hidden = false;
document.addEventListener("click", (event) => {
  if (!event.target.closest?.("[data-take-suggested]")) return;
  for (const field of solving.querySelectorAll("[data-suggested]")) {
    if (field.matches("select")) field.value = field.dataset.suggested;
    else field.checked = true;
  }
});
document.addEventListener("keydown", (event) => {
  const fold = event.key === "Escape" && document.querySelector(".chat-action[open]");
  if (!fold || event.defaultPrevented) return;
  fold.open = false;
  fold.querySelector("summary").focus();
});

// --- The list beside ------------------------------------------------------------------------------

const timers = new Map();
document.body.addEventListener("desk:typing", ({ detail }) => {
  const row = document.querySelector(`[data-chat-row="${CSS.escape(detail)}"] [data-typing]`);
  if (!row) return;
  row.hidden = false;
  clearTimeout(timers.get(detail));
  timers.set(detail, setTimeout(() => {
    const shown = document.querySelector(`[data-chat-row="${CSS.escape(detail)}"] [data-typing]`);
    if (shown) shown.hidden = true;
  }, TYPING_SHOWN_MS));
});
