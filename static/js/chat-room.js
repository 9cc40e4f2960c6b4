// One chat, as it is spoken with the server: what was said in order, what waits to be sent, and the line itself.
// It knows no page and no elements, so the page and the widget use the same. docs/chat.md lists the frames.
//
// A message is kept on this device under a key of its own until the server has given it its number, and one is sent
// at a time: whatever happens to the network, each arrives once and in order.

const PAUSES_MS = [500, 1000, 2000, 4000, 8000, 15000, 30000];
const ACK_WITHIN_MS = 12000;
const OPEN_WITHIN_MS = 10000;
const ASK_EVERY_MS = 4000;
const TYPING_EVERY_MS = 2500;
const TRIES_BEFORE_ASKING = 3;
// Codes with which the server says that coming back is of no use.
const FOR_GOOD = [4400, 4401];

export function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Storage may be full or forbidden; then what waits lives as long as the page. */
class Kept {
  constructor(name, storage) {
    this.name = name;
    this.storage = storage;
  }
  read() {
    try {
      return JSON.parse(window[this.storage].getItem(this.name)) || {};
    } catch {
      return {};
    }
  }
  write(values) {
    try {
      const isEmpty = !values.queue.length && !values.refused.length && !values.draft;
      if (isEmpty) window[this.storage].removeItem(this.name);
      else window[this.storage].setItem(this.name, JSON.stringify(values));
    } catch {
      // Nothing else is different.
    }
  }
}

export class Room {
  /**
   * `listener` is told: lines(lines), notices(notices), state(state), waiting(queue), typing(who), seen(seq),
   * refused(message, text), done(what, error), line({is_open, is_slow, is_gone, seconds}).
   */
  constructor({ id, key, socket, api, language = "", storage = "localStorage" }, listener) {
    this.language = language;
    this.key = key;
    this.socketUrl = new URL(socket, location.href.replace(/^http/, "ws")).href.replace(/^http/, "ws");
    this.api = api;
    this.listener = listener;
    this.last = 0;
    this.seen = 0;
    this.tries = 0;
    this.typedAt = 0;
    this.kept = new Kept(`svar:chat:${id}`, storage);
    const { queue = [], refused = [], draft = "" } = this.kept.read();
    this.queue = queue;
    // What was not taken waits too, until it is changed or thrown away.
    this.refused = refused;
    this.draft = draft;
    this.known = new Set();
    this.onOnline = () => this.connect();
    // Before the socket notices, which may take half a minute.
    this.onOffline = () => this.drop();
    this.onVisible = () => document.visibilityState === "visible" && !this.isOpen && this.connect();
  }

  open() {
    addEventListener("online", this.onOnline);
    addEventListener("offline", this.onOffline);
    document.addEventListener("visibilitychange", this.onVisible);
    this.listener.waiting(this.queue);
    this.connect();
  }

  close() {
    this.isClosed = true;
    removeEventListener("online", this.onOnline);
    removeEventListener("offline", this.onOffline);
    document.removeEventListener("visibilitychange", this.onVisible);
    for (const timer of [this.retryTimer, this.ackTimer, this.askTimer, this.openTimer]) clearTimeout(timer);
    this.socket?.close();
  }

  get isOpen() {
    return Boolean(this.isReady && this.socket?.readyState === WebSocket.OPEN);
  }

  // --- The line ----------------------------------------------------------------------------------

  connect() {
    clearTimeout(this.retryTimer);
    if (this.isClosed || this.isGone || (this.socket && this.socket.readyState <= WebSocket.OPEN)) return;
    let socket;
    try {
      socket = new WebSocket(this.socketUrl);
    } catch {
      this.lost();
      return;
    }
    this.socket = socket;
    this.isReady = false;
    this.tell();
    this.openTimer = setTimeout(() => !this.isReady && this.socket === socket && this.drop(), OPEN_WITHIN_MS);
    socket.onopen = () => socket.send(JSON.stringify({ type: "hello", key: this.key, after: this.last, lang: this.language }));
    socket.onmessage = (event) => this.socket === socket && this.take(JSON.parse(event.data));
    socket.onclose = (event) => {
      clearTimeout(this.openTimer);
      if (this.socket !== socket) return;
      this.socket = null;
      if (FOR_GOOD.includes(event.code)) this.gone();
      else this.lost();
    };
  }

  /** Gives a line up that may be dead: its own farewell would be waited for in vain. */
  drop() {
    const { socket } = this;
    if (!socket) return;
    this.socket = null;
    socket.close();
    this.lost();
  }

  lost() {
    clearTimeout(this.openTimer);
    this.isReady = false;
    this.sending = null;
    clearTimeout(this.ackTimer);
    if (this.isClosed) return;
    this.tries += 1;
    // Without any network the next tries are in vain; the browser says when there is one again.
    if (!navigator.onLine) this.tries = Math.max(this.tries, 2);
    const pause = PAUSES_MS[Math.min(this.tries, PAUSES_MS.length) - 1] * (0.7 + Math.random() * 0.6);
    this.retryTimer = setTimeout(() => this.connect(), pause);
    if (this.tries >= TRIES_BEFORE_ASKING) this.ask();
    this.tell(Math.round(pause / 1000));
  }

  gone() {
    this.isGone = true;
    clearTimeout(this.askTimer);
    this.tell();
  }

  tell(seconds = 0) {
    const isSlow = !this.isOpen && Boolean(this.isAsking);
    this.listener.line({ isOpen: this.isOpen || isSlow, isSlow, isGone: Boolean(this.isGone), seconds, tries: this.tries });
  }

  /** Where no socket gets through, ordinary requests do the same, only slower. */
  async ask() {
    clearTimeout(this.askTimer);
    if (this.isOpen || this.isGone || this.isClosed) return;
    try {
      const response = await fetch(`${this.api}?after=${this.last}&seen=${this.seen}&lang=${this.language}`, { headers: { "Chat-Key": this.key } });
      if (response.status === 404) return this.gone();
      if (!response.ok) throw new Error(response.statusText);
      this.isAsking = true;
      this.news(await response.json());
      this.flush();
    } catch {
      this.isAsking = false;
    }
    if (!this.isOpen) this.tell();
    this.askTimer = setTimeout(() => this.ask(), ASK_EVERY_MS);
  }

  /** Where a thing is said by an ordinary request, and as whom. */
  request(what, body) {
    const headers = { "Chat-Key": this.key };
    if (body instanceof FormData) return { url: `${this.api}${what}/`, headers, body };
    return { url: `${this.api}${what}/`, headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify(body) };
  }

  /** `onProgress(share)` is told how much of a file has left. */
  async post(what, body, onProgress = null) {
    const { status, answer } = await posted(this.request(what, body), onProgress);
    if (status === 400 || status === 413) throw new Refused(answer.detail ?? "");
    if (status < 200 || status > 299 || !Object.keys(answer).length) throw new Error(String(status));
    return answer;
  }

  // --- What comes --------------------------------------------------------------------------------

  take(frame) {
    switch (frame.type) {
      case "room":
        clearTimeout(this.openTimer);
        clearTimeout(this.askTimer);
        this.isReady = true;
        this.isAsking = false;
        this.tries = 0;
        this.news(frame);
        this.tell();
        this.flush();
        break;
      case "news":
        this.news(frame);
        break;
      case "lines":
        this.lines(frame.lines);
        break;
      case "ack":
        this.arrived(frame.key);
        break;
      case "wait":
        clearTimeout(this.ackTimer);
        this.sending = null;
        setTimeout(() => this.flush(), frame.seconds * 1000);
        break;
      case "refused":
        this.refuse(frame.key, frame.text);
        break;
      case "typing":
        this.listener.typing(frame.who);
        break;
      case "seen":
        this.listener.seen(frame.seq);
        break;
      case "done":
        this.listener.done(frame.what, frame.error);
        break;
    }
  }

  news({ lines, notices, state }) {
    this.lines(lines);
    this.listener.notices(notices);
    this.listener.state(state);
    if (this.hasToldRefused) return;
    this.hasToldRefused = true;
    for (const { message, text } of this.refused) this.listener.refused(message, text);
  }

  lines(lines) {
    const fresh = lines.filter((line) => !this.known.has(line.seq));
    if (!fresh.length) return;
    for (const line of fresh) this.known.add(line.seq);
    this.last = Math.max(this.last, fresh.at(-1).seq);
    this.listener.lines(fresh);
    for (const line of fresh) if (line.key) this.arrived(line.key);
  }

  // --- What goes ---------------------------------------------------------------------------------

  /** `more`: what else the server is to know of it. */
  say(body, more = {}) {
    this.queue.push({ key: newKey(), body, at: new Date().toISOString(), more });
    this.keep();
    this.flush();
  }

  keepDraft(text) {
    this.draft = text;
    this.store();
  }

  keep() {
    this.store();
    this.listener.waiting(this.queue);
  }

  store() {
    this.kept.write({ queue: this.queue, refused: this.refused, draft: this.draft });
  }

  flush() {
    const next = this.queue[0];
    if (!next || this.sending || this.isGone) return;
    if (this.isOpen) {
      this.sending = next.key;
      this.socket.send(JSON.stringify({ ...next.more, type: "say", key: next.key, body: next.body }));
      // A line that says nothing any more is taken down and built anew; then the message goes again, under its key.
      this.ackTimer = setTimeout(() => this.drop(), ACK_WITHIN_MS);
    } else if (this.isAsking) {
      this.sending = next.key;
      this.post("messages", { ...next.more, key: next.key, body: next.body })
        .then((line) => this.posted(line))
        .catch((error) => {
          this.sending = null;
          if (error instanceof Refused) this.refuse(next.key, error.message);
        });
    }
  }

  arrived(key) {
    if (this.sending === key) {
      clearTimeout(this.ackTimer);
      this.sending = null;
    }
    const before = this.queue.length;
    this.queue = this.queue.filter((one) => one.key !== key);
    if (this.queue.length !== before) this.keep();
    this.flush();
  }

  refuse(key, text) {
    const message = this.queue.find((one) => one.key === key);
    if (message) {
      this.refused.push({ message, text });
      this.listener.refused(message, text);
    }
    this.arrived(key);
  }

  /** The writer has what was refused in hand again, or wants it no more. */
  forgetRefused(message) {
    this.refused = this.refused.filter((one) => one.message.key !== message.key);
    this.store();
  }

  typing() {
    const now = Date.now();
    if (this.isOpen && now - this.typedAt > TYPING_EVERY_MS) {
      this.typedAt = now;
      this.socket.send(JSON.stringify({ type: "typing" }));
    }
  }

  sawAll() {
    if (this.last <= this.seen) return;
    if (this.isAsking) this.seen = this.last;
    if (this.isOpen) {
      this.seen = this.last;
      this.socket.send(JSON.stringify({ type: "seen", seq: this.last }));
    }
  }

  /** Under the same key they come once, however often they are sent. */
  async sendFiles(key, files, onProgress) {
    const form = new FormData();
    form.set("key", key);
    for (const file of files) form.append("files", file);
    this.posted(await this.post("messages", form, onProgress));
  }

  /** Shown at once where nothing is missing before it; otherwise it comes with what is. */
  posted(line) {
    if (line.seq === this.last + 1) this.lines([line]);
    else this.arrived(line.key);
    if (!this.isOpen) this.ask();
  }

  async wish(what, text = "") {
    if (this.isOpen) {
      this.socket.send(JSON.stringify({ type: what, text }));
      return;
    }
    const { error } = await this.post("wishes", { what, text });
    this.listener.done(what, error);
    this.ask();
  }
}

export class Refused extends Error {}

/** Only the older way of asking tells how much of a file has left. */
function posted({ url, headers, body }, onProgress) {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    if (onProgress) request.upload.addEventListener("progress", (event) => onProgress(event.loaded / event.total));
    request.addEventListener("load", () => {
      let answer = {};
      try {
        answer = JSON.parse(request.responseText);
      } catch {
        // A page that somebody in between has put there.
      }
      done({ status: request.status, answer });
    });
    request.addEventListener("error", () => failed(new Error("network")));
    request.addEventListener("abort", () => failed(new Error("network")));
    request.send(body);
  });
}
