// Writing to us. What was written is kept for this tab until it has arrived, whatever page is opened meanwhile, and
// sent under one key however often it is tried.

import { button, field, fill, h, outside } from "./parts.js";
import { Suggestions } from "./suggestions.js";
import { keeper } from "./visit.js";

const draft = keeper("sessionStorage", "svar:draft");

export function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What the page knows of its visitor is filled in, and can be changed. */
export function personOf({ options }) {
  return { name: options.name ?? "", email: options.email ?? "" };
}

export function write(panel) {
  const { texts, svar, visit } = panel;
  const kept = { key: newKey(), message: "", ...personOf(svar), ...draft.read() };
  const message = field("message", texts.message, { rows: 5, dir: "auto" });
  const email = field("email", texts.email, { type: "email", autocomplete: "email" });
  const name = field("name", texts.name, { autocomplete: "name", maxlength: 120 });
  const fields = { message, email, name };
  for (const [key, one] of Object.entries(fields)) one.input.value = kept[key];
  const send = h("button", { class: "btn main", type: "submit" }, texts.send);
  const problem = h("p", { class: "problem", role: "alert" });
  const suggestions = new Suggestions(svar, {
    written: () => ({ text: message.input.value }),
    open: (article) => panel.showArticle(article, { goBack: null }),
  });
  suggestions.onEmpty = () => message.input.focus();

  const form = h("form", { class: "write", novalidate: true, oninput, onsubmit }, [
    message.node,
    email.node,
    name.node,
    problem,
    send,
    outside(texts.files, `${svar.config.pages.contact}`, { class: "small" }),
    suggestions.node,
  ]);
  if (kept.message) suggestions.soon();

  function keep() {
    draft.write({ key: kept.key, message: message.input.value, email: email.input.value, name: name.input.value });
  }
  function oninput(event) {
    // Another text is another message: the key of one that may have arrived is not used for it.
    if (event.target === message.input && kept.isTried) {
      kept.key = newKey();
      kept.isTried = false;
    }
    keep();
    if (event.target === message.input) suggestions.soon();
  }

  /** Whether there is something to send; the first field that needs a look gets the focus. */
  function isReady() {
    message.tell(message.input.value.trim() ? "" : texts.message_missing);
    email.tell(/^\S+@\S+$/.test(email.input.value.trim()) ? "" : texts.email_wrong);
    const wrong = [message, email].find((one) => one.input.hasAttribute("aria-invalid"));
    wrong?.input.focus();
    return !wrong;
  }

  async function onsubmit(event) {
    event.preventDefault();
    problem.textContent = "";
    if (send.getAttribute("aria-busy") || !isReady()) return;
    send.setAttribute("aria-busy", "true");
    kept.isTried = true;
    try {
      const journey = await visit.id();
      // A topic that the host still names, and the help center has no more, keeps nobody from writing.
      const sent = await deliver(journey, svar.options.topic || null).catch((error) => {
        if (!error.fields?.topic) throw error;
        return deliver(journey, null);
      });
      draft.write(null);
      visit.isOver();
      arrived(sent);
    } catch (error) {
      refused(error);
    }
    send.removeAttribute("aria-busy");
  }

  function deliver(journey, topic) {
    const headers = { "Idempotency-Key": kept.key };
    const [text, address, called] = [message, email, name].map((one) => one.input.value.trim());
    const body = { message: text, email: address, name: called, topic, lang: visit.language, journey };
    return visit.ask("tickets/", { headers, body });
  }

  function refused({ status, fields: wrong = {} }) {
    const known = Object.keys(fields).filter((key) => wrong[key]);
    for (const key of known) fields[key].tell([wrong[key]].flat().join(" "));
    if (known.length) fields[known[0]].input.focus();
    else problem.textContent = status === 429 ? texts.too_often : texts.failed;
  }

  function arrived(sent) {
    panel.stack.length = 0;
    panel.stack.push({ name: "home", title: texts.help, node: panel.search.node, focus: panel.search.input, hidesBar: () => false, scroll: 0 });
    panel.show("sent", texts.sent, h("div", { class: "sent" }, [
      h("p", {}, fill(texts.sent_more, { reference: sent.reference })),
      h("p", {}, outside(texts.follow, sent.url, { class: "btn" })),
      button(texts.write_again, () => panel.showWrite(), { class: "plain" }),
    ]));
  }

  return { node: form, focus: message.input };
}
