// The article page: feedback without leaving the text, and where in the text the reader is.

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-swap]");
  if (!form) return;
  event.preventDefault();
  const button = event.submitter;
  if (form.dataset.isSending) return;
  form.dataset.isSending = "1";
  button?.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(form.action, {
      method: "POST",
      headers: { "HX-Request": "true" },
      body: new URLSearchParams(new FormData(form, button)),
    });
    if (!response.ok) throw new Error(response.statusText);
    const answer = new DOMParser().parseFromString(await response.text(), "text/html").body.firstElementChild;
    const place = document.getElementById(form.dataset.swap);
    place.replaceWith(answer);
    answer.querySelector("[tabindex='-1']")?.focus({ preventScroll: true });
    answer.scrollIntoView({ block: "nearest" });
  } catch {
    // The form works without script: let the browser send it, and show what is wrong if it cannot either.
    if (button?.name) {
      const chosen = document.createElement("input");
      Object.assign(chosen, { type: "hidden", name: button.name, value: button.value });
      form.append(chosen);
    }
    form.submit();
  }
});

const links = new Map(
  [...document.querySelectorAll(".toc .contents a")].map((link) => [decodeURIComponent(link.hash.slice(1)), link]),
);
if (links.size) {
  const headings = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
  const mark = () => {
    const passed = headings.filter((heading) => heading.getBoundingClientRect().top < innerHeight * 0.3);
    const current = links.get((passed.at(-1) ?? headings[0])?.id);
    for (const link of links.values()) {
      if (link === current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  addEventListener("scroll", mark, { passive: true });
  mark();
}
for (const link of document.querySelectorAll(".toc-small a")) {
  link.addEventListener("click", () => (link.closest("details").open = false));
}
