// The day keeps time by itself, and the tab's title says how many people wait while another window is in front.
import "../elements/live-region.js";
import "../lib/news.js";

const EVERY_MS = 20000;
const plainTitle = document.title;

function showWaiting() {
  const waiting = document.querySelectorAll(".visits .waiting").length;
  document.title = waiting ? `(${waiting}) ${plainTitle}` : plainTitle;
}

// "Since 4 min" grows without anything happening on the server.
setInterval(() => document.querySelector("live-region").dispatchEvent(new Event("refresh")), EVERY_MS);
document.addEventListener("refreshed", showWaiting);
showWaiting();
