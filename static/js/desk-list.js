// The list of cases: choosing many at a time, and an order that takes effect at once. All of it works without.

const bar = () => document.querySelector("#bulk");
const boxes = () => [...document.querySelectorAll(".choose input")];

function show() {
  const form = bar();
  if (!form) return;
  const chosen = boxes().filter((box) => box.checked).length;
  const all = form.querySelector("[data-check-all]");
  all.checked = chosen > 0 && chosen === boxes().length;
  all.indeterminate = chosen > 0 && !all.checked;
  form.classList.toggle("has-chosen", chosen > 0 || form.querySelector("[name=all]")?.checked === true);
}

function begin() {
  for (const part of document.querySelectorAll("[data-with-script]")) part.hidden = false;
  show();
}

document.documentElement.classList.add("has-script");
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-check-all]")) for (const box of boxes()) box.checked = event.target.checked;
  if (event.target.matches("[data-check-all], .choose input, #bulk [name=all]")) show();
  if (event.target.closest("[data-send-on-change]")) event.target.form.requestSubmit();
});

// From one box to another with Shift held, everything between them.
let last = null;
document.addEventListener("click", (event) => {
  if (!event.target.matches(".choose input")) return;
  const all = boxes();
  if (event.shiftKey && all.includes(last)) {
    const [from, to] = [all.indexOf(last), all.indexOf(event.target)].sort((one, other) => one - other);
    for (const box of all.slice(from, to + 1)) box.checked = event.target.checked;
    show();
  }
  last = event.target;
});

// An open help or filter gives way to a click elsewhere and to Escape.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(".search-help[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll(".search-help[open], .filters[open]")) {
    menu.open = false;
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
  }
});
// Where there is little room, the ways to other places wait behind a button. The rail is replaced now and then.
const root = document.documentElement;

function fold() {
  const button = document.querySelector("[data-rail-toggle]");
  if (!button) return;
  button.hidden = false;
  button.setAttribute("aria-expanded", String(root.classList.contains("rail-open")));
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-rail-toggle]")) return;
  root.classList.toggle("rail-open");
  fold();
});
document.body.addEventListener("htmx:afterSwap", fold);
window.addEventListener("pageshow", show);
fold();
begin();
