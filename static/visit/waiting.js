// The waiting room that becomes the call: self-view, meter, ticks, the connection test, what is missing in words.
import "../elements/call-stage.js";
import "../elements/live-region.js";
import { Call } from "../lib/call.js";
import { minutes, now } from "../lib/clock.js";
import { post } from "../lib/http.js";
import { Devices, meter } from "../lib/media.js";
import { t } from "../lib/words.js";

const stage = document.querySelector("call-stage");
const part = (name) => document.querySelector(`[data-${name}]`);
const HEARD = 0.02;

function tick(name, state) {
  const item = document.querySelector(`[data-tick="${name}"]`);
  if (item) item.dataset.state = state;
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
const form = document.querySelector("form[data-message]");
form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const problem = form.querySelector("[data-problem]");
  try {
    await post(form.action, new FormData(form));
    form.reset();
    problem.textContent = "";
    for (const region of document.querySelectorAll("live-region[data-messages]")) region.dispatchEvent(new Event("refresh"));
  } catch (refused) {
    problem.textContent = refused.message;
  }
});

// "Test my camera and microphone": a private room through the same relay; you see and hear yourself, late.
part("test")?.addEventListener("click", async ({ currentTarget: button }) => {
  const panel = part("test-panel");
  const words = part("test-words");
  button.disabled = true;
  panel.hidden = false;
  words.textContent = t("test.connecting");
  const devices = new Devices();
  await devices.open();
  const call = new Call({ path: stage.dataset.test, devices });
  const picture = panel.querySelector("video");
  call.addEventListener("changed", () => {
    const remote = call.peer?.remote ?? null;
    if (picture.srcObject === remote) return;
    picture.srcObject = remote;
    picture.play().catch(() => {});
  });
  const finish = (state) => {
    words.textContent = t(`test.${state}`);
    tick("connection", state === "failed" ? "missing" : "good");
    devices.close();
    call.stop();
    button.disabled = false;
    picture.hidden = true;
  };
  call.addEventListener("test", ({ detail: { state, position, report } }) => {
    picture.hidden = state !== "running";
    if (state === "done") finish(report.loss_up > 0.05 || report.rtt_ms > 400 ? "weak" : "done");
    else if (state === "failed") finish("failed");
    else words.textContent = t(`test.${state}`, { position });
  });
  call.addEventListener("ended", () => button.disabled && finish("failed"));
  call.start();
});
