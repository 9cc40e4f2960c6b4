// What the parts of the contact page share: the form, its words, and a few small tools.

export const form = document.querySelector("form[data-contact]");
export const words = form.dataset;
export const { message, subject, topic, key } = form.elements;
export const send = form.querySelector("[data-send]");

export const said = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
export const element = (name, className = "", text = "") =>
  Object.assign(document.createElement(name), { className, textContent: text });

/** Storage, by its name, may be full, or so forbidden that naming it is an error; writing must go on all the same. */
export function read(storage, name) {
  try {
    return JSON.parse(window[storage].getItem(name));
  } catch {
    return null;
  }
}
export function write(storage, name, value) {
  try {
    if (value === null) window[storage].removeItem(name);
    else window[storage].setItem(name, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** Told for the reports; that it could not be told is nobody's trouble here. */
export function note(event) {
  fetch(words.eventsUrl, {
    method: "POST",
    keepalive: true,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(event),
  }).catch(() => {});
}

/** A key that no message was sent with yet: the server makes one case of one key. */
export function freshKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
