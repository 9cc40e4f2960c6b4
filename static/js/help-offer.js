// Help in context: once a visit, when a rule says so, a person is offered beside the text or below it, never over it.
// The server decides whether there is something to offer, and says it.

const script = document.querySelector("script[data-help-rules]");
const { url, page, topic } = script.dataset;
const rules = JSON.parse(script.dataset.helpRules);
const HAD_IT = "svar:help";
const SEARCHES = "svar:searches";
const EDGE_PX = 16;
let isAsking = false;
let hadIt = false;

function kept(name, value) {
  try {
    if (value === undefined) return sessionStorage.getItem(name);
    sessionStorage.setItem(name, value);
  } catch {
    // Without storage the server's own memory of the visit decides.
  }
  return null;
}

function send(rule, what) {
  const body = new URLSearchParams({ rule, what, page, topic });
  return fetch(url, { method: "POST", body, keepalive: what !== "offer" });
}

async function offer(rule) {
  if (isAsking || hadIt || kept(HAD_IT)) return;
  isAsking = true;
  try {
    const response = await send(rule.id, "offer");
    if (response.status === 200) {
      hadIt = true;
      kept(HAD_IT, "1");
      show(await response.text(), rule);
    }
  } catch {
    // Offline: the ways at the foot of the page are there all the same.
  }
  isAsking = false;
}

// --- Where it stands -----------------------------------------------------------------------------

const main = document.querySelector("main");

/** Whether a panel of that width fits between the text and the edge of the window. */
function fitsInMargin(width) {
  const rights = [...document.querySelectorAll(".wrap")].map((one) => one.getBoundingClientRect().right);
  return document.documentElement.clientWidth - Math.max(...rights) >= width + 2 * EDGE_PX;
}

function put(place) {
  place.className = "help-place is-in-margin";
  if (place.parentElement !== main) main.append(place);
  if (fitsInMargin(place.offsetWidth)) return;
  const side = main.querySelector(".side");
  const isBeside = side && getComputedStyle(side).position === "sticky";
  const target = isBeside ? side : (main.querySelector(":scope > .wrap.page") ?? main);
  place.className = `help-place ${isBeside ? "is-in-side" : "is-in-flow"}`;
  target.append(place);
  // Only the column moves, and only inside itself.
  if (isBeside) side.scrollTop = side.scrollHeight;
}

function show(html, rule) {
  const place = document.createElement("div");
  place.setAttribute("role", "status");
  put(place);
  place.replaceChildren(new DOMParser().parseFromString(html, "text/html").body.firstElementChild);
  put(place);
  const again = () => place.contains(document.activeElement) || put(place);
  addEventListener("resize", again);
  const dismiss = () => {
    const hadFocus = place.contains(document.activeElement);
    removeEventListener("resize", again);
    place.remove();
    if (hadFocus) main.focus({ preventScroll: true });
    send(rule.id, "dismissed").catch(() => {});
  };
  place.querySelector("[data-help-dismissed]").addEventListener("click", dismiss);
  place.querySelector("[data-help-taken]").addEventListener("click", () => send(rule.id, "taken").catch(() => {}));
  place.addEventListener("keydown", (event) => event.key === "Escape" && dismiss());
}

// --- When ----------------------------------------------------------------------------------------

function afterTime(rule) {
  let left = rule.seconds;
  const timer = setInterval(() => {
    if (document.visibilityState !== "visible") return;
    left -= 1;
    if (left > 0) return;
    clearInterval(timer);
    offer(rule);
  }, 1000);
}

/** Searches in a row after which nothing was opened: reading anything begins anew. */
function searchesInVain() {
  if (page === "article") kept(SEARCHES, "[]");
  const query = new URLSearchParams(location.search).get("q")?.trim().toLowerCase();
  const before = JSON.parse(kept(SEARCHES) || "[]");
  if (page !== "search" || !query) return before.length;
  const all = [...new Set([...before, query])].slice(-5);
  kept(SEARCHES, JSON.stringify(all));
  return all.length;
}

const inVain = searchesInVain();
for (const rule of rules) {
  if (rule.on === "time") afterTime(rule);
  if (rule.on === "at_once") offer(rule);
  if (rule.on === "second_search" && page === "search" && inVain > 1) offer(rule);
  if (rule.on === "not_quite") {
    document.addEventListener("submit", (event) => event.submitter?.name === "helpful" && event.submitter.value === "no" && offer(rule));
  }
}
