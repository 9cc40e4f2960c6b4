// The box for answers and notes: drafts that follow the agent from machine to machine, files, sending once, solving.
// The server keeps the draft; this browser keeps one too, for when the server cannot be reached.

const LOCAL = "svar:desk:";
const LOCAL_DAYS = 14;
const PAUSE_MS = 900;
const done = new Set((document.body.dataset.done || "").split(" "));
const box = document.querySelector("[data-box]");
const token = () => box.querySelector("[name=csrfmiddlewaretoken]").value;

/** Drafts in this browser. Where storage is full or forbidden there are none, and nothing else changes. */
const local = {
  read(key) {
    try {
      return JSON.parse(localStorage.getItem(LOCAL + key)) || {};
    } catch {
      return {};
    }
  },
  /** `isSaved`: the server has it too, and from then on knows better what became of it. */
  write(key, text, isSaved = false) {
    try {
      if (text.trim()) localStorage.setItem(LOCAL + key, JSON.stringify({ text, isSaved, at: Date.now() }));
      else localStorage.removeItem(LOCAL + key);
    } catch {
      // The text is still in the box.
    }
  },
  /** Customers' words do not stay on a machine for ever. */
  prune() {
    try {
      for (const key of Object.keys(localStorage).filter((one) => one.startsWith(LOCAL))) {
        const { at } = JSON.parse(localStorage.getItem(key)) || {};
        if (!(Date.now() - at < LOCAL_DAYS * 86_400_000)) localStorage.removeItem(key);
      }
    } catch {
      // Nothing to tidy.
    }
  },
};

function keepDraft(form) {
  const text = form.querySelector("textarea");
  const key = form.dataset.draft;
  const status = form.querySelector("[data-draft-status]");
  let timer = 0;
  let running = null;
  let isOver = false;

  const save = async (isLast = false) => {
    clearTimeout(timer);
    timer = 0;
    running?.abort();
    running = new AbortController();
    const words = text.value;
    const body = new FormData();
    body.set("kind", form.dataset.kind);
    body.set("body", words);
    body.set("csrfmiddlewaretoken", token());
    for (const macro of form.querySelectorAll("[name=macros]")) body.append("macros", macro.value);
    try {
      const signal = isLast ? undefined : running.signal;
      const response = await fetch(box.dataset.draftUrl, { method: "POST", body, signal, keepalive: isLast, redirect: "error" });
      if (!response.ok) throw new Error(String(response.status));
      status.textContent = words.trim() ? (await response.json()).saved : "";
      if (words === text.value) local.write(key, words, true);
    } catch (error) {
      // This browser still has it, and the next key tries again.
      if (error.name !== "AbortError") status.textContent = box.dataset.unsaved;
    }
  };
  const discard = () => {
    text.value = "";
    for (const macro of form.querySelectorAll("[name=macros]")) macro.remove();
    text.dispatchEvent(new Event("input", { bubbles: true }));
    text.focus();
  };
  const offerToDiscard = () => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn bare sm", textContent: box.dataset.discard });
    button.addEventListener("click", discard);
    status.replaceChildren(box.dataset.restored, " ", button);
  };

  if (done.has(form.dataset.done)) local.write(key, "");
  const kept = local.read(key);
  // An answer of the server's own, with a mistake or a conflict, holds what was just written.
  const isAnswered = text.hasAttribute("aria-invalid") || document.querySelector("#conflict") || form.querySelector(".error");
  if (kept.text && !kept.isSaved && kept.text !== text.value && !isAnswered) {
    text.value = kept.text;
    timer = setTimeout(save, PAUSE_MS);
  }
  if (text.value && !form.querySelector(".error")) offerToDiscard();
  text.addEventListener("input", () => {
    local.write(key, text.value);
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE_MS);
  });
  // What is sent is no draft any more: nothing may write it again behind the answer.
  form.addEventListener("submit", () => {
    isOver = true;
    clearTimeout(timer);
    timer = 0;
    running?.abort();
  });
  window.addEventListener("pagehide", () => {
    if (timer && !isOver) save(true);
  });
  window.addEventListener("pageshow", () => {
    isOver = false;
  });
}

function sendOnce(form) {
  const send = form.querySelector("[data-send]");
  let isSending = false;
  form.addEventListener("submit", (event) => {
    if (isSending) event.preventDefault();
    isSending = true;
    if (event.submitter === send) send.setAttribute("aria-busy", "true");
  });
  // The page may come back from the browser's memory, ready to be used again.
  window.addEventListener("pageshow", () => {
    isSending = false;
    send.removeAttribute("aria-busy");
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.defaultPrevented) return;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      form.requestSubmit(send);
    } else if (event.target.matches("input[type=radio]") && event.target.closest("#solving")) {
      // The second of the two keys that solve a case. Where there is a choice and none was probable, it only chooses:
      // what answered a case teaches the matching, and is not to be picked by the way.
      event.preventDefault();
      const hadChosen = event.target.checked || form.querySelectorAll("#solving [name=article]").length === 1;
      event.target.checked = true;
      if (hadChosen) form.requestSubmit(send);
    } else if (event.target.matches("input")) {
      // Enter in a search field only searches, which has happened by then.
      event.preventDefault();
    }
  });
}

function solve(event) {
  event?.preventDefault();
  show("reply", false);
  box.querySelector("input[name=then][value=solved]").click();
  const panel = box.querySelector("#solving");
  const chosen = panel.querySelector("[name=article]:checked") || panel.querySelector("[name=article]");
  panel.scrollIntoView({ block: "center" });
  chosen.focus({ preventScroll: true });
}

/** What is suggested of the cause and the kind of question is put in, to be looked at and sent. */
function takeSuggested(button) {
  const form = button.closest("form");
  if (form.id === "reply-form") solve();
  for (const field of form.querySelectorAll("[data-suggested]")) {
    if (field.matches("select")) field.value = field.dataset.suggested;
    else field.checked = true;
  }
}

/** Answer or note. The mode is told by a radio button; CSS shows the right form. */
function show(mode, isFocused = true) {
  const radio = box.querySelector(`[name=box-mode][value=${mode}]`);
  radio.checked = true;
  if (isFocused) box.querySelector(mode === "note" ? "#id_note" : "#id_body").focus();
}

async function sendFiles(fields) {
  const body = new FormData();
  body.set("csrfmiddlewaretoken", token());
  for (const [name, value] of fields) body.append(name, value);
  const old = box.querySelector("[data-waiting]");
  old.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(box.dataset.filesUrl, { method: "POST", body, redirect: "error" });
    if (!response.ok && response.status !== 422) return false;
    const template = document.createElement("template");
    template.innerHTML = await response.text();
    old.replaceWith(template.content.querySelector("[data-waiting]"));
    return true;
  } catch {
    return false;
  } finally {
    old.removeAttribute("aria-busy");
  }
}

function takeFiles() {
  const input = box.querySelector("#id_files");
  const text = box.querySelector("#id_body");
  const upload = async (files) => {
    // What could not be sent now stays in the field, and goes with the answer.
    if (files.length && (await sendFiles([...files].map((file) => ["attachments", file])))) input.value = "";
  };
  input.addEventListener("change", () => upload(input.files));
  box.addEventListener("change", (event) => {
    if (event.target.matches("[data-waiting] [name=kept]") && !event.target.checked) sendFiles([["remove", event.target.value]]);
  });
  // A picture from the clipboard, or files dropped on the text.
  text.addEventListener("paste", (event) => {
    if (event.clipboardData?.files.length) {
      event.preventDefault();
      upload(event.clipboardData.files);
    }
  });
  text.addEventListener("dragover", (event) => event.dataTransfer?.types.includes("Files") && event.preventDefault());
  text.addEventListener("drop", (event) => {
    if (event.dataTransfer?.files.length) {
      event.preventDefault();
      upload(event.dataTransfer.files);
    }
  });
}

local.prune();
for (const form of box.querySelectorAll("form[data-composer]")) {
  keepDraft(form);
  sendOnce(form);
}
takeFiles();
for (const radio of box.querySelectorAll("[name=box-mode]")) {
  radio.addEventListener("click", (event) => {
    // A click on the label, or a key; arrow keys between the two stay where they are.
    if (event.detail || event.isTrusted === false) show(radio.value);
  });
}
// On the document, because the head of the case is drawn anew when something about it changes.
document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-solve]")) solve(event);
  const take = event.target.closest?.("[data-take-suggested]");
  if (take) takeSuggested(take);
});
for (const line of document.querySelectorAll("[data-suggestion]")) line.hidden = false;
for (const look of box.querySelectorAll("[data-look]")) look.hidden = true;
