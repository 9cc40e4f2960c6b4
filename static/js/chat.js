// The chat's page: the window takes the place of the plain conversation, and what is new stands in the title.

import { dropDraft } from "./chat-draft.js";
import { openChat } from "./chat-window.js";

const place = document.getElementById("chat");
const title = document.title;
dropDraft();

const chat = openChat(place, JSON.parse(place.dataset.chat), {
  onUnread: (count, words) => (document.title = count ? `(${words}) ${title}` : title),
});
// Whoever came by a link or a form wants to write; whoever reads is not moved.
if (!location.hash) chat.focus();
