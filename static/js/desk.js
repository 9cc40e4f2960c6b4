// The desk: counts that stay true. All of it works without this file.

const REFRESH_MS = 60_000;

setInterval(() => {
  if (!document.hidden) document.querySelector("#rail")?.dispatchEvent(new CustomEvent("desk:refresh"));
}, REFRESH_MS);
document.querySelector(".rail-views [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
document.querySelector(".case-row[aria-current]")?.scrollIntoView({ block: "nearest" });
