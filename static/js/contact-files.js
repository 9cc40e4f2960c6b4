// Files are uploaded while somebody writes (tus 1.0: https://tus.io/protocols/resumable-upload), so that a lost
// connection costs a part and no file. Until a file is there whole it stays in the form's own field too: whoever sends
// before it is through sends it the ordinary way.

import { element, form, said, words } from "./contact-page.js";

const MOST_FILES = 5;
const PART_BYTES = 256 * 1024;
const LONGEST_PAUSE_MS = 20_000;
const TUS = { "Tus-Resumable": "1.0.0" };

const field = form.querySelector("[data-uploads]");
const input = field.querySelector("input[type=file]");
const list = field.querySelector("[data-file-list]");
const problems = field.querySelector("[data-file-problems]");
const status = field.querySelector("[data-file-status]");
const texts = field.dataset;
const limit = Number(input.dataset.maxBytes);
const unit = (name, digits) => new Intl.NumberFormat(texts.language, { style: "unit", unit: name, maximumFractionDigits: digits });
const share = new Intl.NumberFormat(texts.language, { style: "percent" });
const size = (bytes) =>
  bytes < 1e6 ? unit("kilobyte", 0).format(Math.ceil(bytes / 1024)) : unit("megabyte", 1).format(bytes / 1048576);

/** Every file in the list: {file?, name, size, url?, token?, offset, isWhole, row}. */
let items = [];
let aside = [];
let isUploading = false;

class Refused extends Error {}
const pause = (ms) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    addEventListener("online", () => (clearTimeout(timer), resolve()), { once: true });
  });

// --- The list ------------------------------------------------------------------------------------

function rowOf(item) {
  const row = element("li");
  const label = element("span", "upload-name", item.name);
  label.append(" ", element("span", "muted num", `(${size(item.size)})`));
  const state = element("span", "upload-state");
  const bar = element("progress");
  bar.max = item.size;
  bar.setAttribute("aria-label", item.name);
  const remove = element("button", "btn bare sm");
  remove.type = "button";
  remove.append(field.querySelector("template").content.cloneNode(true));
  remove.setAttribute("aria-label", said(texts.remove, { name: item.name }));
  row.append(label, bar, state, remove);
  return row;
}
function show(item, text) {
  const { row } = item;
  const bar = row.querySelector("progress");
  if (bar) {
    bar.hidden = item.isWhole || !item.url || !item.file;
    bar.value = item.offset;
  }
  row.querySelector(".upload-state").textContent = text;
}
function enlist(item) {
  item.row = rowOf(item);
  item.row.querySelector("button").addEventListener("click", () => remove(item));
  list.append(item.row);
}
/** What is not there whole yet goes with the form as any file does. */
function keepInForm() {
  const transfer = new DataTransfer();
  for (const item of items) if (item.file && !item.isWhole) transfer.items.add(item.file);
  input.files = transfer.files;
}
function remove(item) {
  const place = items.indexOf(item);
  items = items.filter((one) => one !== item);
  item.row.remove();
  item.isGone = true;
  keepInForm();
  if (item.url) fetch(item.url, { method: "DELETE", headers: TUS, keepalive: true }).catch(() => {});
  (items[place] ?? items[place - 1])?.row.querySelector("button").focus() ?? input.focus();
}
function complete(item) {
  item.isWhole = true;
  const hidden = element("input");
  Object.assign(hidden, { type: "hidden", name: "uploads", value: item.token });
  item.row.append(hidden);
  keepInForm();
  show(item, texts.ready);
  status.textContent = said(texts.allReady, item);
}

// --- Choosing ------------------------------------------------------------------------------------

function problem(file) {
  const values = { name: file.name, size: size(file.size), limit: size(limit) };
  return said(file.size > limit ? texts.tooLarge : file.size === 0 ? texts.empty : "", values);
}
function add(files) {
  const found = files.map(problem).filter(Boolean);
  for (const file of files.filter((one) => !problem(one))) {
    const half = items.find((item) => !item.file && !item.isWhole && item.name === file.name && item.size === file.size);
    if (half) {
      half.file = file;
      half.row.remove();
      enlist(half);
      show(half, "");
    } else if (items.length >= MOST_FILES) {
      if (!found.includes(texts.tooMany)) found.push(texts.tooMany);
    } else {
      const item = { file, name: file.name, size: file.size, offset: 0, isWhole: false };
      items.push(item);
      enlist(item);
      show(item, texts.withForm);
    }
  }
  keepInForm();
  problems.replaceChildren(...found.map((text) => element("p", "error", text)));
  uploadAll();
}
input.addEventListener("change", () => {
  const held = new Set(items.map((item) => item.file));
  add([...input.files].filter((file) => !held.has(file)));
});

// --- Uploading -----------------------------------------------------------------------------------

async function uploadAll() {
  if (isUploading) return;
  isUploading = true;
  for (let item; (item = items.find((one) => one.file && !one.isWhole && !one.isLeft)); ) {
    try {
      await upload(item);
    } catch (error) {
      // It stays in the form, and goes along with it.
      item.isLeft = true;
      if (error instanceof Refused) {
        remove(item);
        problems.replaceChildren(element("p", "error", error.message));
      } else show(item, texts.withForm);
    }
  }
  isUploading = false;
}
async function upload(item) {
  let wait = 1000;
  let isOpen = false;
  while (!item.isGone && !item.isWhole) {
    try {
      if (!item.url) await begin(item);
      else if (!isOpen) await find(item);
      isOpen = true;
      if (item.offset < item.size) await part(item);
      wait = 1000;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      // No answer: the connection is lost, or the server starts anew. What has arrived is asked for, and added to.
      isOpen = false;
      show(item, texts.waiting);
      await pause(wait);
      wait = Math.min(2 * wait, LONGEST_PAUSE_MS);
      continue;
    }
    if (item.offset >= item.size && !item.isGone) complete(item);
    else show(item, said(texts.sending, { percent: share.format(item.offset / item.size) }));
  }
}
async function ask(url, options) {
  const response = await fetch(url, { ...options, headers: { ...TUS, ...options.headers } });
  // A server that is busy or away is asked again, as if there had been no answer.
  if (response.status >= 500 || response.status === 429 || response.status === 409) throw new TypeError(response.statusText);
  if (response.status === 422 || response.status === 413) {
    const detail = await response.json().catch(() => ({}));
    if (detail.detail) throw new Refused(detail.detail);
  }
  if (!response.ok) throw new Error(String(response.status));
  return response;
}
async function begin(item) {
  const name = btoa(String.fromCharCode(...new TextEncoder().encode(item.name)));
  const headers = { "Upload-Length": String(item.size), "Upload-Metadata": `filename ${name}` };
  const response = await ask(words.uploadsUrl, { method: "POST", headers });
  item.url = response.headers.get("Location");
  item.token = (await response.json()).token;
  item.offset = 0;
}
async function find(item) {
  const response = await ask(item.url, { method: "HEAD" });
  item.offset = Number(response.headers.get("Upload-Offset"));
}
async function part(item) {
  const response = await ask(item.url, {
    method: "PATCH",
    headers: { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(item.offset) },
    body: item.file.slice(item.offset, item.offset + PART_BYTES),
  });
  item.offset = Number(response.headers.get("Upload-Offset"));
}

// --- Coming back, and starting over --------------------------------------------------------------

for (const row of list.querySelectorAll("[data-upload]")) {
  const { upload: url, token, name, size: bytes, offset, whole } = row.dataset;
  const item = { row, url, token, name, size: Number(bytes), offset: Number(offset), isWhole: whole !== undefined };
  row.querySelector("button").addEventListener("click", (event) => {
    event.preventDefault();
    remove(item);
  });
  items.push(item);
}
form.addEventListener("draft-cleared", () => {
  aside = items;
  items = [];
  list.replaceChildren();
  keepInForm();
});
form.addEventListener("draft-undone", () => {
  items = aside;
  aside = [];
  list.replaceChildren(...items.map((item) => item.row));
  keepInForm();
  uploadAll();
});
