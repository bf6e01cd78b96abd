// Says in calm words when the page shows what was, and since when, while the server or the network is away.
// <p class="stale-news" data-stale-news hidden role="status"></p>
import { now, timeOfDay } from "./clock.js";
import { t } from "./words.js";

// A server that is started anew is back within two seconds: nobody needs to read of that.
const AFTER_MS = 3000;
const place = document.querySelector("[data-stale-news]");
const stale = new Set();
let newestAt = now();
let waiting = null;

function tell() {
  waiting = null;
  place.textContent = t("news.stale", { time: timeOfDay(newestAt) });
  place.hidden = false;
}

document.addEventListener("stale", ({ target }) => {
  stale.add(target);
  if (place.hidden) waiting ??= setTimeout(tell, AFTER_MS);
});
document.addEventListener("fresh", ({ target }) => {
  stale.delete(target);
  newestAt = now();
  if (stale.size) return;
  clearTimeout(waiting);
  waiting = null;
  place.hidden = true;
});
