// What rings on every page of the desk: chats offered to this agent, customers who wait, what is unread. While the
// page is open a socket says that the agent is there; where there is none, an ordinary request does so. The server
// has the state, this only asks for it and shows it.

const place = document.querySelector("#chat-alerts");
const PART = "[data-part]";
const HERE_MS = 20_000;
const LOOK_MS = 10_000;
const SOON_MS = 250;
const COUNT_MS = 2000;
const PAUSES_MS = [1000, 2000, 5000, 10_000, 20_000];
const GONE = 4401;
const RANG = "svar:desk-rang";
const CHOICE = "svar:desk-alarm-";
const title = document.title;

/** Storage may be forbidden, even to name; then choices last as long as the page. */
const kept = new Map();
function recall(storage, name) {
  try {
    return window[storage].getItem(name);
  } catch {
    return kept.get(name) ?? null;
  }
}
function keep(storage, name, value) {
  kept.set(name, value);
  try {
    window[storage].setItem(name, value);
  } catch {
    // The map has it.
  }
}
const wants = (what) => recall("localStorage", CHOICE + what) === "1";

let socket = null;
let tries = 0;
let isOut = false;
let soon = 0;
let asked = 0;
let counting = 0;

const isOpen = () => socket?.readyState === WebSocket.OPEN;

function connect() {
  if (isOut || (socket && socket.readyState <= WebSocket.OPEN)) return;
  try {
    socket = new WebSocket(new URL(place.dataset.socket, location.href.replace(/^http/, "ws")).href);
  } catch {
    return;
  }
  const mine = socket;
  mine.onopen = () => {
    tries = 0;
    look();
  };
  mine.onmessage = ({ data }) => {
    const frame = JSON.parse(data);
    if (frame.type === "typing") document.body.dispatchEvent(new CustomEvent("desk:typing", { detail: frame.chat }));
    else lookSoon();
  };
  mine.onclose = ({ code }) => {
    if (code === GONE) isOut = true;
    else setTimeout(connect, PAUSES_MS[Math.min(tries++, PAUSES_MS.length - 1)] * (0.7 + Math.random() * 0.6));
  };
}

function lookSoon() {
  if (!soon) soon = setTimeout(() => look(), SOON_MS);
}

/** The counts of the views, which cost more than this page's own state. */
function count() {
  counting = 0;
  document.querySelector("#rail")?.dispatchEvent(new CustomEvent("desk:refresh"));
}

async function look(isHere = false) {
  clearTimeout(soon);
  soon = 0;
  const mine = ++asked;
  const options = isHere ? { method: "POST", headers: { "X-CSRFToken": place.querySelector("[name=csrfmiddlewaretoken]").value } } : {};
  try {
    const response = await fetch(place.dataset.now, { ...options, redirect: "error" });
    if (response.ok && mine === asked) show(await response.text());
  } catch {
    // The next look may work.
  }
}

function show(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const state = template.content.querySelector("#chat-state");
  for (const part of document.querySelectorAll(PART)) {
    const fresh = template.content.getElementById(part.dataset.part);
    // Said and drawn again only when something is different, and never under somebody's hands.
    if (!fresh || part.dataset.html === fresh.innerHTML || part.querySelector("details[open]")) continue;
    if (part.dataset.part === "chat-offers" && sameOffers(part, fresh)) continue;
    const hadFocus = part.contains(document.activeElement) && document.activeElement.id;
    part.dataset.html = fresh.innerHTML;
    part.innerHTML = fresh.innerHTML;
    if (hadFocus) document.getElementById(hadFocus)?.focus();
  }
  begin();
  const before = place.dataset.state;
  place.dataset.state = JSON.stringify({ ...state.dataset });
  for (const count of document.querySelectorAll("[data-count=live-chat]")) count.textContent = state.dataset.waiting;
  countInTitle(state.dataset.asks);
  if (before !== place.dataset.state) {
    document.body.dispatchEvent(new CustomEvent("desk:chats"));
    if (before && !counting) counting = setTimeout(count, COUNT_MS);
  }
  ring(state.dataset.rings.split(" ").filter(Boolean), template.content);
}

let asks = 0;
function countInTitle(count) {
  asks = count;
  document.title = asks > 0 ? `(${asks}) ${title}` : title;
}
// A part that is drawn again brings the title of its page along.
document.addEventListener("htmx:afterSettle", () => countInTitle(asks));

const offersIn = (root) => [...root.querySelectorAll("[data-offer]")].map((one) => one.dataset.offer).join();
const sameOffers = (part, fresh) => offersIn(part) !== "" && offersIn(part) === offersIn(fresh);

/** What is new rings once, also over several pages. */
function ring(all, content) {
  const rang = (recall("sessionStorage", RANG) ?? "").split(" ");
  const fresh = all.filter((one) => !rang.includes(one));
  keep("sessionStorage", RANG, all.join(" "));
  if (!fresh.length) return;
  const offer = content.querySelector("[data-offer] b")?.textContent;
  const words = (offer || content.querySelector(".chat-waits a")?.textContent || "").trim();
  // Only what is offered to this very agent interrupts; what waits for anybody is a status of its own.
  if (offer) place.querySelector("[data-announce]").textContent = words;
  if (wants("sound")) new Audio(place.dataset.sound).play().catch(() => {});
  if (wants("notes") && document.hidden && globalThis.Notification?.permission === "granted" && words) {
    const note = new Notification(words, { tag: "svar-chat" });
    note.addEventListener("click", () => {
      window.focus();
      note.close();
    });
  }
}

/** The choices of the alarm, which only a script can keep. */
function begin() {
  const choices = document.querySelector("[data-alarm-choices]");
  if (!choices) return;
  choices.hidden = false;
  choices.querySelector("[data-alarm-notes]").hidden = !("Notification" in globalThis);
  for (const box of choices.querySelectorAll("[data-alarm]")) box.checked = wants(box.dataset.alarm);
}

document.addEventListener("change", async (event) => {
  const box = event.target.closest?.("[data-alarm]");
  if (!box) return;
  if (box.dataset.alarm === "notes" && box.checked && (await Notification.requestPermission()) !== "granted") {
    box.checked = false;
    box.closest("label").append(Object.assign(document.createElement("span"), { className: "hint", textContent: place.dataset.refused }));
  }
  keep("localStorage", CHOICE + box.dataset.alarm, box.checked ? "1" : "0");
  if (box.dataset.alarm === "sound" && box.checked) new Audio(place.dataset.sound).play().catch(() => {});
});

// Availability and “not now” without leaving the page that somebody works on.
document.addEventListener("submit", async (event) => {
  const form = event.target.closest?.("[data-availability-form], [data-decline]");
  if (!form) return;
  event.preventDefault();
  const body = new FormData(form, event.submitter);
  try {
    const response = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" }, redirect: "error" });
    if (!response.ok) throw new Error(String(response.status));
    const fold = form.closest("details");
    if (fold) {
      fold.open = false;
      fold.querySelector("summary").focus();
    }
    asked += 1;
    show(await response.text());
  } catch {
    form.submit();
  }
});
document.addEventListener("click", (event) => {
  for (const fold of document.querySelectorAll(".availability[open]")) if (!fold.contains(event.target)) fold.open = false;
});
document.addEventListener("keydown", (event) => {
  const fold = event.key === "Escape" && document.querySelector(".availability[open]");
  if (!fold) return;
  fold.open = false;
  fold.querySelector("summary").focus();
});

if (place) {
  begin();
  connect();
  setInterval(() => !isOpen() && !isOut && look(true), HERE_MS);
  setInterval(() => !document.hidden && !isOut && look(), LOOK_MS);
  setInterval(() => {
    for (const left of document.querySelectorAll("[data-seconds]")) left.textContent = Math.max(0, Number(left.textContent) - 1);
  }, 1000);
  addEventListener("online", () => connect());
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    connect();
    look();
  });
}
