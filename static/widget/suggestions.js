// Articles that may answer what is being written, asked for at a pause. They stand below what is written and its send
// button, and nothing waits for them.

import { button, h, outside } from "./parts.js";
import { visitOf } from "./visit.js";

const ASK_AFTER_MS = 600;
const FEWEST_WRITTEN = 8;

export class Suggestions {
  /** `written()` gives {text, subject}; `open(article, link)` shows one. */
  constructor(svar, { written, open }) {
    Object.assign(this, { svar, written, open });
    this.texts = svar.config.texts;
    this.dismissed = new Set();
    this.list = h("ul");
    this.status = h("p", { class: "ears", role: "status" });
    this.box = h("section", { class: "suggestions", "aria-label": this.texts.suggestions, hidden: true }, [
      h("h3", {}, this.texts.suggestions),
      this.list,
    ]);
    this.node = h("div", { "data-suggestions": true }, this.box, this.status);
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), ASK_AFTER_MS);
  }

  async ask() {
    this.request?.abort();
    const { text, subject = "" } = this.written();
    if (text.trim().length + subject.trim().length < FEWEST_WRITTEN) return this.show([]);
    const request = (this.request = new AbortController());
    const visit = visitOf(this.svar);
    try {
      const journey = await visit.id();
      const body = { text, subject: subject.slice(0, 1000), lang: visit.language, topic: this.svar.options.topic, journey };
      const { suggestions } = await visit.ask("suggestions/", { body, signal: request.signal });
      if (request === this.request) this.show(suggestions);
    } catch {
      // Offline, or overtaken by more text: what is shown stays until there is something better.
    }
  }

  show(found) {
    const items = found.filter((one) => !this.dismissed.has(one.id)).map((one) => this.item(one));
    const hadFocus = this.list.getRootNode().activeElement?.dataset?.articleId;
    this.list.replaceChildren(...items);
    this.box.hidden = !items.length;
    this.status.textContent = items.length ? this.texts.suggestions : "";
    if (hadFocus) this.list.querySelector(`[data-article-id="${hadFocus}"]`)?.focus({ preventScroll: true });
  }

  item(one) {
    const visit = visitOf(this.svar);
    const link = outside(one.title, one.url, {
      "data-article-id": one.id,
      lang: one.language,
      onclick: (event) => {
        visit.note("suggestion_opened", { article: one.id });
        if (event.ctrlKey || event.metaKey) return;
        event.preventDefault();
        this.open(one, link);
      },
    });
    const item = h("li", {}, link, h("p", { lang: one.language }, one.excerpt));
    const away = button(this.texts.not_this, () => {
      visit.note("suggestion_dismissed", { article: one.id });
      this.dismissed.add(one.id);
      const next = item.nextElementSibling ?? item.previousElementSibling;
      item.remove();
      this.box.hidden = !next;
      if (next) next.querySelector("a").focus();
      else this.onEmpty?.();
    }, { class: "plain", "aria-label": `${this.texts.not_this}: ${one.title}` });
    item.append(away);
    return item;
  }
}
