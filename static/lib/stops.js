// On every page of a patient's own: the buttons that stop the treatment or call for help work without a network too, and
// whatever was said on this device and not told yet is told from here.
import { now } from "./clock.js";
import { registerWorker } from "./html.js";
import { keep, ready, send } from "./telling.js";
import { t } from "./words.js";

const place = document.querySelector("[data-stopped-here]");
const buttons = document.querySelectorAll("form[data-stop], form[data-help]");
let keeps = false;
let pressed = false;

async function press(form, button) {
  const { csrf: _, ...fields } = Object.fromEntries(new FormData(form));
  if (button?.name) fields[button.name] = button.value;
  const facts = { event_id: crypto.randomUUID(), pressed_at: new Date(now()).toISOString() };
  try {
    await keep({ method: "POST", path: new URL(form.action).pathname, fields: { ...fields, ...facts }, press: true });
  } catch {
    // This device keeps nothing after all: as without a script, once the browser is done with this submission.
    keeps = false;
    return setTimeout(() => form.requestSubmit(button));
  }
  pressed = true;
  show(t("stop.sending"));
  send();
}

for (const form of buttons) {
  form.addEventListener("submit", (event) => {
    // "I am safe for now" is true now and not later: it is not kept.
    if (!keeps || (form.dataset.help && event.submitter?.value !== form.dataset.help)) return;
    event.preventDefault();
    press(form, event.submitter);
  });
}

addEventListener("told", ({ detail: { address, presses, why, foreign } }) => {
  if (address) return pressed || buttons.length > 0 ? location.assign(address) : show(t("stop.told"));
  // The press was another's than this browser's of now. Said only where it was pressed.
  if (why === "not-known" ? presses : pressed && foreign) return show(t("stop.not-known"));
  if (presses) return show(t("stop.kept"));
  // Another page or the worker has told it.
  if (pressed) location.assign("/home/today");
});

function show(words) {
  if (!place) return;
  place.hidden = false;
  place.querySelector("[data-stopped-words]").textContent = words;
  place.scrollIntoView({ block: "center" });
}

keeps = await ready;
// On the way in nobody is known yet: nothing is told there, and nothing said of what is kept.
if (keeps && (document.querySelector('meta[name="home"]') || buttons.length > 0)) {
  addEventListener("online", send);
  const kept = await globalThis.unsent.all();
  if (kept.some((thing) => thing.press)) show(t("stop.kept"));
  if (kept.length > 0) send();
}
registerWorker();
