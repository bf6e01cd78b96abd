// A visit that was finished by a slip of the finger is opened again within minutes: the way back appears by itself.
import "../elements/live-region.js";

const EVERY_MS = 5000;
const FOR_MS = 15 * 60_000;

const asking = setInterval(() => {
  if (document.visibilityState === "visible") document.querySelector("live-region[data-standing]").dispatchEvent(new Event("refresh"));
}, EVERY_MS);
setTimeout(() => clearInterval(asking), FOR_MS);
