// The board keeps time by itself, and the tab's title says how many people wait while another window is in front.
import "../lib/copying.js";

const EVERY_MS = 20000;
const plainTitle = document.title;

function showWaiting() {
  const waiting = Number(document.querySelector("[data-waiting]")?.dataset.waiting ?? 0);
  document.title = waiting ? `(${waiting}) ${plainTitle}` : plainTitle;
}

// Minutes pass without anything happening on the server: the words "since 4 min" have to be asked for again.
setInterval(() => {
  for (const region of document.querySelectorAll('live-region[changes^="/desk/today"]')) region.dispatchEvent(new CustomEvent("refresh"));
}, EVERY_MS);

document.addEventListener("refreshed", showWaiting);
showWaiting();
