// The link's page inside another app's window: the camera will not work there, so the way out is shown before it matters.
import { inApp } from "../lib/cards.js";

const card = document.querySelector("[data-in-app]");
if (card && inApp()) card.hidden = false;
card?.querySelector("button").addEventListener("click", async () => {
  const done = card.querySelector("[data-copied]");
  try {
    await navigator.clipboard.writeText(location.href);
    done.hidden = false;
  } catch {
    // Some of these windows forbid copying too: then the address itself is shown, to hold and copy.
    const address = card.querySelector("input");
    address.hidden = false;
    address.value = location.href;
    address.select();
  }
});
