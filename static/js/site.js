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
    this.list = document.createElement("ul");
    this.list.className = "typeahead";
    this.list.id = `${this.input.id}-answers`;
    this.list.hidden = true;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", this.words.list);
    this.status = document.createElement("span");
    this.status.className = "visually-hidden";
    this.status.setAttribute("role", "status");
    form.append(this.list, this.status);
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
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
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
      if (request === this.request) this.show(text, answer.results);
    } catch {
      // Offline, too many questions, or overtaken by the next letter: the box still searches on Enter.
      if (request === this.request && !request.signal.aborted) this.close();
    } finally {
      clearTimeout(slow);
      if (request === this.request) this.form.removeAttribute("aria-busy");
    }
  }

  show(text, results) {
    this.asked = text;
    const options = results.map((result) => this.option(result));
    if (options.length) {
      const all = this.element("li", this.words.all);
      all.className = "all";
      options.push(all);
    }
    options.forEach((option, place) => {
      option.id = `${this.list.id}-${place}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
    });
    this.list.replaceChildren(...options);
    this.mark(-1);
    const count = results.length;
    this.status.textContent =
      count === 0 ? this.words.none : count === 1 ? this.words.one : this.words.many.replace("{count}", count);
    if (count && document.activeElement === this.input) this.open();
    else this.close();
  }

  option(result) {
    const item = document.createElement("li");
    // The API gives absolute addresses of the public site; the path is what holds here too.
    const address = new URL(result.url, location.href);
    // The server notes what was typed as a search that found this article, and leads on to the plain address.
    address.searchParams.set("typed", this.input.value.trim().slice(0, 200));
    item.dataset.href = address.pathname + address.search;
    if (result.language !== this.words.lang) item.lang = result.language;
    item.append(this.element("b", result.title), this.element("span", result.excerpt));
    return item;
  }

  element(name, text) {
    const made = document.createElement(name);
    made.textContent = text;
    return made;
  }

  key(event) {
    if (event.isComposing) return;
    if (event.key === "Escape") {
      // Closes the list first; what was typed stays.
      if (!this.list.hidden) event.preventDefault();
      this.close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!this.list.childElementCount || this.asked !== this.text) return;
      event.preventDefault();
      this.open();
      const step = event.key === "ArrowDown" ? 1 : -1;
      const places = this.list.childElementCount + 1;
      this.mark(((this.active + 1 + step + places) % places) - 1);
    } else if (event.key === "Enter" && this.active >= 0 && !this.list.hidden) {
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
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
  }

  close() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.mark(-1);
  }
}

for (const form of document.querySelectorAll("form[data-typeahead]")) new Typeahead(form);
