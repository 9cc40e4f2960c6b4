// Elements by code alone: nothing that comes from outside is ever read as HTML here.

const ICONS = {
  close: "M5 5l14 14M19 5L5 19",
  back: "M14 5l-7 7 7 7",
  form: "M4 20l1-5L16 4l4 4L9 19z",
  email: "M3 6h18v12H3zM3 7l9 7 9-7",
  chat: "M4 5h16v11H10l-5 4v-4H4z",
  phone: "M5 4h4l2 5-3 2c1 3 2 4 5 5l2-3 5 2v4c-8 2-17-7-15-15z",
  callback: "M5 7h4l2 4-2 2c1 2 2 3 4 4l2-2 4 2v3c-7 2-15-6-14-13zM15 9l5-5M15 5v4h4",
};
const SVG = "http://www.w3.org/2000/svg";

/** `h("a", {href, class, onclick, "aria-label"}, ...children)`; null and false children are left out. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value != null) element.setAttribute(key, value);
  }
  element.append(...children.flat().filter((child) => child != null && child !== false));
  return element;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", ICONS[name] ?? ICONS.form);
  svg.append(path);
  return svg;
}

export function button(text, onclick, { class: looks = "", ...attributes } = {}) {
  return h("button", { type: "button", class: `btn ${looks}`.trim(), onclick, ...attributes }, text);
}

/** A link that leaves the host's page where it is. */
export function outside(text, href, attributes = {}) {
  return h("a", { href, target: "_blank", rel: "noopener", ...attributes }, text);
}

/** A field with its label above it and room for what is wrong below it. */
export function field(name, label, attributes = {}) {
  const input = h(attributes.rows ? "textarea" : "input", { id: `f-${name}`, name, ...attributes });
  const problem = h("p", { class: "problem", id: `p-${name}`, role: "alert" });
  const tell = (text) => {
    problem.textContent = text;
    if (text) {
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", problem.id);
    } else {
      input.removeAttribute("aria-invalid");
      input.removeAttribute("aria-describedby");
    }
  };
  return { input, tell, node: h("div", { class: "field" }, h("label", { for: input.id }, label), input, problem) };
}

export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
