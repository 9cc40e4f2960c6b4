// Search as somebody types. Until then, all ways to a person stand in its place.

import { button, fill, h, outside } from "./parts.js";

const SEARCH_AFTER_MS = 150;
const FEWEST_TYPED = 2;
const RESULTS = 6;

export class Search {
  constructor(panel) {
    Object.assign(this, { panel, visit: panel.visit, texts: panel.texts });
    this.input = h("input", {
      type: "search",
      id: "q",
      name: "q",
      autocomplete: "off",
      maxlength: 200,
      placeholder: this.texts.search,
      "aria-label": this.texts.search,
      oninput: () => this.later(),
    });
    const form = h("form", { role: "search", onsubmit: (event) => this.onSubmit(event) }, this.input);
    this.status = h("p", { class: "note", role: "status" });
    this.list = h("ul", { class: "results" });
    this.ways = h("div", { class: "home" });
    this.node = h("div", { class: "home" }, form, this.status, this.list, this.ways);
    this.showWays();
  }

  get text() {
    return this.input.value.trim();
  }

  showWays() {
    this.ways.replaceChildren(h("h3", {}, this.texts.people), this.panel.ways());
    // Where a person comes first, their ways stand first.
    if (this.panel.svar.config.people_first) this.node.prepend(this.ways);
  }

  later() {
    clearTimeout(this.timer);
    this.request?.abort();
    if (this.text.length < FEWEST_TYPED) this.show([], "");
    else this.timer = setTimeout(() => this.ask(true), SEARCH_AFTER_MS);
  }

  onSubmit(event) {
    event.preventDefault();
    clearTimeout(this.timer);
    if (this.text) this.ask(false);
  }

  /** What is still being typed is not counted as a search; Enter, or opening a result, makes it one. */
  async ask(isTyping) {
    const request = (this.request = new AbortController());
    const query = new URLSearchParams({ q: this.text, lang: this.visit.language, limit: RESULTS });
    if (isTyping) query.set("typing", 1);
    else query.set("journey", (await this.visit.id()) ?? "");
    try {
      const found = await this.visit.ask(`search/?${query}`, { signal: request.signal });
      if (request === this.request) this.show(found.results, this.words(found), found.corrected_to ? null : found.did_you_mean);
    } catch {
      if (!request.signal.aborted) this.show([], this.texts.not_loaded);
    }
  }

  words({ results, corrected_to: corrected }) {
    if (!results.length) return this.texts.none;
    return corrected ? fill(this.texts.corrected, { query: corrected }) : fill(this.texts.found, { count: results.length });
  }

  show(results, words, meant = null) {
    this.status.textContent = words;
    this.list.replaceChildren(...results.map((one) => this.item(one)));
    if (meant) {
      this.list.prepend(h("li", {}, button(fill(this.texts.meant, { query: meant }), () => {
        this.input.value = meant;
        this.input.focus();
        this.ask(false);
      }, { class: "plain" })));
    }
    this.ways.hidden = results.length > 0 && !this.panel.svar.config.people_first;
    this.panel.arrange();
  }

  item(one) {
    const text = this.text;
    const onclick = async (event) => {
      if (event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      this.panel.showArticle(one);
      const journey = (await this.visit.id()) ?? "";
      const query = new URLSearchParams({ q: text, lang: this.visit.language, limit: 1, journey });
      this.visit.ask(`search/?${query}`).catch(() => {});
    };
    return h("li", { lang: one.language }, outside([h("b", {}, one.title), h("small", {}, one.excerpt)], one.url, { onclick }));
  }
}
