// What goes on while the page is open: who else is here, whether the customer has written, how long there is to undo.

const POLL_MS = 10_000;
const TYPING_MS = 15_000;
const place = document.querySelector("[data-present]");
let typedAt = 0;
let shown = place.innerHTML.trim();

async function poll(fields = {}) {
  const body = new FormData();
  body.set("csrfmiddlewaretoken", document.querySelector("[data-box] [name=csrfmiddlewaretoken]").value);
  body.set("seen", place.dataset.seen);
  body.set("typing", Date.now() - typedAt < TYPING_MS ? "1" : "0");
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  try {
    const response = await fetch(place.dataset.present, { method: "POST", body, redirect: "error", keepalive: "leave" in fields });
    if (response.status !== 200) return;
    const html = (await response.text()).trim();
    // Said again only when it has changed, or a screen reader would read it every ten seconds.
    if (html !== shown) place.innerHTML = html;
    shown = html;
  } catch {
    // The next time may work.
  }
}

document.querySelector("[data-box]").addEventListener("input", (event) => {
  if (!event.target.matches("textarea")) return;
  const wasQuiet = Date.now() - typedAt > TYPING_MS;
  typedAt = Date.now();
  if (wasQuiet) poll();
});
setInterval(() => !document.hidden && poll(), POLL_MS);
document.addEventListener("visibilitychange", () => !document.hidden && poll());
window.addEventListener("pagehide", () => poll({ leave: "1" }));

const undo = document.querySelector("[data-undo]");
if (undo) {
  const count = undo.querySelector("[data-undo-count]");
  const ends = Date.now() + Number(count.textContent) * 1000;
  const timer = setInterval(() => {
    const left = Math.max(0, Math.ceil((ends - Date.now()) / 1000));
    count.textContent = left;
    if (left) return;
    clearInterval(timer);
    undo.querySelector("button").remove();
    undo.querySelector("[data-undo-text]").textContent = undo.dataset.gone;
    for (const held of document.querySelectorAll(".msg.held")) {
      held.classList.remove("held");
      held.querySelector(".chip.warn")?.remove();
    }
    setTimeout(() => undo.remove(), 3000);
  }, 250);
}
