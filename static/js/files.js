// Files to send: says at once what cannot be taken, and shows what was chosen. The server checks again.

const MOST_FILES = 5;

for (const field of document.querySelectorAll("[data-files]")) {
  const input = field.querySelector("input[type=file]");
  const status = field.querySelector("[data-file-status]");
  const words = field.dataset;
  const limit = Number(input.dataset.maxBytes);
  const megabytes = new Intl.NumberFormat(words.language, { style: "unit", unit: "megabyte", maximumFractionDigits: 1 });
  const kilobytes = new Intl.NumberFormat(words.language, { style: "unit", unit: "kilobyte", maximumFractionDigits: 0 });
  const size = (bytes) => (bytes < 1e6 ? kilobytes.format(Math.ceil(bytes / 1024)) : megabytes.format(bytes / 1048576));

  const problem = (file) => {
    const values = { name: file.name, size: size(file.size), limit: size(limit) };
    const text = file.size > limit ? words.tooLarge : file.size === 0 ? words.empty : "";
    return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  };
  const keep = (files) => {
    const transfer = new DataTransfer();
    for (const file of files) transfer.items.add(file);
    input.files = transfer.files;
  };
  const element = (name, className, text) => Object.assign(document.createElement(name), { className, textContent: text });

  const show = (problems = []) => {
    const list = element("ul", "files", "");
    for (const file of input.files) {
      const item = element("li", "", `${file.name} (${size(file.size)})`);
      const remove = element("button", "btn bare sm", "×");
      remove.type = "button";
      remove.setAttribute("aria-label", words.remove.replace("{name}", file.name));
      remove.addEventListener("click", () => {
        keep([...input.files].filter((one) => one !== file));
        show();
        input.focus();
      });
      item.append(remove);
      list.append(item);
    }
    status.replaceChildren(...problems.map((text) => element("p", "error", text)));
    if (input.files.length) status.append(list);
  };

  input.addEventListener("change", () => {
    const problems = [...input.files].map(problem).filter(Boolean);
    const good = [...input.files].filter((file) => !problem(file));
    if (good.length > MOST_FILES) problems.push(words.tooMany);
    keep(good.slice(0, MOST_FILES));
    show(problems);
  });
}
