// Putting things into what is being written: macros, articles, colleagues' names. Without this file the same
// buttons make a round trip and give back the text with the thing in it.

const box = document.querySelector("[data-box]");
const text = box.querySelector("#id_body");

function insert(area, words) {
  const before = area.value.slice(0, area.selectionStart);
  const gap = !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  area.setRangeText(gap + words, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
}

function insertMacro(button) {
  insert(text, button.dataset.insertMacro);
  const form = text.form;
  if (![...form.querySelectorAll("[name=macros]")].some((one) => one.value === button.value)) {
    const used = Object.assign(document.createElement("input"), { type: "hidden", name: "macros", value: button.value });
    used.dataset.then = button.dataset.then;
    form.append(used);
  }
  const then = form.querySelector(`[name=then][value="${button.dataset.then}"]`);
  if (then) then.checked = true;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-insert-macro], [data-insert]");
  if (!button) return;
  event.preventDefault();
  if (button.hasAttribute("data-insert-macro")) insertMacro(button);
  else insert(text, `${button.dataset.title}\n${button.dataset.insert}\n`);
  button.closest("details[data-picker]")?.removeAttribute("open");
});
const unhide = () => {
  for (const button of document.querySelectorAll("[data-insert][hidden]")) button.hidden = false;
};
unhide();
document.addEventListener("htmx:afterSettle", unhide);

for (const picker of box.querySelectorAll("[data-picker]")) {
  const search = picker.querySelector("input[type=search]");
  const picks = () => [...picker.querySelectorAll(".pick")];
  // What is listed was found for these words; whoever is quicker than the answer gets the first of what they wrote.
  let foundFor = "";
  let isAwaited = false;
  picker.addEventListener("htmx:afterSettle", () => {
    foundFor = search.value;
    if (isAwaited) picks()[0]?.click();
    isAwaited = false;
  });
  search.addEventListener("input", () => (isAwaited = false));
  picker.addEventListener("toggle", () => {
    if (!picker.open) {
      search.value = "";
      return;
    }
    for (const other of box.querySelectorAll("[data-picker][open]")) if (other !== picker) other.open = false;
    // This comes a moment after the key; what was typed by then counts.
    search.dispatchEvent(new CustomEvent("picker-open"));
    search.focus();
  });
  picker.addEventListener("keydown", (event) => {
    const at = picks().indexOf(document.activeElement);
    if (event.key === "Escape") {
      event.preventDefault();
      picker.open = false;
      text.focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const next = at + (event.key === "ArrowDown" ? 1 : -1);
      (picks()[next] || (next < 0 ? search : picks().at(-1)))?.focus();
    } else if (event.key === "Enter" && event.target === search) {
      event.preventDefault();
      if (search.value === foundFor) picks()[0]?.click();
      else isAwaited = true;
    }
  });
}
document.addEventListener("pointerdown", (event) => {
  for (const picker of box.querySelectorAll("[data-picker][open]")) if (!picker.contains(event.target)) picker.open = false;
});

// Colleagues, after an @ in a note.
for (const area of box.querySelectorAll("[data-mentions]")) {
  const list = Object.assign(document.createElement("ul"), { className: "picks mention-list", id: `${area.id}-people`, hidden: true });
  list.setAttribute("role", "listbox");
  area.after(list);
  area.setAttribute("aria-controls", list.id);
  area.setAttribute("aria-autocomplete", "list");
  let at = -1;
  let asked = 0;
  const begun = () => area.value.slice(0, area.selectionStart).match(/(?:^|[\s(])@([^\s@][^@\n]{0,40})?$/u);
  const options = () => [...list.children];
  const close = () => {
    list.hidden = true;
    list.replaceChildren();
    area.removeAttribute("aria-activedescendant");
    at = -1;
  };
  const mark = (next) => {
    at = (next + options().length) % options().length;
    options().forEach((one, place) => one.setAttribute("aria-selected", String(place === at)));
    area.setAttribute("aria-activedescendant", options()[at].id);
  };
  const pick = (name) => {
    const words = begun();
    const from = area.selectionStart - (words?.[1] || "").length;
    area.setRangeText(`${name} `, from, area.selectionStart, "end");
    close();
    area.dispatchEvent(new Event("input", { bubbles: true }));
    area.focus();
  };
  const look = async () => {
    const words = begun();
    if (!words) return close();
    const mine = ++asked;
    try {
      const response = await fetch(`${box.dataset.colleaguesUrl}?find=${encodeURIComponent(words[1] || "")}`, { redirect: "error" });
      const { people } = await response.json();
      if (mine !== asked || !begun()) return undefined;
      if (!people.length) return close();
      list.replaceChildren(
        ...people.map((one, place) => {
          const item = Object.assign(document.createElement("li"), { className: "pick", id: `${list.id}-${place}` });
          item.setAttribute("role", "option");
          item.append(Object.assign(document.createElement("b"), { textContent: one.name }), " ", Object.assign(document.createElement("span"), { className: "excerpt", textContent: one.detail }));
          item.addEventListener("pointerdown", (event) => {
            event.preventDefault();
            pick(one.name);
          });
          return item;
        }),
      );
      list.hidden = false;
      mark(0);
    } catch {
      close();
    }
    return undefined;
  };
  area.addEventListener("input", look);
  area.addEventListener("blur", close);
  area.addEventListener("keydown", (event) => {
    if (list.hidden || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") mark(at + (event.key === "ArrowDown" ? 1 : -1));
    else if (event.key === "Enter" || event.key === "Tab") pick(options()[at].querySelector("b").textContent);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}
