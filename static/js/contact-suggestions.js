// Suggestions while somebody writes, opened in place. They have a place of their own: whatever comes, opens or goes in
// it, the text and the send button stay where they are.

import { changed, dismissed } from "./contact-draft.js";
import { element, form, message, note, said, send, subject, topic, words } from "./contact-page.js";

const PAUSE_MS = 500;
const FEWEST_CHARACTERS = 8;
// So long a hidden suggestion can be had back before it is told that it was no help.
const UNDO_MS = 10_000;
const ROOM = 8;
const LEAST_HEIGHT = 340;
const MOST_HEIGHT = 640;

const written = form.querySelector(".ask-top");
const place = form.querySelector("[data-suggestions]");
const list = place.querySelector("[data-suggestion-list]");
const panel = place.querySelector("[data-suggestion-panel]");
const status = place.querySelector("[data-suggestion-status]");
let emptyList = list.innerHTML;
let timer, request, opened, shownFor;
const untold = new Map();

// --- Asking --------------------------------------------------------------------------------------

export function askSoon() {
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE_MS);
}
export async function ask({ isNewTopic = false } = {}) {
  clearTimeout(timer);
  request?.abort();
  const isShort = message.value.trim().length + subject.value.trim().length < FEWEST_CHARACTERS;
  if (isShort && !isNewTopic) {
    show(emptyList);
    return;
  }
  request = new AbortController();
  const asked = new URLSearchParams({ message: message.value, subject: subject.value, topic: topic.value });
  for (const id of dismissed) asked.append("dismissed", id);
  try {
    const response = await fetch(words.suggestUrl, { method: "POST", signal: request.signal, body: asked });
    if (!response.ok) return;
    const html = await response.text();
    if (isNewTopic && isShort) emptyList = html;
    show(html);
  } catch {
    // Offline, or overtaken by more text: what is shown stays until there is something better.
  }
}
function show(html) {
  if (html.trim() === shownFor) return;
  shownFor = html.trim();
  const hadFocus = list.contains(document.activeElement) ? document.activeElement.dataset.articleId : null;
  const isOpen = !panel.hidden;
  list.innerHTML = html;
  list.hidden = isOpen;
  status.textContent = list.querySelector("h2")?.textContent ?? "";
  if (hadFocus) (list.querySelector(`[data-article-id="${hadFocus}"]`) ?? message).focus({ preventScroll: true });
}
form.addEventListener("topic-shown", () => ask({ isNewTopic: true }));

// --- Opening -------------------------------------------------------------------------------------

async function open(link) {
  const card = link.closest("[data-suggestion]");
  opened = card.dataset.suggestion;
  const wait = element("div", "card panel-wait");
  wait.append(element("p", "", words.loading));
  wait.firstChild.setAttribute("role", "status");
  panel.replaceChildren(wait);
  list.hidden = true;
  panel.hidden = false;
  place.scrollTop = 0;
  arrange();
  try {
    const response = await fetch(link.dataset.panel);
    if (!response.ok) throw new Error(response.statusText);
    const html = await response.text();
    // Closed meanwhile, or another one was opened.
    if (!wait.isConnected) return;
    panel.innerHTML = html;
    panel.querySelector("h2").focus({ preventScroll: true });
    const marks = highlight(panel.querySelector(".prose"), card.dataset.passage);
    scrollTo(link.dataset.section ? panel.querySelector(`#${CSS.escape(link.dataset.section)}`) : null, marks);
  } catch {
    if (!wait.isConnected) return;
    const fallback = link.cloneNode(true);
    fallback.removeAttribute("data-panel");
    const back = element("button", "btn quiet sm", document.querySelector("[data-close-word]").dataset.closeWord);
    back.type = "button";
    back.dataset.close = "";
    wait.firstChild.replaceChildren(`${words.notLoaded} `, fallback);
    wait.append(back);
    fallback.focus({ preventScroll: true });
  }
}
/** As high as there is room in sight. On a narrow screen the article lies over the text that is being written, never
 * over the send button. */
function arrange() {
  panel.style.removeProperty("top");
  panel.style.removeProperty("height");
  const end = (visualViewport?.height ?? innerHeight) - ROOM;
  if (getComputedStyle(panel).position !== "absolute") {
    const from = place.getBoundingClientRect().top;
    panel.style.height = `${Math.min(Math.max(end - from, LEAST_HEIGHT), MOST_HEIGHT)}px`;
    return;
  }
  const around = written.getBoundingClientRect();
  const limit = Math.min(end, send.getBoundingClientRect().top - ROOM);
  const to = Math.min(Math.max(around.top, ROOM) + MOST_HEIGHT, Math.max(limit, around.bottom));
  // Above a keyboard there is little room: its head and its foot are what must be in sight then.
  const least = Math.min(LEAST_HEIGHT, Math.max(end - ROOM, 0));
  const from = Math.max(around.top, Math.min(ROOM, to - least));
  panel.style.top = `${from - around.top}px`;
  panel.style.height = `${Math.max(to - from, 0)}px`;
}
/** Only the article scrolls, within its panel: to the section that was asked for, else to what answers. */
function scrollTo(heading, marks) {
  const body = panel.querySelector(".panel-body");
  const edge = body.getBoundingClientRect();
  const target = heading ?? marks[0];
  if (!target) return;
  const { top } = target.getBoundingClientRect();
  const end = (heading ?? marks.at(-1)).getBoundingClientRect().bottom;
  if (heading || end > edge.bottom) body.scrollTop += top - edge.top - (heading ? 0 : edge.height / 3);
}

/** Marks in the article the passage that the suggestion showed. Returns its parts. */
function highlight(root, passage) {
  const marks = [];
  for (const sentence of (passage ?? "").split(/(?<=[.!?])\s+|\n+|…/)) {
    const wanted = sentence.replace(/\s+/g, " ").trim();
    if (wanted.length > 2) marks.push(...markText(root, wanted));
  }
  return marks;
}
function markText(root, wanted) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const signs = []; // each sign of the text with its place, runs of space being one
  for (let node; (node = walker.nextNode()); ) {
    for (let at = 0; at < node.length; at++) {
      const sign = /\s/.test(node.data[at]) ? " " : node.data[at];
      if (sign !== " " || signs.at(-1)?.sign !== " ") signs.push({ sign, node, at });
    }
  }
  const start = signs.map((one) => one.sign).join("").indexOf(wanted);
  if (start < 0) return [];
  const byNode = new Map();
  for (const one of signs.slice(start, start + wanted.length)) byNode.set(one.node, [...(byNode.get(one.node) ?? []), one]);
  return [...byNode].filter(([node]) => node.data.trim()).map(([node, part]) => {
    const range = document.createRange();
    range.setStart(node, part[0].at);
    range.setEnd(node, part.at(-1).at + 1);
    const mark = document.createElement("mark");
    range.surroundContents(mark);
    return mark;
  });
}

function close({ focus = true } = {}) {
  if (panel.hidden) return;
  panel.hidden = true;
  panel.replaceChildren();
  list.hidden = false;
  if (focus) (list.querySelector(`[data-article-id="${opened}"]`) ?? message).focus({ preventScroll: true });
}

// --- Hiding --------------------------------------------------------------------------------------

function hide(id, { isTold = false } = {}) {
  const card = list.querySelector(`[data-suggestion="${id}"]`);
  dismissed.add(id);
  changed();
  if (!isTold) untold.set(id, setTimeout(tell, UNDO_MS, id));
  if (!card) return;
  const before = [...card.childNodes];
  const line = element("p", "small muted", said(words.hidden, { title: card.dataset.title }));
  const undo = element("button", "btn quiet sm", words.undo);
  undo.type = "button";
  undo.addEventListener("click", () => {
    clearTimeout(untold.get(id));
    untold.delete(id);
    dismissed.delete(id);
    changed();
    card.replaceChildren(...before);
    card.classList.remove("is-hidden");
    card.querySelector("a[data-article-id]").focus({ preventScroll: true });
  });
  card.classList.add("is-hidden");
  card.replaceChildren(line, undo);
  undo.focus({ preventScroll: true });
}
function tell(id) {
  clearTimeout(untold.get(id));
  if (untold.delete(id)) note({ type: "suggestion_dismissed", article: id });
}
addEventListener("pagehide", () => [...untold.keys()].forEach(tell));

place.addEventListener("click", (event) => {
  const { target } = event;
  const link = target.closest("a[data-panel]");
  const no = target.closest("[data-not-answered]");
  const unwanted = target.closest("[data-dismiss]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    open(link);
  } else if (no) {
    note({ type: "not_answered", article: Number(no.dataset.notAnswered) });
    close();
    hide(Number(no.dataset.notAnswered), { isTold: true });
  } else if (unwanted) {
    hide(Number(unwanted.dataset.dismiss));
  } else if (target.closest("[data-close]")) {
    close();
  } else if (target.closest(".panel-body a[href]")) {
    // A link inside the article must not take the reader away from what is being written.
    const inside = target.closest("a");
    if (!inside.getAttribute("href").startsWith("#")) inside.target = "_blank";
  }
});
place.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !panel.hidden) close();
});
// Where the article lies over the form, it makes way for whoever goes on there.
form.addEventListener("focusin", ({ target }) => {
  if (!panel.hidden && !panel.contains(target) && getComputedStyle(panel).position === "absolute") close({ focus: false });
});
addEventListener("resize", () => panel.hidden || arrange());
form.addEventListener("draft-filled", () => ask());
