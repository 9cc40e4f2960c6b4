// An article's text as elements. The help center sanitises it; here it is built anew all the same, from a list of what
// articles are made of, because it is to stand in somebody else's page.

import { fill, h, outside } from "./parts.js";

const TAGS = new Set(
  "a abbr blockquote br caption code del div em h2 h3 h4 hr kbd li ol p pre s strong sub sup table tbody td th thead tr ul".split(" "),
);
const CLASSES = /^(table-scroll|alert|alert-[a-z]+|end|center)$/;
let policy;

/** A document that runs and loads nothing. Sites that demand Trusted Types get them, or refuse and are left alone. */
function parsed(html) {
  policy ??= window.trustedTypes?.createPolicy("svar", { createHTML: (text) => text });
  return new DOMParser().parseFromString(policy ? policy.createHTML(html) : html, "text/html").body;
}

function copy(node, base, texts) {
  if (node.nodeType === Node.TEXT_NODE) return node.data;
  if (node.nodeType !== Node.ELEMENT_NODE) return [];
  const name = node.localName;
  // A host's policy mostly forbids pictures of other sites; the words about it and the way to it are what can be shown.
  if (name === "img") return picture(node, base, texts);
  const children = [...node.childNodes].flatMap((child) => copy(child, base, texts));
  if (name === "a") return anchor(node, base, children);
  if (!TAGS.has(name)) return [];
  // The panel has a heading of its own, one above those of the text.
  const copied = h(name.replace(/^h([2-4])$/, (_, level) => `h${Number(level) + 1}`));
  const classes = [...node.classList].filter((one) => CLASSES.test(one));
  if (classes.length) copied.className = classes.join(" ");
  if (name === "th" && node.scope) copied.scope = node.scope;
  if (name === "ol" && node.start !== 1) copied.start = node.start;
  if (classes.includes("table-scroll")) copied.tabIndex = 0;
  copied.append(...children);
  return copied;
}

function anchor(node, base, children) {
  const address = node.getAttribute("href") ?? "";
  let url = null;
  try {
    url = new URL(address, base);
  } catch {
    // No address: its words stay.
  }
  if (address.startsWith("#") || !url || !["https:", "http:", "mailto:", "tel:"].includes(url.protocol)) return children;
  return outside(children, url.href);
}

function picture(node, base, texts) {
  const words = fill(texts.picture, { text: node.alt }).trim();
  try {
    return outside(words, new URL(node.getAttribute("src"), base).href);
  } catch {
    return words;
  }
}

/** `base` is the article's own address, for links that are written from there. */
export function articleText(html, base, texts) {
  try {
    return [...parsed(html).childNodes].flatMap((node) => copy(node, base, texts));
  } catch {
    return [outside(texts.open_page, base)];
  }
}
