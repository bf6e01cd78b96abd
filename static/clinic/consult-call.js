// The call's side of the consult page: who waits, letting in, how long it has been, messages, the patient's link.
import "../elements/call-stage.js";
import "../elements/guest-list.js";
import "../elements/hand-over.js";
import "../elements/safety-words.js";
import { codeFor, show } from "../lib/cards.js";
import { minutes, now, timeOfDay } from "../lib/clock.js";
import { post } from "../lib/http.js";
import { wish } from "../lib/wishes.js";
import { t } from "../lib/words.js";

const EVERY_MS = 20000;
const HINT_MINUTES = 5;
const part = (name) => document.querySelector(`[data-${name}]`);
const say = (place, words) => place && place.textContent !== words && (place.textContent = words);

export const stage = document.querySelector("call-stage");
const admit = part("admit");
const chip = part("call-chip");
let waitingSince = null;
let wasInCall = false;

// Who is there, since when; Admit lets in and the picture is there.
stage?.addEventListener("call-changed", ({ detail: call }) => {
  const patient = call.others.find(({ seat }) => seat === "patient");
  const waiting = Boolean(patient?.present && !patient.admitted);
  admit.disabled = !waiting;
  waitingSince = waiting ? now() - (call.snapshot.now - patient.waiting_since) * 1000 : null;
  tellWaiting();
  const inCall = stage.getAttribute("state") === "call";
  if (inCall && !wasInCall) begin();
  wasInCall = inCall;
});
stage?.addEventListener("call-ended", ({ detail: why }) => {
  const left = why === "left";
  part("left").hidden = !left;
  part("over").hidden = left;
  wasInCall = false;
  tellAway(t({ "by-phone": "call.by-phone", stopped: "call.stopped" }[why] ?? "call.away"));
  chip.classList.toggle("alarm", why === "stopped");
  if (why === "replaced") part("seat").dispatchEvent(new Event("refresh"));
});

// The number to ring is the one the patient gave last; and somebody who asked to be called may be back on video.
part("details")?.addEventListener("refreshed", () => {
  const from = part("call-back");
  for (const to of from ? document.querySelectorAll("[data-ring]") : []) [to.href, to.textContent] = [from.href, from.textContent];
  for (const again of document.querySelectorAll("[data-video-again]")) again.hidden = part("mode").dataset.mode !== "video";
});

// Since when somebody waits changes by the minute; whether they were here before, only the server knows.
function tellWaiting() {
  const { patient: name } = stage.dataset;
  const since = waitingSince && Math.floor((now() - waitingSince) / 60000);
  say(part("waiting"), waitingSince ? t("call.waiting-since", { name, minutes: since }) : "");
  part("waiting").parentElement.classList.toggle("here", Boolean(waitingSince));
  if (waitingSince) (say(chip, t("call.waits")), chip.classList.add("good"));
  else if (chip.dataset.since && stage.getAttribute("state") === "waiting") tellAway(t("call.away"));
}

// The clock of a call that is not going on here would be untrue.
function tellAway(words) {
  say(chip, words);
  chip.classList.remove("good", "wait");
}

function begin() {
  chip.dataset.since ||= new Date(now()).toISOString();
  // The messages make room for the picture, unless somebody is writing one.
  const chat = part("chat-panel");
  if (chat.contains(document.activeElement) || document.getElementById("message").value) return;
  chat.hidden = true;
}

// Minutes pass without anything happening on the server.
setInterval(() => {
  // A finished visit has another pane here.
  if (stage?.isConnected && stage.getAttribute("state") === "waiting") tellWaiting();
  if (!chip || !wasInCall) return;
  const left = Math.ceil((Date.parse(chip.dataset.ends) - now()) / 60000);
  const words = [t("call.in-call", { time: minutes((now() - Date.parse(chip.dataset.since)) / 1000) })];
  if (left <= HINT_MINUTES) words.push(left > 0 ? t("call.ends-in", { minutes: left }) : t("call.ended", { time: timeOfDay(Date.parse(chip.dataset.ends)) }));
  say(chip, words.join(" · "));
  chip.classList.toggle("wait", left <= HINT_MINUTES);
  chip.classList.toggle("good", left > HINT_MINUTES);
}, 1000);
setInterval(() => {
  for (const region of document.querySelectorAll("live-region[data-around], live-region[data-details]")) region.dispatchEvent(new Event("refresh"));
}, EVERY_MS);

admit?.addEventListener("click", async () => {
  if (!stage.devices.audio && !stage.devices.video) await stage.open();
  stage.call.admit("patient");
});
part("open-devices")?.addEventListener("click", () => stage.open());
stage?.addEventListener("devices-changed", ({ detail: devices }) => {
  part("open-devices").hidden = Boolean(devices.audio || devices.video);
  show(part("card"), codeFor(devices));
});
// Where the browser already allows it, the camera is on before the patient is let in.
navigator.permissions?.query({ name: "camera" }).then(({ state }) => state === "granted" && stage?.open()).catch(() => {});

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copy]");
  if (!button) return;
  document.getElementById("link").select();
  await navigator.clipboard.writeText(document.getElementById("link").value);
  button.textContent = t("desk.copied");
});

// Messages go out without leaving the page.
const message = document.querySelector("form[data-message]");
message?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const problem = message.querySelector("[data-problem]");
  try {
    await post(message.action, new URLSearchParams(new FormData(message)));
    message.reset();
    problem.textContent = "";
    document.querySelector("live-region[data-messages]").dispatchEvent(new Event("refresh"));
  } catch (refused) {
    problem.textContent = refused.message || t("wait.not-sent");
  }
});

// The list of keys.
addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input:not([type=checkbox]), textarea, select, dialog");
  const asked = event.key === "?" && (event.ctrlKey || (!typing && wish("keys")));
  const list = document.querySelector(".keys");
  if (!asked || !list) return;
  list.open = !list.open;
  if (list.open) list.querySelector("summary").focus();
});

// The picture in a small window of its own, in front of whatever else has to be looked at.
const float = part("float");
const remote = part("remote");
if (float && document.pictureInPictureEnabled) {
  float.hidden = false;
  float.addEventListener("click", () => (document.pictureInPictureElement ? document.exitPictureInPicture() : remote.requestPictureInPicture()).catch(() => {}));
  for (const type of ["enterpictureinpicture", "leavepictureinpicture"]) {
    remote.addEventListener(type, () => float.setAttribute("aria-pressed", String(type.startsWith("enter"))));
  }
}
