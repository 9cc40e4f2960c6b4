// A chat's window: built into any element, of our page or of a widget's own root. It assumes nothing of the page.
//
// openChat(root, {id, key, socket, api, plain, language, zone, texts, limits}, {onUnread}) returns {close(), focus()}.

import { FileSender } from "./chat-files.js";
import { Log, TYPING_SHOWN_MS, button, fill, lineParts, make, sendsByEnter } from "./chat-log.js";
import { Room } from "./chat-room.js";

const CLIP =
  "m20 11-8.3 8.3a5 5 0 0 1-7-7L13 4a3.4 3.4 0 0 1 4.8 4.8l-8.3 8.3a1.7 1.7 0 0 1-2.4-2.4L14.5 7.3";
const PLANE = "M4 12 3 4l18 8-18 8 1-8Zm0 0h8";

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
  const below = button("chat-link chat-below", words.new_below, () => log.toEnd(true));
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

  const log = new Log({ scroll, list, pending }, config, "customer");
  let unread = 0;
  let isFirst = true;

  const isRead = () => document.visibilityState === "visible" && box.isConnected && box.getClientRects().length > 0;
  const toEndUnlessReading = () => below.hidden && log.toEnd();
  function sawIt() {
    if (!isRead()) return;
    room.sawAll();
    if (unread) onUnread((unread = 0), "");
  }
  scroll.addEventListener("scroll", () => {
    if (log.isAtEnd()) below.hidden = true;
  });

  const listener = {
    lines(lines) {
      const wasAtEnd = log.isAtEnd();
      for (const line of lines) {
        const isOurs = line.side === "agent";
        log.add(line, line.who || (isOurs ? words.us : words.you));
        if (!isOurs) continue;
        typing.textContent = "";
        if (!isFirst && !isRead()) onUnread((unread += 1), fill(words.unread, { count: unread }));
      }
      log.markSeen(0);
      if (wasAtEnd || isFirst || log.isLastOwn) log.toEnd();
      below.hidden = log.isAtEnd();
      sawIt();
    },
    notices(all) {
      for (const notice of all) {
        const wasAtEnd = log.isAtEnd();
        if (log.tell(notice, make("li", "chat-notice", notice.text)) && (wasAtEnd || isFirst)) log.toEnd();
      }
    },
    state(state) {
      if (standing.textContent !== state.words) standing.textContent = state.words;
      caseLink.href = new URL(state.case, new URL(config.api, location.href)).href;
      caseLink.textContent = fill(words.case, { reference: state.reference });
      endButton.hidden = state.is_over;
      hasAddress = state.has_address;
      showEnd(state);
      showAddress(state.state === "missed" && !state.has_address ? "email" : asksFor);
      log.markSeen(state.seen);
      if (isFirst) {
        isFirst = false;
        log.toEnd();
        // After this turn, so that what is there already is not read out.
        setTimeout(() => scroll.setAttribute("aria-live", "polite"), 300);
      }
    },
    waiting: (queue) => log.wait(queue, room?.isOpen),
    refused(message, reason) {
      log.refuse(room, message, reason, (words) => {
        if (words) {
          text.value = [words, text.value].filter(Boolean).join("\n");
          room.keepDraft(text.value);
        }
        text.focus();
      });
    },
    typing(who) {
      typing.textContent = who ? fill(words.typing, { name: who }) : words.typing_us;
      clearTimeout(typingTimer);
      typingTimer = setTimeout(() => (typing.textContent = ""), TYPING_SHOWN_MS);
      toEndUnlessReading();
    },
    seen: (seq) => log.markSeen(seq),
    done(what, error) {
      if (error) {
        if (addressPanel.hidden) showAddress(what, error);
        else addressError(error);
        return;
      }
      if (what === "email" || what === "transcript") {
        asksFor = "";
        showAddress("");
        files.tell(what === "email" ? words.address_saved : words.transcript_sent, { isPassing: true });
      }
      if (what === "solved") files.tell(words.solved_thanks);
    },
    line(status) {
      log.wait(room.queue, room.isOpen);
      const parts = lineParts(room, words, status, { plain: config.plain });
      if (!parts.length && !status.isOpen && isFirst) parts.push(make("p", "", words.connecting));
      linePanel.replaceChildren(...parts);
      linePanel.hidden = parts.length === 0;
      text.disabled = send.disabled = attach.disabled = status.isGone;
      if (status.isOpen) files?.go();
    },
  };
  let typingTimer = 0;
  let hasAddress = true;
  let asksFor = "";

  // --- Panels ------------------------------------------------------------------------------------

  const failed = () => files.tell(words.failed, { isPassing: true });

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
    if (wasHidden !== addressPanel.hidden) toEndUnlessReading();
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
          files.tell(words.unsolved, { isPassing: true });
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
    log.toEnd();
  }

  // --- Writing -----------------------------------------------------------------------------------

  sendsByEnter(text, form);
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

  document.addEventListener("visibilitychange", sawIt);
  addEventListener("focus", sawIt);

  let files = null;
  let room = null;
  room = new Room(config, listener);
  files = new FileSender(room, config, { panel: filePanel, control: attach, text, changed: toEndUnlessReading });
  files.watch(picker);
  text.value = room.draft;
  room.open();
  files.resume();

  return {
    focus: () => text.focus(),
    close() {
      log.close();
      document.removeEventListener("visibilitychange", sawIt);
      removeEventListener("focus", sawIt);
      room.close();
    },
  };
}
