// The panel: search and articles, writing to us, the chat, and every other way to a person, which is one click away
// whatever it shows. It is no modal dialog: Escape closes it, Tab leads out of it, and the page behind stays usable.

import { articleText } from "./article.js";
import { button, h, icon, outside } from "./parts.js";
import { Search } from "./search.js";
import { hasTalk, talk } from "./talk.js";
import { visitOf } from "./visit.js";
import { write } from "./write.js";

const FRESH_MS = 60_000;
const IN_THE_BAR = 4;
// Where the panel covers the whole page (widget.css).
const SHEET = matchMedia("(max-width: 40rem)");

export function open(svar, what) {
  svar.panel ??= new Panel(svar);
  if (what.isToggle && svar.panel.isOpen) svar.panel.close();
  else svar.panel.open(what);
}

class Panel {
  constructor(svar) {
    this.svar = svar;
    this.visit = visitOf(svar);
    this.texts = svar.config.texts;
    this.stack = [];
    this.back = button(icon("back"), () => this.goBack(), { class: "round", "aria-label": this.texts.back });
    this.title = h("h2", { id: "title", tabindex: "-1" });
    const shut = button(icon("close"), () => this.close(), { class: "round", "aria-label": this.texts.close });
    this.body = h("div", { class: "body" });
    this.people = h("div", { class: "people", "data-escape-hatches": true, role: "group", "aria-label": this.texts.people });
    this.node = h("div", { class: "panel", role: "dialog", "aria-labelledby": "title", hidden: true }, [
      h("div", { class: "head" }, this.back, this.title, shut),
      this.body,
      this.people,
    ]);
    this.node.addEventListener("keydown", (event) => this.onKey(event));
    this.node.addEventListener("focusout", (event) => this.onLeave(event));
    svar.box.prepend(this.node);
    this.search = new Search(this);
    this.showPeople();
  }

  get isOpen() {
    return !this.node.hidden;
  }

  open({ opener, article, goBack }) {
    this.opener = opener ?? this.svar.launcher;
    this.node.hidden = false;
    this.svar.launcher?.setAttribute("aria-expanded", "true");
    this.svar.box.classList.add("is-open");
    if (article) this.showArticle(article, { goBack });
    else if (!this.stack.length) this.showHome();
    else this.arrive();
    if (Date.now() - this.svar.readAt > FRESH_MS) this.svar.refresh().then(() => this.showPeople(), () => {});
  }

  close() {
    this.node.hidden = true;
    this.svar.box.classList.remove("is-open");
    this.svar.launcher?.setAttribute("aria-expanded", "false");
    (this.opener?.isConnected ? this.opener : this.svar.launcher)?.focus?.();
  }

  onKey(event) {
    if (event.key !== "Escape" || event.isComposing || event.defaultPrevented) return;
    event.preventDefault();
    this.close();
  }

  /** Where it covers the page, nobody is left with the focus behind it. */
  onLeave({ relatedTarget }) {
    if (relatedTarget && SHEET.matches && !this.node.contains(relatedTarget)) {
      this.opener = relatedTarget;
      this.close();
    }
  }

  // --- What it shows -----------------------------------------------------------------------------

  /** `name` says what it is; one of the same name takes the place of the last one. */
  show(name, title, node, { focus = this.title, hidesBar = () => false } = {}) {
    const last = this.stack.at(-1);
    if (last) last.scroll = this.body.scrollTop;
    if (last?.name === name) this.stack.pop();
    this.stack.push({ name, title, node, focus, hidesBar, scroll: 0 });
    this.arrive();
  }

  arrive() {
    const { title, node, focus, scroll, name } = this.stack.at(-1);
    this.title.textContent = title;
    this.back.hidden = this.stack.length < 2;
    this.body.replaceChildren(node);
    this.node.dataset.view = name;
    this.body.scrollTop = scroll;
    this.arrange();
    focus.focus({ preventScroll: true });
  }

  goBack() {
    this.stack.pop();
    this.arrive();
  }

  showHome() {
    this.show("home", this.texts.help, this.search.node, {
      focus: this.search.input,
      // All of them are on the page then.
      hidesBar: () => !this.search.ways.hidden,
    });
  }

  showWays() {
    this.show("ways", this.texts.people, this.ways(), { hidesBar: () => true });
  }

  showWrite() {
    this.visit.note("contact_opened");
    const { node, focus } = write(this);
    this.show("write", this.texts.write, node, { focus });
  }

  showTalk() {
    const { node, focus } = talk(this);
    this.show("talk", this.texts.chat, node, { focus });
  }

  async showArticle(one, { goBack } = {}) {
    const box = h("article", {}, h("p", { role: "status" }, this.texts.loading));
    this.show("article", one.title, box);
    try {
      const article = await this.visit.ask(`articles/${one.id}/?lang=${this.visit.language}`);
      this.visit.note("article_viewed", { article: one.id });
      const text = h("div", { class: "text", lang: article.language }, articleText(article.html, article.url, this.texts));
      box.replaceChildren(text, this.verdict(one.id, goBack), outside(this.texts.open_page, article.url));
    } catch {
      box.replaceChildren(h("p", {}, this.texts.not_loaded), outside(this.texts.open_page, one.url));
    }
  }

  /** Whether it answered. "Not quite" leads on to a person, or back to what was being written. */
  verdict(id, goBack) {
    const thanks = h("p", { tabindex: "-1" }, this.texts.thanks);
    const box = h("div", { class: "verdict" }, [
      h("p", {}, this.texts.answered),
      button(this.texts.yes, () => {
        this.visit.note("answered", { article: id });
        box.replaceChildren(thanks);
        thanks.focus();
      }),
      button(this.texts.no, () => {
        this.visit.note("not_answered", { article: id });
        if (!goBack) return this.showWrite();
        this.goBackOrHome();
        this.close();
        goBack();
      }),
    ]);
    return box;
  }

  goBackOrHome() {
    this.stack.pop();
    if (this.stack.length) this.arrive();
  }

  // --- People ------------------------------------------------------------------------------------

  showPeople() {
    const open = this.svar.config.channels.filter((one) => one.url && one.state === "open").slice(0, IN_THE_BAR);
    const chips = open.map((one) => this.way(one, [icon(one.channel), h("span", {}, one.short)], { class: "chip" }));
    this.people.replaceChildren(
      ...chips,
      button(this.texts.more, () => this.showWays(), { class: "chip", "data-all-ways": true }),
    );
    this.search.showWays();
    if (this.stack.length) this.arrange();
  }

  arrange() {
    this.people.hidden = this.stack.at(-1).hidesBar();
  }

  ways() {
    const { channels } = this.svar.config;
    // Who has begun a chat finds it again, whatever is open now.
    const again = hasTalk() && { channel: "chat", label: this.texts.chat_again, url: true };
    const all = again ? [again, ...channels.filter((one) => one.channel !== "chat")] : channels;
    const items = all.map((one) => {
      const facts = [[one.standing, one.detail].filter(Boolean).join(" · "), one.wait].filter(Boolean);
      const words = [icon(one.channel), h("span", {}, h("b", {}, one.label), facts.map((fact) => h("small", {}, fact)))];
      return h("li", {}, one.url ? this.way(one, words) : h("span", { class: "way" }, words));
    });
    return h("ul", { class: "ways", "data-escape-hatches": true }, items);
  }

  /** What is done here is a button; what rings, writes a letter or opens a page is a link. */
  way(one, words, attributes = { class: "way" }) {
    const chosen = () => this.visit.note("channel_chosen", { channel: one.channel });
    const here = { form: () => this.showWrite(), chat: () => this.showTalk() }[one.channel];
    const marked = { "data-channel": one.channel, ...attributes };
    if (here) return button(words, () => [chosen(), here()], marked);
    const isPage = /^https?:/.test(one.url);
    return h("a", { href: one.url, target: isPage && "_blank", rel: isPage && "noopener", onclick: chosen, ...marked }, words);
  }
}
