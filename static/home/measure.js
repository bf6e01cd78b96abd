// Every tick is sent as it is made, and kept on this device until the clinic has it. Item 9 opens the numbers to call
// before anything is sent, and is told even when the page is closed right after.
import { put, Refused } from "../lib/http.js";
import { keep } from "../lib/telling.js";
import { t } from "../lib/words.js";

const { unsent } = globalThis;
const AGAIN_MS = 3000;
const form = document.querySelector("form[data-measure]");
const state = document.querySelector("[data-tick-state]");
const safety = document.querySelector("[data-safety]");
const alarm = document.querySelector("[data-alarm] input")?.name;
const path = location.pathname;
const page = crypto.randomUUID();
unsent.hold(page);
// In their order and none left out: an answer to item 9 that was taken back was given all the same.
const waiting = [];
let running = null;

form?.addEventListener("change", ({ target }) => {
  if (target.type !== "radio") return;
  // Named, so that the same tick told twice is one tick.
  const name = { event_id: crypto.randomUUID(), after: form.elements.after?.value };
  const json = { item: target.name, value: Number(target.value), ...name };
  waiting.push({ json, kept: keep({ method: "PUT", path, json, page }).catch(() => null) });
  if (safety && json.item === alarm && json.value > 0 && safety.hidden) {
    safety.hidden = false;
    told(true);
    safety.scrollIntoView({ block: "nearest" });
  }
  target.closest(".item").classList.remove("has-problem");
  send();
});

function send() {
  running ??= sendAll().finally(() => (running = null));
}

async function sendAll() {
  while (waiting.length > 0) {
    try {
      await put(path, waiting[0].json, { keepalive: true });
    } catch (problem) {
      if (!(problem instanceof Refused) || [403, 408, 429].includes(problem.status) || problem.status >= 500) return notYet(problem);
      // Refused for good (handed in already, on this page or another): sending it again would change nothing.
      state.textContent = problem.message;
      await forget(waiting.shift());
      continue;
    }
    await forget(waiting.shift());
    told(true);
    state.textContent = waiting.length ? "" : t("tick.kept");
  }
}

async function forget({ kept }) {
  const n = await kept;
  if (n) await unsent.drop(n).catch(() => {});
}

function notYet(problem) {
  told(false);
  state.textContent = problem instanceof Refused && problem.status === 403 ? t("home.not-known") : t("tick.waiting");
  setTimeout(send, AGAIN_MS);
}

// The page says that the clinic is told only once that is true, and as long as it is.
function told(reached) {
  if (!safety) return;
  safety.querySelector("[data-told]").hidden = !reached || waiting.some(({ json }) => json.item === alarm);
  safety.querySelector("[data-not-told]").hidden = reached;
}

addEventListener("online", send);
// Ticks that have not left yet go with the page.
addEventListener("pagehide", () => {
  for (const { json } of waiting) put(path, json, { keepalive: true }).catch(() => {});
});
