// What another site includes. It shows the way to help and loads the rest when somebody wants it; whatever goes wrong,
// the site that it stands in notices nothing of it. docs/widget.md lists the attributes.
//
// The root is an open one: a closed one keeps nothing from the host's own scripts, and keeps out the tools with which
// people read and check pages.
(() => {
  const IS_HERE = Symbol.for("svar.widget");
  const LANGUAGES = ["en", "sv", "nb", "da"];
  const script = document.currentScript ?? document.querySelector('script[src*="/widget.js"]');
  if (!script || window[IS_HERE]) return;
  window[IS_HERE] = true;
  const options = { ...script.dataset };
  const base = new URL("./", script.src).href;

  function language() {
    for (const tag of [options.lang, document.documentElement.lang, ...navigator.languages]) {
      const code = (tag ?? "").slice(0, 2).toLowerCase().replace(/^n[on]$/, "nb");
      if (LANGUAGES.includes(code)) return code;
    }
    return LANGUAGES[0];
  }

  async function load(path) {
    const response = await fetch(new URL(path, base), { credentials: "omit" });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return response;
  }

  /** A root of our own: no style of the host reaches in, none of ours out, and none counts as inline for its CSP. */
  function rootIn(name) {
    const host = document.createElement(name);
    const root = host.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [svar.sheet];
    const box = document.createElement("div");
    box.className = "svar";
    box.lang = svar.config.language;
    box.dataset.theme = options.theme ?? "auto";
    box.dataset.position = options.position ?? "right";
    root.append(box);
    // Letters typed here are none of the host's keyboard shortcuts.
    for (const key of ["keydown", "keypress", "keyup"]) box.addEventListener(key, (event) => event.stopPropagation());
    return { host, root, box };
  }

  const svar = {
    base,
    options,
    load,
    rootIn,
    /** Reads the texts and the channels as they are now. */
    async refresh() {
      const query = new URLSearchParams({ lang: language(), topic: options.topic ?? "" });
      svar.config = await (await load(`api/v1/widget/?${query}`)).json();
      svar.readAt = Date.now();
    },
    module: (name) => import(new URL(svar.config.modules[name], base)),
    async open(what = {}) {
      try {
        (await svar.module("panel")).open(svar, what);
      } catch (error) {
        console.warn("Svar:", error.message);
        // The help center itself is the way that is left.
        window.open(svar.config.pages.contact, "_blank", "noopener");
      }
    },
  };

  function showLauncher(box) {
    const button = document.createElement("button");
    const label = document.createElement("span");
    button.className = "launcher";
    button.type = "button";
    label.textContent = svar.config.texts.help;
    button.append(label);
    button.setAttribute("aria-expanded", "false");
    button.setAttribute("aria-haspopup", "dialog");
    button.addEventListener("click", () => svar.open({ opener: button, isToggle: true }));
    // Whoever points at it probably wants it.
    for (const name of ["pointerenter", "focus"]) {
      button.addEventListener(name, () => svar.module("panel").catch(() => {}), { once: true });
    }
    box.append(button);
    svar.launcher = button;
  }

  function opensWith(event) {
    const opener = event.target.closest?.(options.openWith);
    if (!opener || event.defaultPrevented || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    svar.open({ opener });
  }

  async function watchForm() {
    const form = document.querySelector(options.svarForm);
    if (!form) return console.warn("Svar: no form at", options.svarForm);
    const begin = () => svar.module("form").then((module) => module.watch(svar, form)).catch(() => {});
    if (form.contains(document.activeElement)) begin();
    else form.addEventListener("focusin", begin, { once: true });
  }

  async function start() {
    const sheet = (svar.sheet = new CSSStyleSheet());
    const [css] = await Promise.all([load("widget.css").then((response) => response.text()), svar.refresh()]);
    sheet.replaceSync(css);
    Object.assign(svar, rootIn("svar-widget"));
    if (options.openWith) document.addEventListener("click", opensWith);
    else if (!options.svarForm || options.launcher) showLauncher(svar.box);
    document.body.append(svar.host);
    if (options.svarForm) await watchForm();
  }

  const begin = () => start().catch((error) => console.warn("Svar:", error.message));
  if (document.body && document.readyState !== "loading") begin();
  else document.addEventListener("DOMContentLoaded", begin);
})();
