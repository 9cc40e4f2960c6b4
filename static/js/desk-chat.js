// A chat as an agent has it: the conversation over a socket, each message sent once and in order however the network
// is (chat-room.js). Without this file the page does the same by ordinary requests.

import { Refused, Room } from "./chat-room.js";

const TYPING_SHOWN_MS = 6000;
const NEAR_END_PX = 60;
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
const clock = new Intl.DateTimeFormat(config.language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(config.language, { day: "numeric", month: "short" });
const token = () => document.querySelector("[name=csrfmiddlewaretoken]").value;
const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

function make(name, className = "", content = "") {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (content) element.textContent = content;
  return element;
}
function button(content, onClick) {
  const element = make("button", "chat-link", content);
  element.type = "button";
  element.addEventListener("click", onClick);
  return element;
}

/** The same room, entered with the session instead of a key. */
class DeskRoom extends Room {
  async post(what, fields) {
    const body = fields instanceof FormData ? fields : new FormData();
    if (fields instanceof FormData) {
      for (const file of fields.getAll("files")) body.append("attachments", file);
      body.delete("files");
    } else {
      for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) body.append(name, one);
    }
    const headers = { "X-CSRFToken": token(), Accept: "application/json" };
    const response = await fetch(config.say, { method: "POST", headers, body, redirect: "error" });
    const answer = await response.json().catch(() => ({}));
    if (response.status === 400) throw new Refused(answer.detail ?? "");
    if (!response.ok) throw new Error(response.statusText);
    return answer;
  }
  take(frame) {
    if (frame.type === "presence") showThere(frame.is_there);
    else super.take(frame);
  }
}

const items = new Map();
const notices = new Map();
let seenByThem = 0;
let isFirst = true;
let shownState = null;
let typingTimer = 0;

const isRead = () => document.visibilityState === "visible";
const isAtEnd = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_END_PX;
const toEnd = () => scroll.scrollTo({ top: scroll.scrollHeight, behavior: "instant" });

function place(element, order) {
  element.dataset.order = order;
  list.insertBefore(element, [...list.children].find((one) => Number(one.dataset.order) > order) ?? null);
}
function linked(body) {
  return body.split(/(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]])/).map((part, index) => {
    if (index % 2 === 0) return part;
    return Object.assign(make("a", "", part), { href: part, target: "_blank", rel: "noopener noreferrer" });
  });
}
function lineItem({ who, isOurs, at, body, files = [], way = "" }) {
  const item = make("li", `chat-line${isOurs ? " is-ours" : ""}`);
  const head = make("p", "chat-who", who);
  const when = new Date(at);
  const isToday = when.toDateString() === new Date().toDateString();
  const time = make("time", "", [isToday ? "" : day.format(when), clock.format(when), way].filter(Boolean).join(", "));
  time.dateTime = at;
  head.append(" ", time);
  const bubble = make("div", "chat-bubble");
  const paragraph = make("p");
  paragraph.dir = "auto";
  paragraph.append(...(isOurs ? linked(body) : [body]));
  bubble.append(paragraph, ...files.map(fileItem));
  item.append(head, bubble);
  return item;
}
function fileItem(file) {
  const link = Object.assign(make("a", "", file.is_image ? "" : file.name), { href: file.url, target: "_blank", rel: "noopener" });
  if (file.is_image) link.append(Object.assign(make("img"), { src: file.url, alt: file.name, decoding: "async", loading: "lazy" }));
  const holder = make("p");
  holder.append(link);
  return holder;
}
function showThere(isThere) {
  const there = document.querySelector("[data-there]");
  const sentence = isThere ? words.there : words.not_there;
  if (there.textContent !== sentence) there.textContent = sentence;
}
function markSeen() {
  for (const mark of list.querySelectorAll(".chat-mark.is-seen")) mark.remove();
  const ours = [...items].filter(([, item]) => item.classList.contains("is-ours")).at(-1);
  const isLast = ours && ours[0] === Math.max(...items.keys());
  if (isLast && seenByThem >= ours[0]) ours[1].append(make("p", "chat-mark is-seen", words.seen));
}
function sawIt() {
  if (isRead() && shownState?.is_mine) room.sawAll();
}
function tell(sentence, isPassing = false) {
  filePanel.replaceChildren(...(sentence ? [make("p", "", sentence)] : []));
  filePanel.hidden = !sentence;
  if (isPassing) setTimeout(() => tell(""), 8000);
}

const listener = {
  lines(lines) {
    const wasAtEnd = isAtEnd();
    // What the page brought along is the same, and is built anew once there is more to show than the page can.
    if (isFirst) list.replaceChildren();
    for (const line of lines) {
      const isOurs = line.side === "agent";
      const who = line.who || (isOurs ? words.us : words.customer);
      const item = lineItem({ ...line, who, isOurs, way: line.channel === "email" ? words.from_mail : "" });
      place(item, line.seq);
      items.set(line.seq, item);
      if (!isOurs) typing.textContent = "";
    }
    markSeen();
    if (wasAtEnd || isFirst) toEnd();
    for (const field of document.querySelectorAll("[data-seen-seq]")) field.value = room.last;
    sawIt();
  },
  notices(all) {
    for (const notice of all) {
      if (notices.has(notice.id)) continue;
      const item = notice.is_note ? make("li", "chat-note") : make("li", "chat-notice", notice.text);
      if (notice.is_note) {
        item.append(make("p", "chat-who", `${fill(words.note_by, { name: notice.who })}, ${words.only_us}`));
        item.append(Object.assign(make("p", "plain", notice.text), { dir: "auto" }));
      }
      const wasAtEnd = isAtEnd();
      notices.set(notice.id, item);
      place(item, notice.after + 0.5 + notices.size / 10000);
      if (wasAtEnd || isFirst) toEnd();
    }
  },
  state(state) {
    // Who may write, and what can be done, is the page's own to say.
    if (shownState && (shownState.is_mine !== state.is_mine || shownState.state !== state.state)) {
      location.reload();
      return;
    }
    shownState = state;
    const standing = box.querySelector("[data-standing]");
    if (standing.textContent !== state.words) standing.textContent = state.words;
    seenByThem = Math.max(seenByThem, state.seen);
    showThere(state.is_there);
    markSeen();
    sawIt();
    if (isFirst) {
      isFirst = false;
      toEnd();
      // After this turn, so that what is there already is not read out.
      setTimeout(() => scroll.setAttribute("aria-live", "polite"), 300);
    }
  },
  waiting(queue) {
    pending.replaceChildren(
      ...queue.map((message) => {
        const item = lineItem({ who: words.you, isOurs: true, at: message.at, body: message.body });
        item.classList.add("is-unsent");
        item.append(make("p", "chat-mark", room?.isOpen ? words.sending : words.waiting));
        return item;
      }),
    );
    if (queue.length) toEnd();
  },
  refused(message, reason) {
    const item = lineItem({ who: words.you, isOurs: true, at: message.at, body: message.body });
    const mark = make("p", "chat-mark", fill(words.refused, { reason }));
    mark.setAttribute("role", "alert");
    item.classList.add("is-refused");
    if (text) mark.append(button(words.edit, () => {
      put([message.body, text.value].filter(Boolean).join("\n"));
      item.remove();
    }));
    mark.append(button(words.remove, () => item.remove()));
    item.append(mark);
    place(item, room.last + 0.9);
    toEnd();
  },
  typing() {
    typing.textContent = words.typing_us;
    clearTimeout(typingTimer);
    typingTimer = setTimeout(() => (typing.textContent = ""), TYPING_SHOWN_MS);
    if (isAtEnd()) toEnd();
  },
  seen(seq) {
    seenByThem = Math.max(seenByThem, seq);
    markSeen();
  },
  done() {},
  line({ isOpen, isSlow, isGone, seconds, tries }) {
    listener.waiting(room.queue);
    const parts = [];
    if (isGone) parts.push(make("p", "", words.gone));
    else if (isSlow) parts.push(make("p", "", words.slow));
    else if (!isOpen && tries > 1) {
      parts.push(make("p", "", `${words.offline}${seconds > 1 ? ` ${fill(words.again, { seconds })}` : ""}`));
      parts.push(button(words.try_now, () => room.connect()));
    }
    linePanel.replaceChildren(...parts);
    linePanel.hidden = parts.length === 0;
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
room.open();
toEnd();
document.addEventListener("visibilitychange", sawIt);
addEventListener("focus", sawIt);

const macros = () => [...form.querySelectorAll("[name=macros]")];
text?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || matchMedia("(pointer: coarse)").matches) return;
  event.preventDefault();
  form.requestSubmit();
});
text?.addEventListener("input", () => {
  room.keepDraft(text.value);
  if (text.value.trim()) room.typing();
});
form?.addEventListener("submit", (event) => {
  event.preventDefault();
  const body = text.value.trim();
  if (!body) return text.focus();
  const numbers = macros().map((one) => Number(one.value));
  for (const one of macros()) one.remove();
  text.value = "";
  room.draft = "";
  room.say(body, numbers.length ? { macros: numbers } : {});
  text.focus();
  return undefined;
});

// --- Files ---------------------------------------------------------------------------------------

async function sendFiles(chosen) {
  const { max_bytes: limit, max_files: most } = config.limits;
  const large = chosen.find((file) => file.size > limit);
  if (large) return tell(fill(words.too_large, { name: large.name, size: `${(large.size / 1048576).toFixed(1)} MB`, limit: words.limit }));
  const name = chosen.slice(0, most).map((file) => file.name).join(", ");
  tell(fill(words.file_sending, { name }));
  try {
    await room.sendFiles(chosen.slice(0, most));
    tell(chosen.length > most ? words.too_many : "");
  } catch (error) {
    tell(fill(words.file_failed, { name, reason: error instanceof Refused ? error.message : words.no_connection }));
  }
  return text.focus();
}
const picker = form?.querySelector("#id_files");
picker?.addEventListener("change", () => {
  const chosen = [...picker.files];
  picker.value = "";
  if (chosen.length) sendFiles(chosen);
});
text?.addEventListener("paste", (event) => {
  const files = [...event.clipboardData.files];
  if (!files.length) return;
  event.preventDefault();
  sendFiles(files);
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
