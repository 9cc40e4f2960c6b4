// What somebody wrote before their chat began: kept in this tab until it has.

const NAME = "svar:chat:begin";

function ask(action) {
  try {
    return action(sessionStorage);
  } catch {
    // Storage is forbidden or full; nothing else is different.
    return null;
  }
}
export const readDraft = () => ask((kept) => kept.getItem(NAME)) ?? "";
export const keepDraft = (text) => ask((kept) => kept.setItem(NAME, text));
export const dropDraft = () => ask((kept) => kept.removeItem(NAME));
