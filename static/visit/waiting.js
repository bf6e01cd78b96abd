// The waiting room that becomes the call: self-view, meter, ticks, the connection test, what is missing in words.
import "../elements/call-stage.js";
import "../elements/device-check.js";
import "../elements/live-region.js";
import { minutes, now } from "../lib/clock.js";
import { post } from "../lib/http.js";
import { meter } from "../lib/media.js";
import { t } from "../lib/words.js";

const stage = document.querySelector("call-stage");
const part = (name) => document.querySelector(`[data-${name}]`);
const HEARD = 0.02;

const REPORT_MS = 2000;
const known = {};
let reporting;

/** One of the four ticks; the desk is told too, once things have settled. */
function tick(name, state) {
  if (known[name] === state) return;
  known[name] = state;
  const item = document.querySelector(`[data-tick="${name}"]`);
  if (item) item.dataset.state = state;
  clearTimeout(reporting);
  reporting = setTimeout(() => post(stage.dataset.deviceTest, known).catch(() => {}), REPORT_MS);
}

// Own devices: meter, ticks, and one plain card for whatever is missing.
let stopMeter = null;
let metered = null;
stage.addEventListener("devices-changed", ({ detail: devices }) => {
  tick("camera", devices.video ? "good" : "missing");
  if (!devices.audio) tick("microphone", "missing");
  showCard(devices);
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

function showCard(devices) {
  const card = part("card");
  const code = devices.problem === "none" && devices.audio ? "no-camera" : devices.problem === "none" && devices.video ? "no-microphone" : devices.problem;
  if (!card || card.hidden === !code && card.dataset.code === code) return;
  card.hidden = !code;
  card.dataset.code = code ?? "";
  if (code) card.querySelector("p").textContent = t(`devices.${code}`);
}
part("retry")?.addEventListener("click", () => stage.open());

// The call: connected is the fourth tick; the head of the page says how long until the visit.
stage.addEventListener("call-changed", ({ detail: call }) => tick("connection", call.online ? "good" : "missing"));
stage.addEventListener("bell", () => tick("sound", "good"));
stage.addEventListener("call-ended", ({ detail: why }) => {
  stopMeter?.();
  if (why !== "replaced") location.assign(stage.dataset.after);
});

const starts = Date.parse(stage.dataset.starts);
function countDown() {
  const left = (starts - now()) / 1000;
  const place = part("countdown");
  if (place) place.textContent = left > 0 ? t("wait.opens-in", { time: minutes(left) }) : t("wait.now");
}
if (Number.isFinite(starts)) {
  countDown();
  setInterval(countDown, 1000);
}

// Messages go out without leaving the page; what was typed stays until the server has it.
for (const form of document.querySelectorAll("form[data-message]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const problem = form.querySelector("[data-problem]");
    try {
      await post(form.action, new FormData(form));
      form.reset();
      problem.textContent = "";
      for (const region of document.querySelectorAll("live-region[data-messages]")) region.dispatchEvent(new Event("refresh"));
    } catch (refused) {
      problem.textContent = refused.message || t("wait.not-sent");
    }
  });
}

// "Test my camera and microphone" stands in <device-check>; what it found belongs to the ticks.
document.addEventListener("checked", ({ detail: found }) => Object.entries(found).forEach(([name, state]) => tick(name, state)));
