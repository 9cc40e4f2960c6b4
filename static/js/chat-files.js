// Files on their way into a chat: kept on this device until the server has them, so that neither a reload nor a lost
// network loses one, and sent again under the same key, so that none comes twice.

import { button, fill, make } from "./chat-log.js";
import { Refused, newKey } from "./chat-room.js";

const PASSING_MS = 8000;
const KEPT_DAYS = 7;
const STORE = "files";

/** In the browser's own database, in our pages only: in other sites it would be theirs. Where it is forbidden, files
 * are kept as long as the page. */
class Kept {
  constructor(room, isAllowed) {
    this.room = room;
    this.isAllowed = isAllowed;
  }
  async ask(mode, action) {
    if (!this.isAllowed) return null;
    try {
      const base = await new Promise((done, failed) => {
        const opening = indexedDB.open("svar-chat", 1);
        opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: "key" });
        opening.onsuccess = () => done(opening.result);
        opening.onerror = failed;
      });
      const asked = action(base.transaction(STORE, mode).objectStore(STORE));
      const found = await new Promise((done, failed) => Object.assign(asked, { onsuccess: () => done(asked.result), onerror: failed }));
      base.close();
      return found;
    } catch {
      return null;
    }
  }
  put(key, files) {
    return this.ask("readwrite", (store) => store.put({ key, files, room: this.room, at: Date.now() }));
  }
  drop(key) {
    return this.ask("readwrite", (store) => store.delete(key));
  }
  async all() {
    const found = (await this.ask("readonly", (store) => store.getAll())) ?? [];
    const oldest = Date.now() - KEPT_DAYS * 86400e3;
    for (const one of found) if (one.at < oldest) this.drop(one.key);
    return found.filter((one) => one.room === this.room && one.at >= oldest).sort((one, other) => one.at - other.at);
  }
}

export class FileSender {
  /** `panel` tells how it goes, `control` chooses files, `changed` is called when the panel grows or shrinks. */
  constructor(room, config, { panel, control, text, changed = () => {} }) {
    Object.assign(this, { room, panel, control, text, changed });
    this.words = config.texts;
    this.limits = config.limits;
    this.numbers = new Intl.NumberFormat(config.language, { maximumFractionDigits: 1 });
    const isOurs = new URL(config.api, location.href).origin === location.origin;
    this.kept = new Kept(config.id, isOurs);
    this.waiting = [];
    this.isSending = false;
    text.addEventListener("paste", (event) => {
      const files = [...event.clipboardData.files];
      if (!files.length) return;
      event.preventDefault();
      this.send(files);
    });
  }

  async resume() {
    for (const { key, files } of await this.kept.all()) this.waiting.push({ key, files });
    this.go();
  }

  /** Whatever the panel has to say; what is `isPassing` goes by itself. */
  tell(sentence, { isPassing = false, more = [] } = {}) {
    clearTimeout(this.timer);
    this.panel.replaceChildren(...(sentence ? [make("p", "", sentence)] : []), ...more);
    this.panel.hidden = !sentence;
    if (isPassing) this.timer = setTimeout(() => this.tell(""), PASSING_MS);
    this.changed();
  }

  /** By a picker: what is chosen is sent at once, and can be chosen anew. */
  watch(picker) {
    picker.addEventListener("change", () => {
      const chosen = [...picker.files];
      picker.value = "";
      if (chosen.length) this.send(chosen);
    });
  }

  async send(chosen) {
    const { max_bytes: limit, max_files: most } = this.limits;
    const large = chosen.find((file) => file.size > limit);
    if (large) {
      const size = `${this.numbers.format(large.size / 1048576)} MB`;
      this.tell(fill(this.words.too_large, { name: large.name, size, limit: this.words.limit }));
      return;
    }
    const one = { key: newKey(), files: chosen.slice(0, most), isTooMany: chosen.length > most };
    this.waiting.push(one);
    await this.kept.put(one.key, one.files);
    await this.go();
    this.text.focus();
  }

  /** Sends what waits, one after the other; also when there is a network again. */
  async go() {
    if (this.isSending) return;
    this.isSending = true;
    while (this.waiting.length && (await this.sendOne(this.waiting[0]))) this.waiting.shift();
    this.isSending = false;
  }

  /** False where it has to wait for the network. */
  async sendOne({ key, files, isTooMany }) {
    const name = files.map((file) => file.name).join(", ");
    const progress = Object.assign(make("progress"), { max: 1 });
    progress.setAttribute("aria-label", fill(this.words.file_sending, { name }));
    this.tell(fill(this.words.file_sending, { name }), { more: [progress] });
    this.control.setAttribute("aria-busy", "true");
    try {
      await this.room.sendFiles(key, files, (share) => (progress.value = share));
      this.tell(isTooMany ? this.words.too_many : "");
    } catch (error) {
      const isRefused = error instanceof Refused;
      const reason = isRefused ? error.message.replace(/^body: /, "") : this.words.no_connection;
      const more = isRefused ? [] : [button("chat-link", this.words.retry, () => this.go())];
      this.tell(fill(this.words.file_failed, { name, reason }), { more });
      if (!isRefused) return false;
    } finally {
      this.control.removeAttribute("aria-busy");
    }
    await this.kept.drop(key);
    return true;
  }
}
