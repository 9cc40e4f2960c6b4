// The chat in the panel. Its window is the one of our own pages, loaded when a chat begins; until the tab is closed the
// chat goes on from page to page.

import { field, h, outside } from "./parts.js";
import { keeper } from "./visit.js";
import { newKey, personOf } from "./write.js";

const keptChat = keeper("sessionStorage", "svar:chat");
const begun = keeper("sessionStorage", "svar:chat-begun");

export const hasTalk = () => Boolean(keptChat.read());

export function talk(panel) {
  const { svar } = panel;
  if (svar.room) return svar.room;
  const chat = keptChat.read();
  return chat ? room(panel, chat) : beginTalk(panel);
}

function beginTalk(panel) {
  const { texts, svar, visit } = panel;
  const known = personOf(svar);
  const offer = svar.config.channels.find((one) => one.channel === "chat");
  const key = newKey();
  const message = field("first", texts.chat_message, { rows: 4, dir: "auto" });
  message.input.value = begun.read() ?? "";
  const email = field("chat-email", texts.chat_email, { type: "email", autocomplete: "email", value: known.email });
  const problem = h("p", { class: "problem", role: "alert" });
  const send = h("button", { class: "btn main", type: "submit" }, texts.chat_begin);
  const node = h("form", { class: "write", novalidate: true, onsubmit, oninput: () => begun.write(message.input.value) }, [
    offer && h("p", { class: "note" }, [offer.label, offer.detail, offer.wait].filter(Boolean).join(" · ")),
    message.node,
    email.node,
    problem,
    send,
  ]);

  async function onsubmit(event) {
    event.preventDefault();
    problem.textContent = "";
    message.tell(message.input.value.trim() ? "" : texts.message_missing);
    if (!message.input.value.trim()) return message.input.focus();
    if (send.getAttribute("aria-busy")) return;
    send.setAttribute("aria-busy", "true");
    try {
      const chat = await visit.ask(`chats/?journey=${(await visit.id()) ?? ""}`, {
        body: {
          message: message.input.value,
          email: email.input.value.trim(),
          name: known.name,
          topic: svar.options.topic || null,
          lang: visit.language,
          place: location.host.slice(0, 120),
          key,
        },
      });
      keptChat.write(chat);
      begun.write(null);
      visit.isOver();
      const { node, focus } = room(panel, chat);
      panel.show("talk", texts.chat, node, { focus });
    } catch (error) {
      const { status, fields = {} } = error;
      if (fields.email) email.tell([fields.email].flat().join(" "));
      else if (fields.message) message.tell([fields.message].flat().join(" "));
      else problem.textContent = status === 429 ? texts.too_often : texts.failed;
    }
    send.removeAttribute("aria-busy");
  }
  return { node, focus: message.input };
}

/** One window for the page: what is said while the panel shows something else arrives all the same. */
function room(panel, chat) {
  const { svar, texts } = panel;
  const place = h("div", { class: "room" }, h("p", { role: "status" }, texts.loading));
  let opened = null;
  svar.room = { node: place, focus: { focus: () => (opened ? opened.focus() : panel.title.focus()) } };
  load().catch(() => {
    // Tried again when somebody comes back to it.
    svar.room = null;
    place.replaceChildren(h("p", {}, texts.not_loaded), outside(texts.open_page, chat.url));
  });

  async function load() {
    const [module, css] = await Promise.all([
      svar.module("chat"),
      svar.load(svar.config.modules.chat_css).then((response) => response.text()),
    ]);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css.replace(/(?<=[\d.])rem\b/g, "em"));
    svar.root.adoptedStyleSheets = [...svar.root.adoptedStyleSheets, sheet];
    const api = new URL(`api/v1/chats/${chat.id}/`, svar.base).href;
    // In a site of somebody else nothing that was written outlives the tab.
    const config = { ...chat, api, plain: chat.url, language: svar.config.language, storage: "sessionStorage" };
    opened = module.openChat(place, config, { onUnread: (count, words) => unread(count, words) });
    if (place.isConnected && panel.isOpen) opened.focus();
  }
  function unread(count, words) {
    if (!svar.launcher) return;
    svar.launcher.dataset.unread = count || "";
    svar.launcher.toggleAttribute("data-has-unread", count > 0);
    svar.launcher.title = words;
  }
  return svar.room;
}
