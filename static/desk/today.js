// The tab's title says how many people wait while another window is in front.
import "../lib/copying.js";
import "../lib/news.js";

const plainTitle = document.title;

function showWaiting() {
  const waiting = Number(document.querySelector("[data-waiting]")?.dataset.waiting ?? 0);
  document.title = waiting ? `(${waiting}) ${plainTitle}` : plainTitle;
}

document.addEventListener("refreshed", showWaiting);
showWaiting();
