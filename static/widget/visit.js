// The visit as the help center knows it, and how it is spoken with: without cookies, under an ID that is kept for this
// site alone, from the first thing that somebody does on.

const JOURNEY = "svar:journey";

/** Storage may be forbidden or full; then all is kept as long as the page. */
export function keeper(storage, name) {
  let value = null;
  return {
    read() {
      try {
        return JSON.parse(window[storage].getItem(name)) ?? value;
      } catch {
        return value;
      }
    },
    write(next) {
      value = next;
      try {
        if (next == null) window[storage].removeItem(name);
        else window[storage].setItem(name, JSON.stringify(next));
      } catch {
        // Nothing else is different.
      }
    },
  };
}

export class Problem extends Error {
  constructor(status, answer = {}) {
    super(answer.detail || answer.title || String(status));
    this.status = status;
    this.fields = answer.errors ?? {};
  }
}

export class Visit {
  constructor(svar) {
    this.svar = svar;
    // Who asks not to be followed leaves no trace that lasts; the server counts them nowhere.
    const isPrivate = navigator.doNotTrack === "1" || navigator.globalPrivacyControl;
    const isKept = svar.options.storage !== "none" && !isPrivate;
    this.kept = isKept ? keeper("localStorage", JOURNEY) : keeper("", JOURNEY);
  }

  get language() {
    return this.svar.config.language;
  }

  async ask(path, { body, headers = {}, ...rest } = {}) {
    const url = new URL(`api/v1/${path}`, this.svar.base);
    const isJson = body !== undefined;
    const response = await fetch(url, {
      credentials: "omit",
      method: isJson ? "POST" : "GET",
      body: isJson ? JSON.stringify(body) : undefined,
      headers: { "Accept-Language": this.language, ...(isJson && { "Content-Type": "application/json" }), ...headers },
      ...rest,
    });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw new Problem(response.status, answer);
    return answer;
  }

  /** The ID of this visit; one is begun where there is none, or the last one is over. */
  id() {
    this.begun ??= this.ask("journeys/", { body: { lang: this.language, after: this.kept.read() } }).then(
      ({ journey }) => {
        this.kept.write(journey);
        return journey;
      },
      () => {
        // Help does not depend on being counted.
        this.begun = null;
        return null;
      },
    );
    return this.begun;
  }

  /** Tells what somebody did. Nothing waits for it, and nothing fails with it. */
  async note(type, fields = {}) {
    const id = await this.id();
    if (id) this.ask(`journeys/${id}/events/`, { body: { type, ...fields }, keepalive: true }).catch(() => {});
  }

  /** What was sent ended this visit; the next thing begins one that follows it. */
  isOver() {
    this.begun = null;
  }
}

/** One for the page, shared by the panel and the form beside it. */
export function visitOf(svar) {
  return (svar.visit ??= new Visit(svar));
}
