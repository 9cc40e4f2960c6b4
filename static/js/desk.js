// The desk: drafts that survive, counts that stay true, and the keyboard. All of it works without this file.

const DRAFTS = "svar:desk:";
const DRAFT_DAYS = 14;
const REFRESH_MS = 60_000;
const done = new Set((document.body.dataset.done || "").split(" "));

/** Drafts in this browser. Where storage is full or forbidden there are none, and nothing else changes. */
const drafts = {
  read(key) {
    try {
      return JSON.parse(localStorage.getItem(DRAFTS + key))?.text || "";
    } catch {
      return "";
    }
  },
  write(key, text) {
    try {
      if (text.trim()) localStorage.setItem(DRAFTS + key, JSON.stringify({ text, at: Date.now() }));
      else localStorage.removeItem(DRAFTS + key);
    } catch {
      // The text is still in the box.
    }
  },
  /** Customers' words do not stay on a machine for ever. */
  prune() {
    try {
      for (const key of Object.keys(localStorage).filter((one) => one.startsWith(DRAFTS))) {
        const { at } = JSON.parse(localStorage.getItem(key)) || {};
        if (!(Date.now() - at < DRAFT_DAYS * 86_400_000)) localStorage.removeItem(key);
      }
    } catch {
      // Nothing to tidy.
    }
  },
};

function keepDraft(form) {
  const box = form.querySelector("textarea");
  const key = form.dataset.draft;
  const status = form.querySelector("[data-draft-status]");
  if (done.has(form.dataset.done)) drafts.write(key, "");
  const kept = drafts.read(key);
  if (kept && !box.value) {
    box.value = kept;
    form.closest("details")?.setAttribute("open", "");
    const discard = document.createElement("button");
    discard.type = "button";
    discard.className = "btn bare sm";
    discard.textContent = form.dataset.discard;
    discard.addEventListener("click", () => {
      box.value = "";
      drafts.write(key, "");
      status.replaceChildren();
      box.focus();
    });
    status.replaceChildren(form.dataset.restored, " ", discard);
  }
  box.addEventListener("input", () => drafts.write(key, box.value));
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
    if (event.key !== "Enter" || event.isComposing) return;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      form.requestSubmit(send);
    } else if (event.target.matches("input")) {
      // Enter in the search field only searches, which has happened by then.
      event.preventDefault();
    }
  });
}

function insertLink(button) {
  const box = document.querySelector("#id_body");
  const before = box.value.slice(0, box.selectionStart);
  const gap = before && !before.endsWith("\n") ? "\n\n" : "";
  box.setRangeText(`${gap}${button.dataset.title}\n${button.dataset.insert}\n`, box.selectionStart, box.selectionEnd, "end");
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.focus();
}

drafts.prune();
for (const form of document.querySelectorAll("form[data-composer]")) {
  keepDraft(form);
  sendOnce(form);
}
for (const button of document.querySelectorAll("[data-insert]")) {
  button.hidden = false;
  button.addEventListener("click", () => insertLink(button));
}
for (const link of document.querySelectorAll("[data-solve]")) {
  link.addEventListener("click", () => {
    document.querySelector("input[name=then][value=solved]").checked = true;
  });
}
document.querySelector("[data-look]")?.setAttribute("hidden", "");
setInterval(() => {
  if (!document.hidden) document.querySelector("#rail")?.dispatchEvent(new CustomEvent("desk:refresh"));
}, REFRESH_MS);
document.querySelector(".rail-views [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
document.querySelector(".case-row[aria-current]")?.scrollIntoView({ block: "nearest" });
