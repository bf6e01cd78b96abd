import "../elements/live-region.js";
import "../lib/alerts.js";
import "../lib/news.js";
import "../lib/quiet-forms.js";

// "Since 4 min" grows without anything happening on the server.
const EVERY_MS = 20000;
setInterval(() => document.querySelector("live-region").dispatchEvent(new Event("refresh")), EVERY_MS);
