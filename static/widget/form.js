// Suggestions beside a form that was there before us. It is read and never written to: its fields, its button and its
// sending stay what they are.

import { Suggestions } from "./suggestions.js";
import { visitOf } from "./visit.js";

const SUBJECT = "input[name*=subject i], input[id*=subject i], input[name*=title i], input[name*=amne i], input[name*=emne i]";

export function watch(svar, form) {
  const text = form.querySelector("textarea");
  if (!text || svar.watched === form) return;
  svar.watched = form;
  const subject = form.querySelector(SUBJECT);
  const { host, box } = svar.rootIn("svar-suggestions");
  const suggestions = new Suggestions(svar, {
    written: () => ({ text: text.value, subject: subject?.value ?? "" }),
    open: (article, opener) => svar.open({ article, opener, goBack: () => text.focus() }),
  });
  suggestions.onEmpty = () => text.focus();
  box.classList.add("inline");
  box.append(suggestions.node);
  const place = svar.options.suggestionsIn && document.querySelector(svar.options.suggestionsIn);
  // After the form, where nothing of it has to move.
  if (place) place.append(host);
  else form.after(host);
  // Which group a visit belongs to is decided before anything is shown.
  visitOf(svar).note("contact_opened");
  for (const input of [text, subject]) input?.addEventListener("input", () => suggestions.soon());
  if (text.value) suggestions.soon();
}
