// The link's page inside another app's window: the camera will not work there, so the way out is shown before it matters.
import { inApp, keepLink, offerTheWayOut } from "../lib/cards.js";

const card = document.querySelector("[data-in-app]");
// What the browser can do comes first, what it calls itself second.
if (!navigator.mediaDevices || inApp()) keepLink();
if (card) {
  card.hidden = !inApp();
  offerTheWayOut(card, location.href);
}
