// The waiting room that becomes the call: self-view, meter, ticks, the connection test, what is missing in words.
import "../elements/call-stage.js";
import "../elements/device-check.js";
import "../elements/guest-question.js";
import "../elements/live-region.js";
import "../elements/safety-words.js";
import { codeFor, partState, show as showCard } from "../lib/cards.js";
import { minutes, now } from "../lib/clock.js";
import { post } from "../lib/http.js";
import { meter } from "../lib/meter.js";
import { sendInPlace, takeAlong } from "../lib/visit-messages.js";
import { t } from "../lib/words.js";

const stage = document.querySelector("call-stage");
const part = (name) => document.querySelector(`[data-${name}]`);
const HEARD = 0.02;

const REPORT_MS = 2000;
const known = {};
let reporting;

function show(name, state) {
  const item = document.querySelector(`[data-tick="${name}"]`);
  if (item && state) item.dataset.state = state === "good" ? "good" : "missing";
  else delete item?.dataset.state;
}

/** One of the four ticks; the desk is told too, once things have settled. */
function tick(name, state) {
  show(name, state);
  if (known[name] === state) return;
  known[name] = state;
  clearTimeout(reporting);
  reporting = setTimeout(() => post(stage.dataset.deviceTest, known).catch(() => {}), REPORT_MS);
}

// Own devices: meter, ticks, and one plain card for whatever is missing.
let stopMeter = null;
let metered = null;
stage.addEventListener("devices-changed", ({ detail: devices }) => {
  if (part("card")) showCard(part("card"), codeFor(devices));
  // While the browser still asks, nothing is known to be missing.
  if (devices.problem === "asking") return;
  tick("camera", partState("video", devices));
  if (!devices.audio) tick("microphone", partState("audio", devices));
  if (devices.audio === metered) return;
  stopMeter?.();
  metered = devices.audio;
  stopMeter = metered && meter(metered, showLevel);
});

function showLevel(level) {
  const bar = part("meter");
  if (bar) bar.value = level;
  if (level > HEARD) tick("microphone", "good");
}

// The call: whether anybody can see that we are here; away for longer than a moment, it is said, with what to do.
const AWAY_MS = 4000;
const CLOSED_MS = 15_000;
let away = null;
let ended = false;
stage.addEventListener("call-changed", ({ detail: call }) => {
  // Being online is no test of the call: the tick is what the test found, or that the connection is away.
  if (call.snapshot) show("connection", call.online ? known.connection : "missing");
  const seen = Boolean(call.online && call.me?.present);
  [part("knocked").hidden, part("knocking").hidden] = [!seen, seen];
  if (call.online) {
    away?.forEach(clearTimeout);
    away = null;
    part("offline").hidden = true;
  } else {
    away ??= [setTimeout(() => (part("offline").hidden = false), AWAY_MS), setTimeout(lookAgain, CLOSED_MS)];
  }
  followState(call);
});

/** The server is there but has no place for this page any more: the visit ended meanwhile. The page itself knows. */
async function lookAgain() {
  const answer = await fetch(location.pathname, { redirect: "manual" }).catch(() => null);
  if (ended) return;
  const waits = answer?.ok && (await answer.text()).includes("<call-stage");
  if (answer && answer.status < 500 && !waits) location.reload();
  else if (away) away.push(setTimeout(lookAgain, CLOSED_MS));
}

// Handed over to somebody else: said in words, while everything else goes on.
stage.call.addEventListener("message", ({ detail: topic }) => ["handover", "delay"].includes(topic) && part("handover").dispatchEvent(new Event("refresh")));

let state = "waiting";
function followState(call) {
  if (stage.getAttribute("state") === state) return;
  const was = state;
  state = stage.getAttribute("state");
  takeAlong(state);
  if (state !== "call" || was === "hold") return;
  document.title = t("call.title");
  document.querySelector("device-check")?.stop();
  const other = call.others.find(({ seat }) => seat === call.main);
  // A moment later, because a live region that has only just appeared is not read out.
  setTimeout(() => stage.controls.announce(t("call.begun", { name: other?.name ?? "" })), 500);
}

stage.addEventListener("bell", () => tick("sound", "good"));
stage.addEventListener("call-ended", ({ detail: why }) => {
  stopMeter?.();
  ended = true;
  away?.forEach(clearTimeout);
  if (["replaced", "stopped"].includes(why)) return;
  // Without a network the next page would be the browser's own about that, and without the records one that says no
  // more; this one has the way on.
  const next = why === "by-phone" ? stage.dataset.waitingRoom : stage.dataset.after;
  fetch("/healthz").then(({ ok }) => ok && location.assign(next), () => {});
});

const LATE_SECONDS = -300;
const starts = Date.parse(stage.dataset.starts);
function countDown() {
  const left = (starts - now()) / 1000;
  // Later than that, what the server wrote when the page was opened is kinder: being late is fine.
  if (left > 0) part("countdown").textContent = t("wait.opens-in", { time: minutes(left) });
  else if (left > LATE_SECONDS) part("countdown").textContent = t("wait.now");
}
if (Number.isFinite(starts)) {
  countDown();
  setInterval(countDown, 1000);
}

sendInPlace();

// "Test my camera and microphone" stands in <device-check>. What the line is good for the server has measured itself.
document.addEventListener("checked", ({ detail: { connection } }) => show("connection", (known.connection = connection)));
