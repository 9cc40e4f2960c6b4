// What both windows of a chat show alike: what was said in its order, what waits to be sent, what was refused, and how
// the line is. It assumes nothing of the page: the customer's window stands in widgets too.

const NEAR_END_PX = 60;
export const TYPING_SHOWN_MS = 6000;

export function make(name, className = "", text = "") {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}
export function button(className, text, onClick) {
  const element = make("button", className, text);
  element.type = "button";
  element.addEventListener("click", onClick);
  return element;
}
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
function linked(body) {
  return body.split(/(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]])/).map((part, index) => {
    if (index % 2 === 0) return part;
    return Object.assign(make("a", "", part), { href: part, target: "_blank", rel: "noopener noreferrer" });
  });
}

export class Log {
  /** `own`: the side whose window it is, "customer" or "agent". Times are told in `zone`, as everywhere on the site. */
  constructor({ scroll, list, pending }, { texts, language, zone, api }, own) {
    Object.assign(this, { scroll, list, pending, words: texts, api, own });
    const time = (parts) => new Intl.DateTimeFormat(language, { ...parts, timeZone: zone });
    this.clock = time({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    this.day = time({ day: "numeric", month: "short" });
    this.date = time({ dateStyle: "short" });
    this.items = new Map(); // number -> element
    this.notices = new Map(); // id -> element
    this.last = 0;
    this.isLastOwn = false;
    this.seen = 0;
    // Whoever is at the end stays there when a panel or a keyboard takes room away.
    this.sticks = true;
    scroll.addEventListener("scroll", () => (this.sticks = this.isAtEnd()));
    this.sizes = new ResizeObserver(() => this.sticks && this.toEnd());
    this.sizes.observe(scroll);
  }

  close() {
    this.sizes.disconnect();
  }
  isAtEnd() {
    return this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < NEAR_END_PX;
  }
  toEnd(isSmooth = false) {
    this.scroll.scrollTo({ top: this.scroll.scrollHeight, behavior: isSmooth ? "smooth" : "instant" });
  }

  /** Sorted by place: a line with number n stands before the notices that came after it. */
  place(element, order) {
    element.dataset.order = order;
    const after = [...this.list.children].find((one) => Number(one.dataset.order) > order);
    this.list.insertBefore(element, after ?? null);
    // Who says several things in a minute is named once, to the eye.
    for (const one of [element, element.nextElementSibling]) {
      const isMore = one?.dataset.head && one.dataset.head === one.previousElementSibling?.dataset.head;
      one?.classList.toggle("is-more", Boolean(isMore));
    }
  }

  add(line, who) {
    const item = this.item(who, line.side, line);
    this.place(item, line.seq);
    this.items.set(line.seq, item);
    if (line.seq > this.last) {
      this.last = line.seq;
      this.isLastOwn = line.side === this.own;
    }
  }

  item(who, side, { at, body, files = [], channel = "" }) {
    const isOurs = side === "agent";
    const item = make("li", `chat-line${isOurs ? " is-ours" : ""}`);
    const head = make("p", "chat-who", who);
    const when = new Date(at);
    const isToday = this.date.format(when) === this.date.format(new Date());
    const way = channel === "email" ? this.words.from_mail : "";
    const told = [isToday ? "" : this.day.format(when), this.clock.format(when), way].filter(Boolean).join(", ");
    const time = make("time", "", told);
    time.dateTime = at;
    item.dataset.head = who + told;
    head.append(" ", time);
    const bubble = make("div", "chat-bubble");
    const paragraph = make("p");
    paragraph.setAttribute("dir", "auto");
    paragraph.append(...(isOurs ? linked(body) : [body]));
    // Files that came without a word have their names for one.
    if (!files.length || body !== files.map((file) => file.name).join(", ")) bubble.append(paragraph);
    bubble.append(...files.map((file) => this.file(file)));
    item.append(head, bubble);
    return item;
  }

  file(file) {
    const url = new URL(file.url, new URL(this.api, location.href)).href;
    const link = Object.assign(make("a"), { href: url, target: "_blank", rel: "noopener" });
    if (file.is_image) {
      const image = Object.assign(make("img"), { src: url, alt: file.name, decoding: "async" });
      image.addEventListener("load", () => this.sticks && this.toEnd());
      link.append(image);
    } else {
      link.textContent = `${file.name} (${file.size_text})`;
    }
    const holder = make("p");
    holder.append(link);
    return holder;
  }

  /** What happened between the lines; false for what stands there already. */
  tell(notice, item) {
    if (this.notices.has(notice.id)) return false;
    this.notices.set(notice.id, item);
    this.place(item, notice.after + 0.5 + this.notices.size / 10000);
    return true;
  }

  /** What has not been sent, or is on its way. */
  wait(queue, isOpen) {
    this.pending.replaceChildren(
      ...queue.map((message) => {
        const item = this.item(this.words.you, this.own, message);
        item.classList.add("is-unsent");
        item.append(make("p", "chat-mark", isOpen ? this.words.sending : this.words.waiting));
        return item;
      }),
    );
    if (queue.length) this.toEnd();
  }

  /** What the server did not take waits for its writer: `edit(text)` gives it back, where there is a place to write. */
  refuse(room, message, reason, edit) {
    const item = this.item(this.words.you, this.own, message);
    const mark = make("p", "chat-mark", fill(this.words.refused, { reason }));
    mark.setAttribute("role", "alert");
    item.classList.add("is-refused");
    const drop = (words) => {
      room.forgetRefused(message);
      item.remove();
      edit?.(words);
    };
    if (edit) mark.append(button("chat-link", this.words.edit, () => drop(message.body)));
    mark.append(button("chat-link", this.words.remove, () => drop("")));
    item.append(mark);
    this.place(item, room.last + 0.9);
    this.toEnd();
  }

  /** The other side has read up to here. */
  markSeen(seq) {
    this.seen = Math.max(this.seen, seq);
    for (const mark of this.list.querySelectorAll(".chat-mark.is-seen")) mark.remove();
    if (this.isLastOwn && this.seen >= this.last) {
      this.items.get(this.last).append(make("p", "chat-mark is-seen", this.words.seen));
    }
  }
}

/** How the line is, where there is something to tell of: `links` lead on, {plain, login}. */
export function lineParts(room, words, { isOpen, isSlow, isGone, seconds, tries }, links) {
  const link = (text, href) => (href ? [Object.assign(make("a", "", text), { href })] : []);
  if (isGone) return [make("p", "", words.gone), ...link(words.log_in, links.login)];
  if (isSlow) return [make("p", "", words.slow)];
  // The first moment without a line is nothing to tell of.
  if (isOpen || tries < 2) return [];
  const again = seconds > 1 ? ` ${fill(words.again, { seconds })}` : "";
  const now = button("chat-link", words.try_now, () => room.connect());
  return [make("p", "", words.offline + again), now, ...link(words.plain, links.plain)];
}

/** Enter sends, Shift + Enter makes a new line; while a word is being composed Enter chooses it. */
export function sendsByEnter(text, form) {
  const isTouch = matchMedia("(pointer: coarse)").matches;
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || isTouch) return;
    event.preventDefault();
    form.requestSubmit();
  });
}
