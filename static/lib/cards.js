// Which plain card belongs to what is missing: the same refusal is undone in other places on other phones.
import { t } from "./words.js";

// Mail and chat apps show pages in a window of their own, mostly without a camera. A guess from names; what the
// browser really answers comes first.
const IN_APP = /FBAN|FBAV|FB_IAB|Instagram|Line\/|MicroMessenger|Snapchat|LinkedInApp|GSA\/|; wv\)/;
const WITHOUT_SAFARI = /(iPhone|iPad).*AppleWebKit(?!.*Safari)/;
const STEPS = 3;

export function inApp(agent = navigator.userAgent) {
  return IN_APP.test(agent) || WITHOUT_SAFARI.test(agent);
}

/** Where somebody has to look: the way in differs by system, on iPhones also by browser. An iPad may call itself a Mac. */
export function place(agent = navigator.userAgent, touches = navigator.maxTouchPoints) {
  if (/iPhone|iPad/.test(agent) || (/Macintosh/.test(agent) && touches > 1)) {
    return /CriOS|FxiOS|EdgiOS|OPiOS/.test(agent) ? "ios-app" : "ios-safari";
  }
  if (/Android/.test(agent)) return "android";
  if (/Macintosh/.test(agent)) return "mac";
  return /Windows NT/.test(agent) ? "windows" : "other";
}

/** The card's code for the state of these devices, or null when there is nothing to say. */
export function codeFor({ problem, audio, video, stopped = [] }, agent = navigator.userAgent) {
  if (problem === "none" && stopped.length) return stopped.length > 1 ? "stopped" : stopped[0] === "video" ? "camera-stopped" : "microphone-stopped";
  if (problem === "none" && audio) return "no-camera";
  if (problem === "none" && video) return "no-microphone";
  if (["blocked", "insecure", "unknown"].includes(problem) && inApp(agent)) return "in-app";
  return problem;
}

// code → place → the drawing, whose three steps belong to it.
const DRAWINGS = {
  blocked: { "ios-safari": "ios-safari", "ios-app": "phone-settings", android: "android-chrome", mac: "desktop", windows: "desktop", other: "desktop" },
  "blocked-by-system": { "ios-safari": "phone-settings", "ios-app": "phone-settings", android: "phone-settings", mac: "mac-privacy", windows: "windows-privacy" },
  // Windows gives the same answer when its own settings forbid the camera.
  "in-use": { windows: "windows-privacy" },
};
const ELSEWHERE = ["in-app", "insecure"];

/** The drawing for a code, or null where a sentence is enough. */
export function drawingFor(code, where = place()) {
  return ELSEWHERE.includes(code) ? "in-app" : (DRAWINGS[code]?.[where] ?? null);
}

/** What stands for a part on the desk's card: who can do something about it. */
export function partState(kind, devices) {
  if (devices[kind]) return "good";
  if (["blocked", "blocked-by-system", "dismissed"].includes(devices.problem)) return "blocked";
  return devices.problem === "in-use" ? "in-use" : "missing";
}

/** Fill the card of macros/call.html for a code; null hides it. Does nothing when it shows that code already. */
export function show(card, code) {
  if ((card.dataset.code ?? "") === (code ?? "")) return;
  card.dataset.code = code ?? "";
  card.hidden = !code;
  if (!code) return;
  const drawing = drawingFor(code);
  const part = (name) => card.querySelector(`[data-${name}]`);
  const button = part("retry").textContent;
  part("lead").textContent = t(`devices.${code}`, { button });
  part("drawing").hidden = part("steps").hidden = !drawing;
  // Pressing it while the browser's own question is open would do nothing.
  part("retry").hidden = code === "asking";
  part("elsewhere").hidden = !ELSEWHERE.includes(code) || !keptLink();
  if (!drawing) return;
  part("drawing").setAttribute("aria-label", t(`drawing.${drawing}`));
  const [from, to] = card.querySelectorAll("use");
  from.setAttribute("href", `${part("drawing").dataset.file}#${drawing}`);
  to.setAttribute("href", `${part("drawing").dataset.file}#${drawing === "in-app" ? "browser" : "switches"}`);
  // Without the link at hand the way out is the message it came in.
  const steps = drawing === "in-app" && !keptLink() ? "message" : drawing;
  part("steps").replaceChildren(...Array.from({ length: STEPS }, (_, n) => step(`steps.${steps}.${n + 1}`, button)));
}

function step(key, button) {
  const item = document.createElement("li");
  item.textContent = t(key, { button });
  return item;
}

// The server puts no link's token on a page behind the link, and a page's own address opens nothing in another browser.
// So a tab that will need the link keeps it from the page that has it in its address, until it is closed.
const KEPT = "way-out";

/** On the link's own page, where somebody may have to leave this window. */
export function keepLink() {
  try {
    sessionStorage.setItem(KEPT, location.href);
  } catch {
    // No storage in this window: the card then points to the message.
  }
}

function keptLink() {
  try {
    return sessionStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

/** "Copy link", and on Android a link that opens the phone's own browser at once. */
export function offerTheWayOut(part, link = keptLink()) {
  if (!link) return;
  part.querySelector("button").addEventListener("click", () => copy(part, link));
  const open = part.querySelector("a");
  if (place() === "android" && link.startsWith("https:")) {
    open.href = `intent://${link.slice("https://".length)}#Intent;scheme=https;action=android.intent.action.VIEW;end`;
    open.hidden = false;
  }
}

async function copy(part, link) {
  try {
    await navigator.clipboard.writeText(link);
    part.querySelector("[data-copied]").hidden = false;
  } catch {
    // Some of these windows forbid copying too: then the address itself is shown, to hold and copy.
    const address = part.querySelector("input");
    address.hidden = false;
    address.value = link;
    address.select();
  }
}
