// A chat's window: built into any element, of our page or of a widget's own root. It assumes nothing of the page.
//
// openChat(root, {id, key, socket, api, plain, language, texts, limits}, {onUnread}) returns {close(), focus()}.

import { Refused, Room } from "./chat-room.js";

const TYPING_SHOWN_MS = 6000;
const CLIP =
  "m20 11-8.3 8.3a5 5 0 0 1-7-7L13 4a3.4 3.4 0 0 1 4.8 4.8l-8.3 8.3a1.7 1.7 0 0 1-2.4-2.4L14.5 7.3";
const PLANE = "M4 12 3 4l18 8-18 8 1-8Zm0 0h8";
const ARROWS_NEAR_END_PX = 60;

function make(name, className = "", text = "") {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}
function button(className, text, onClick) {
  const element = make("button", className, text);
  element.type = "button";
  element.addEventListener("click", onClick);
  return element;
}
function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
function icon(drawing) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const path = document.createElementNS(space, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", drawing);
  svg.append(path);
  return svg;
}

export function openChat(root, config, { onUnread = () => {} } = {}) {
  const words = config.texts;
  const clock = new Intl.DateTimeFormat(config.language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const day = new Intl.DateTimeFormat(config.language, { day: "numeric", month: "short" });
  const bytes = (size) => {
    const [unit, share] = size < 1024 ? ["byte", 1] : size < 1e6 ? ["kilobyte", 1024] : ["megabyte", 1048576];
    return new Intl.NumberFormat(config.language, { style: "unit", unit, maximumFractionDigits: 1 }).format(size / share);
  };

  // --- The elements ------------------------------------------------------------------------------

  const box = make("section", "chat");
  box.setAttribute("aria-label", words.log);
  const top = make("div", "chat-top");
  const standing = make("p");
  standing.setAttribute("role", "status");
  const endButton = button("chat-link", words.end, () => room.wish("end").catch(failed));
  top.append(standing, endButton);

  const scroll = make("div", "chat-scroll");
  scroll.tabIndex = 0;
  scroll.setAttribute("role", "log");
  scroll.setAttribute("aria-label", words.log);
  // What was said before is read when somebody goes there; what is said from now on is told.
  scroll.setAttribute("aria-live", "off");
  const list = make("ol", "chat-lines");
  const pending = make("ol", "chat-lines");
  pending.setAttribute("aria-live", "off");
  const typing = make("p", "chat-typing");
  typing.setAttribute("aria-hidden", "true");
  const below = button("chat-link chat-below", words.new_below, () => toEnd(true));
  below.hidden = true;
  scroll.append(list, pending, typing, below);

  const panels = make("div", "chat-panels");
  const linePanel = make("div", "chat-panel is-bad");
  linePanel.setAttribute("role", "status");
  linePanel.hidden = true;
  const filePanel = make("div", "chat-panel");
  filePanel.setAttribute("role", "status");
  filePanel.hidden = true;
  const addressPanel = make("form", "chat-panel");
  addressPanel.noValidate = true;
  addressPanel.hidden = true;
  const endPanel = make("div", "chat-panel");
  endPanel.hidden = true;
  panels.append(linePanel, filePanel, endPanel, addressPanel);

  const form = make("form", "chat-form");
  const picker = make("input");
  Object.assign(picker, { type: "file", multiple: true, accept: config.limits.accept, hidden: true });
  const attach = button("chat-attach", "", () => picker.click());
  attach.setAttribute("aria-label", words.attach);
  attach.title = words.attach;
  attach.append(icon(CLIP));
  const field = make("div");
  const text = make("textarea");
  text.rows = 1;
  text.setAttribute("aria-label", words.message);
  text.placeholder = words.message;
  text.setAttribute("dir", "auto");
  field.append(text);
  const send = make("button", "btn chat-send");
  send.append(make("span", "", words.send), icon(PLANE));
  send.type = "submit";
  const hint = make("p", "chat-hint");
  const caseLink = make("a");
  hint.append(make("span", "chat-keys", words.hint), caseLink);
  form.append(attach, field, send, hint, picker);

  box.append(top, scroll, panels, form);
  root.replaceChildren(box);

  // --- What was said -----------------------------------------------------------------------------

  const items = new Map(); // number -> element
  const notices = new Map(); // id -> element
  let ownLast = 0;
  let theirLast = 0;
  let seenByUs = 0;
  let unread = 0;
  let isFirst = true;

  const isRead = () => document.visibilityState === "visible" && box.isConnected && box.getClientRects().length > 0;
  const isAtEnd = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < ARROWS_NEAR_END_PX;
  function toEnd(isSmooth = false) {
    scroll.scrollTo({ top: scroll.scrollHeight, behavior: isSmooth ? "smooth" : "instant" });
    below.hidden = true;
  }
  /** Sorted by place: a line with number n stands before the notices that came after it. */
  function place(element, order) {
    element.dataset.order = order;
    const after = [...list.children].find((one) => Number(one.dataset.order) > order);
    list.insertBefore(element, after ?? null);
    // Who says several things in a minute is named once, to the eye.
    for (const one of [element, element.nextElementSibling]) {
      const isMore = one?.dataset.head && one.dataset.head === one.previousElementSibling?.dataset.head;
      one?.classList.toggle("is-more", Boolean(isMore));
    }
  }
  function lineItem(who, isOurs, at, body, files = [], way = "") {
    const item = make("li", `chat-line${isOurs ? " is-ours" : ""}`);
    const head = make("p", "chat-who", who);
    const when = new Date(at);
    const isToday = when.toDateString() === new Date().toDateString();
    const time = make("time", "", [isToday ? "" : day.format(when), clock.format(when), way].filter(Boolean).join(", "));
    time.dateTime = at;
    item.dataset.head = head.textContent + time.textContent;
    head.append(" ", time);
    const bubble = make("div", "chat-bubble");
    const paragraph = make("p");
    paragraph.setAttribute("dir", "auto");
    paragraph.append(...(isOurs ? linked(body) : [body]));
    bubble.append(paragraph, ...files.map(fileItem));
    item.append(head, bubble);
    return item;
  }
  function linked(body) {
    return body.split(/(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]])/).map((part, index) => {
      if (index % 2 === 0) return part;
      const link = make("a", "", part);
      Object.assign(link, { href: part, target: "_blank", rel: "noopener noreferrer" });
      return link;
    });
  }
  function fileItem(file) {
    const url = new URL(file.url, new URL(config.api, location.href)).href;
    const link = make("a");
    Object.assign(link, { href: url, target: "_blank", rel: "noopener" });
    if (file.is_image) {
      const image = make("img");
      Object.assign(image, { src: url, alt: file.name, decoding: "async" });
      image.addEventListener("load", () => !unreadBelow() && toEnd());
      link.append(image);
    } else {
      link.textContent = `${file.name} (${bytes(file.size)})`;
    }
    const holder = make("p");
    holder.append(link);
    return holder;
  }
  const unreadBelow = () => !below.hidden;

  function markSeen() {
    for (const mark of list.querySelectorAll(".chat-mark")) mark.remove();
    const last = [...items].filter(([seq, item]) => !item.classList.contains("is-ours") && seq <= seenByUs).at(-1);
    if (last && last[0] === ownLast && theirLast < ownLast) last[1].append(make("p", "chat-mark", words.seen));
  }
  function sawIt() {
    if (!isRead()) return;
    room.sawAll();
    if (unread) onUnread((unread = 0), "");
  }

  const listener = {
    lines(lines) {
      const wasAtEnd = isAtEnd();
      for (const line of lines) {
        const isOurs = line.side === "agent";
        const who = isOurs ? line.who || words.us : line.who || words.you;
        const item = lineItem(who, isOurs, line.at, line.body, line.files, line.channel === "email" ? words.from_mail : "");
        place(item, line.seq);
        items.set(line.seq, item);
        if (isOurs) {
          theirLast = line.seq;
          typing.textContent = "";
          if (!isFirst && !isRead()) onUnread((unread += 1), fill(words.unread, { count: unread }));
        } else {
          ownLast = line.seq;
        }
      }
      markSeen();
      const isOwn = lines.at(-1).side !== "agent";
      if (wasAtEnd || isFirst || isOwn) toEnd();
      else below.hidden = false;
      sawIt();
    },
    notices(all) {
      for (const notice of all) {
        if (notices.has(notice.id)) continue;
        const item = make("li", "chat-notice", notice.text);
        notices.set(notice.id, item);
        place(item, notice.after + 0.5 + notices.size / 10000);
        if (isAtEnd() || isFirst) toEnd();
      }
    },
    state(state) {
      if (standing.textContent !== state.words) standing.textContent = state.words;
      seenByUs = Math.max(seenByUs, state.seen);
      caseLink.href = new URL(state.case, new URL(config.api, location.href)).href;
      caseLink.textContent = fill(words.case, { reference: state.reference });
      endButton.hidden = state.is_over;
      hasAddress = state.has_address;
      showEnd(state);
      showAddress(state.state === "missed" && !state.has_address ? "email" : asksFor);
      markSeen();
      if (isFirst) {
        isFirst = false;
        toEnd();
        // After this turn, so that what is there already is not read out.
        setTimeout(() => scroll.setAttribute("aria-live", "polite"), 300);
      }
    },
    waiting(queue) {
      pending.replaceChildren(
        ...queue.map((message) => {
          const item = lineItem(words.you, false, message.at, message.body);
          item.classList.add("is-unsent");
          item.append(make("p", "chat-mark", room?.isOpen ? words.sending : words.waiting));
          return item;
        }),
      );
      if (queue.length) toEnd();
    },
    refused(message, reason) {
      const item = lineItem(words.you, false, message.at, message.body);
      const mark = make("p", "chat-mark", fill(words.refused, { reason }));
      mark.setAttribute("role", "alert");
      item.classList.add("is-refused");
      mark.append(
        button("chat-link", words.edit, () => {
          text.value = [message.body, text.value].filter(Boolean).join("\n");
          room.keepDraft(text.value);
          room.forgetRefused(message);
          item.remove();
          text.focus();
        }),
        button("chat-link", words.remove, () => {
          room.forgetRefused(message);
          item.remove();
          text.focus();
        }),
      );
      item.append(mark);
      place(item, room.last + 0.9);
      toEnd();
    },
    typing(who) {
      typing.textContent = who ? fill(words.typing, { name: who }) : words.typing_us;
      clearTimeout(typingTimer);
      typingTimer = setTimeout(() => (typing.textContent = ""), TYPING_SHOWN_MS);
      if (!unreadBelow()) toEnd();
    },
    seen(seq) {
      seenByUs = Math.max(seenByUs, seq);
      markSeen();
    },
    done(what, error) {
      if (error) {
        if (addressPanel.hidden) showAddress(what, error);
        else addressError(error);
        return;
      }
      if (what === "email" || what === "transcript") {
        asksFor = "";
        showAddress("");
        tellFile(what === "email" ? words.address_saved : words.transcript_sent, true);
      }
      if (what === "solved") tellFile(words.solved_thanks);
    },
    line({ isOpen, isSlow, isGone, seconds, tries }) {
      listener.waiting(room.queue);
      const parts = [];
      if (isGone) parts.push(make("p", "", words.gone));
      else if (isSlow) parts.push(make("p", "", words.slow));
      // The first moment without a line is nothing to tell of.
      else if (!isOpen && tries > 1) {
        parts.push(make("p", "", `${words.offline}${seconds > 1 ? ` ${fill(words.again, { seconds })}` : ""}`));
        parts.push(button("chat-link", words.try_now, () => room.connect()));
        if (config.plain) {
          const plain = make("a", "", words.plain);
          plain.href = config.plain;
          parts.push(plain);
        }
      } else if (!isOpen && isFirst) parts.push(make("p", "", words.connecting));
      linePanel.replaceChildren(...parts);
      linePanel.hidden = parts.length === 0;
      text.disabled = send.disabled = attach.disabled = isGone;
    },
  };
  let typingTimer = 0;
  let hasAddress = true;
  let asksFor = "";

  // --- Panels ------------------------------------------------------------------------------------

  let fileTimer = 0;
  function tellFile(sentence, isPassing = false, retry = null) {
    filePanel.replaceChildren(...(sentence ? [make("p", "", sentence)] : []), ...(retry ? [button("chat-link", words.retry, retry)] : []));
    filePanel.hidden = !sentence;
    clearTimeout(fileTimer);
    if (isPassing) fileTimer = setTimeout(() => tellFile(""), 8000);
    if (!unreadBelow()) toEnd();
  }
  function failed() {
    tellFile(words.failed, true);
  }

  const address = make("input");
  Object.assign(address, { type: "email", autocomplete: "email" });
  const addressLabel = make("label", "", words.address_label);
  addressLabel.append(address);
  const addressProblem = make("p", "chat-error");
  addressProblem.setAttribute("role", "alert");
  const addressWhy = make("p", "", `${words.address_ask} ${words.address_why}`);
  const addressSave = make("button", "btn sm", words.address_save);
  addressSave.type = "submit";
  addressPanel.append(addressWhy, addressLabel, addressSave, addressProblem);
  addressPanel.addEventListener("submit", (event) => {
    event.preventDefault();
    addressProblem.textContent = "";
    room.wish(asksFor || "email", address.value).catch(failed);
  });
  function showAddress(what, error = "") {
    asksFor = what;
    const wasHidden = addressPanel.hidden;
    addressPanel.hidden = !what;
    // One thing is asked at a time: on a phone there is no room for both.
    endPanel.hidden = !isOver || Boolean(what);
    if (what && error) addressError(error);
    if (wasHidden !== addressPanel.hidden && !unreadBelow()) toEnd();
  }
  function addressError(error) {
    addressProblem.textContent = error;
    address.setAttribute("aria-invalid", "true");
    address.focus();
    addressProblem.scrollIntoView({ block: "nearest" });
  }

  let endShownFor = "";
  let isOver = false;
  function showEnd(state) {
    isOver = state.is_over;
    const name = `${state.is_over}${state.is_settled}`;
    if (name === endShownFor) return;
    endShownFor = name;
    endPanel.hidden = !state.is_over;
    if (!state.is_over) return;
    const parts = [];
    if (!state.is_settled) {
      parts.push(
        make("p", "", words.solved_ask),
        button("btn quiet sm", words.yes, () => room.wish("solved").catch(failed)),
        button("btn quiet sm", words.no, () => {
          tellFile(words.unsolved, true);
          text.focus();
        }),
      );
    }
    parts.push(
      button("chat-link", words.transcript, () => {
        if (hasAddress) room.wish("transcript").catch(failed);
        else {
          showAddress("transcript");
          address.focus();
        }
      }),
    );
    endPanel.replaceChildren(...parts);
    toEnd();
  }

  // --- Writing -----------------------------------------------------------------------------------

  const isTouch = matchMedia("(pointer: coarse)").matches;
  text.addEventListener("keydown", (event) => {
    // While a word is being composed, Enter chooses it.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || isTouch) return;
    event.preventDefault();
    form.requestSubmit();
  });
  text.addEventListener("input", () => {
    room.keepDraft(text.value);
    if (text.value.trim()) room.typing();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const body = text.value.trim();
    text.focus();
    if (!body) return;
    text.value = "";
    room.draft = "";
    room.say(body);
  });

  async function sendFiles(chosen) {
    const { max_bytes: limit, max_files: most } = config.limits;
    const large = chosen.find((file) => file.size > limit);
    if (large) {
      tellFile(fill(words.too_large, { name: large.name, size: bytes(large.size), limit: words.limit }));
      return;
    }
    const files = chosen.slice(0, most);
    const name = files.map((file) => file.name).join(", ");
    tellFile(fill(words.file_sending, { name }));
    attach.disabled = true;
    try {
      await room.sendFiles(files);
      tellFile(chosen.length > most ? words.too_many : "");
    } catch (error) {
      const reason = error instanceof Refused ? error.message.replace(/^body: /, "") : words.no_connection;
      tellFile(fill(words.file_failed, { name, reason }), false, error instanceof Refused ? null : () => sendFiles(files));
    }
    attach.disabled = false;
    text.focus();
  }
  picker.addEventListener("change", () => {
    const chosen = [...picker.files];
    picker.value = "";
    if (chosen.length) sendFiles(chosen);
  });
  text.addEventListener("paste", (event) => {
    const files = [...event.clipboardData.files];
    if (files.length) {
      event.preventDefault();
      sendFiles(files);
    }
  });
  // Whoever is at the end stays there when a panel or a keyboard takes room away.
  let sticks = true;
  scroll.addEventListener("scroll", () => {
    sticks = isAtEnd();
    if (sticks) below.hidden = true;
  });
  const sizes = new ResizeObserver(() => sticks && toEnd());
  sizes.observe(scroll);
  document.addEventListener("visibilitychange", sawIt);
  addEventListener("focus", sawIt);

  let room = null;
  room = new Room(config, listener);
  text.value = room.draft;
  room.open();

  return {
    focus: () => text.focus(),
    close() {
      sizes.disconnect();
      document.removeEventListener("visibilitychange", sawIt);
      removeEventListener("focus", sawIt);
      room.close();
    },
  };
}
