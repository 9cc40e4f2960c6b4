// Every page: menus that close by themselves, and the search box that answers as somebody types.

for (const menu of document.querySelectorAll("[data-menu]")) {
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.open) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
  });
}

/** A word as it is compared: without case, and without the marks over and through Nordic letters. */
function plain(word) {
  return word.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replaceAll("ø", "o").replaceAll("æ", "a");
}

/** The title as nodes, with the letters marked that somebody typed; `isWhole` when every typed word is among them. */
function markTyped(title, typed) {
  const wanted = (typed.match(/[\p{L}\p{N}]+/gu) ?? []).map(plain);
  const met = new Set();
  const nodes = title.split(/([\p{L}\p{N}]+)/u).flatMap((piece, place) => {
    if (place % 2 === 0) return piece;
    const word = plain(piece);
    // A long word is found inside compounds too; a short one only where a word begins.
    const found = wanted.filter((one) => word.startsWith(one) || (one.length > 3 && word.includes(one)));
    found.forEach((one) => met.add(one));
    const longest = found.sort((one, other) => other.length - one.length)[0];
    if (!longest || word.length !== piece.length) return longest ? marked(piece) : piece;
    const start = word.indexOf(longest);
    const end = start + longest.length;
    return [piece.slice(0, start), marked(piece.slice(start, end)), piece.slice(end)];
  });
  return { nodes, isWhole: met.size === new Set(wanted).size };
}

function marked(text) {
  const mark = document.createElement("mark");
  mark.textContent = text;
  return mark;
}

/** A search box as a combobox with a list of answers (WAI-ARIA Authoring Practices, "Combobox"). */
class Typeahead {
  static PAUSE_MS = 120;
  static BUSY_MS = 250;

  constructor(form) {
    this.form = form;
    this.input = form.querySelector("input[type=search]");
    this.words = form.dataset;
    this.active = -1;
    this.asked = "";
    this.panel = this.element("div", "", "typeahead");
    this.panel.hidden = true;
    this.note = this.element("p", "", "note");
    this.list = document.createElement("ul");
    this.list.id = `${this.input.id}-answers`;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", this.words.list);
    this.panel.append(this.note, this.list);
    this.status = this.element("span", "", "visually-hidden");
    this.status.setAttribute("role", "status");
    form.append(this.panel, this.status);
    const { input } = this;
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-haspopup", "listbox");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", this.list.id);
    input.addEventListener("input", () => this.later());
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("focus", () => this.list.childElementCount && this.asked === this.text && this.open());
    input.addEventListener("blur", () => this.close());
    // Keeps the focus in the box, so that a click arrives before the list closes.
    this.panel.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.choose(option, event.ctrlKey || event.metaKey);
    });
    form.addEventListener("submit", () => this.close());
  }

  get text() {
    return this.input.value.trim();
  }

  get options() {
    return [...this.list.children];
  }

  later() {
    clearTimeout(this.timer);
    this.request?.abort();
    this.form.removeAttribute("aria-busy");
    if (this.text.length < 2) {
      this.list.replaceChildren();
      this.close();
      return;
    }
    this.timer = setTimeout(() => this.ask(), Typeahead.PAUSE_MS);
  }

  async ask() {
    const text = this.text;
    const request = (this.request = new AbortController());
    const slow = setTimeout(() => this.form.setAttribute("aria-busy", "true"), Typeahead.BUSY_MS);
    const query = new URLSearchParams({ q: text, lang: this.words.lang, limit: 6, typing: 1 });
    try {
      const response = await fetch(`${this.words.api}?${query}`, { signal: request.signal });
      if (!response.ok) throw new Error(response.statusText);
      const answer = await response.json();
      if (request === this.request) this.show(text, answer);
    } catch {
      // Offline, too many questions, or overtaken by the next letter: the box still searches on Enter.
      if (request === this.request && !request.signal.aborted) this.close();
    } finally {
      clearTimeout(slow);
      if (request === this.request) this.form.removeAttribute("aria-busy");
    }
  }

  show(text, answer) {
    this.asked = text;
    const { results, corrected_to: corrected } = answer;
    const options = results.map((result) => this.option(result, corrected ?? text));
    if (corrected) options.push(this.link(this.words.instead.replace("{query}", text), { q: text, exact: 1 }));
    else if (answer.did_you_mean) {
      options.unshift(this.link(this.words.meant.replace("{query}", answer.did_you_mean), { q: answer.did_you_mean }));
    }
    if (results.length) options.push(this.element("li", this.words.all, "all"));
    options.forEach((option, place) => {
      option.id = `${this.list.id}-${place}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
    });
    this.list.replaceChildren(...options);
    this.mark(-1);
    this.note.textContent = corrected ? this.words.corrected.replace("{query}", corrected) : "";
    this.note.hidden = !corrected;
    const count = results.length;
    const said = count === 0 ? this.words.none : count === 1 ? this.words.one : this.words.many.replace("{count}", count);
    this.status.textContent = `${this.note.textContent} ${said}`.trim();
    if (options.length && document.activeElement === this.input) this.open();
    else this.close();
  }

  option(result, searched) {
    const item = document.createElement("li");
    const { nodes, isWhole } = markTyped(result.title, searched);
    const title = this.element("b", "");
    title.append(...nodes);
    const parts = [title];
    // What the title does not say, a section may: then that is where the answer is.
    const section = isWhole ? null : result.section;
    if (section) parts.push(this.element("span", section.heading, "where"));
    parts.push(this.element("span", result.excerpt, "excerpt"));
    if (result.language !== this.words.lang) {
      for (const part of parts) part.lang = result.language;
      parts.push(this.element("span", this.form.getAttribute(`data-in-${result.language}`).trim(), "chip brand"));
    }
    item.append(...parts);
    // The API gives absolute addresses of the public site; the path is what holds here too.
    const address = new URL(result.url, location.href);
    // The server notes what was typed as a search that found this article, and leads on to the plain address.
    address.searchParams.set("typed", this.text.slice(0, 200));
    item.dataset.href = address.pathname + address.search + (section ? new URL(section.url, location.href).hash : "");
    return item;
  }

  /** An option that leads to the page of results for other words. */
  link(text, query) {
    const item = this.element("li", text, "other");
    item.dataset.href = `${this.form.getAttribute("action")}?${new URLSearchParams(query)}`;
    return item;
  }

  element(name, text, className = "") {
    return Object.assign(document.createElement(name), { textContent: text, className });
  }

  key(event) {
    if (event.isComposing) return;
    if (event.key === "Escape") {
      // Closes the list first; what was typed stays.
      if (!this.panel.hidden) event.preventDefault();
      this.close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!this.list.childElementCount || this.asked !== this.text) return;
      event.preventDefault();
      this.open();
      const step = event.key === "ArrowDown" ? 1 : -1;
      const places = this.list.childElementCount + 1;
      this.mark(((this.active + 1 + step + places) % places) - 1);
    } else if (event.key === "Enter" && this.active >= 0 && !this.panel.hidden) {
      event.preventDefault();
      this.choose(this.options[this.active], event.ctrlKey || event.metaKey);
    }
  }

  mark(place) {
    this.active = place;
    this.options.forEach((option, at) => option.setAttribute("aria-selected", String(at === place)));
    const chosen = this.options[place];
    if (chosen) {
      this.input.setAttribute("aria-activedescendant", chosen.id);
      chosen.scrollIntoView({ block: "nearest" });
    } else {
      this.input.removeAttribute("aria-activedescendant");
    }
  }

  choose(option, inNewTab) {
    if (!option.dataset.href) {
      this.form.requestSubmit();
    } else if (inNewTab) {
      window.open(option.dataset.href, "_blank", "noopener");
    } else {
      location.assign(option.dataset.href);
    }
  }

  open() {
    this.panel.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
  }

  close() {
    this.panel.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.mark(-1);
  }
}

for (const form of document.querySelectorAll("form[data-typeahead]")) new Typeahead(form);
// Where the topics scroll sideways, the chosen one is in sight.
document.querySelector(".filter [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
