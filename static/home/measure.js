// Every tick is kept as it is made. Item 9 opens the numbers to call before anything is sent, and is sent even when
// the page is closed right after.
import { put, Refused } from "../lib/http.js";
import { t } from "../lib/words.js";

const AGAIN_MS = 3000;
const form = document.querySelector("form[data-measure]");
const state = document.querySelector("[data-tick-state]");
const safety = document.querySelector("[data-safety]");
const alarm = document.querySelector("[data-alarm] input")?.name;
const waiting = new Map();
let running = null;

form?.addEventListener("change", ({ target }) => {
  if (target.type !== "radio") return;
  waiting.delete(target.name);
  waiting.set(target.name, Number(target.value));
  if (safety && target.closest("[data-alarm]") && Number(target.value) > 0 && safety.hidden) {
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

// One at a time and in their order: the last tick of a question is the one that counts.
async function sendAll() {
  while (waiting.size > 0) {
    const [item, value] = waiting.entries().next().value;
    try {
      await put(location.pathname, { item, value }, { keepalive: true });
    } catch (problem) {
      told(false);
      state.textContent = problem instanceof Refused && problem.status === 403 ? t("home.not-known") : t("tick.waiting");
      setTimeout(send, AGAIN_MS);
      return;
    }
    if (waiting.get(item) === value) waiting.delete(item);
    told(true);
    state.textContent = waiting.size ? "" : t("tick.kept");
  }
}

// The page says that the clinic is told only once that is true, and as long as it is.
function told(reached) {
  if (!safety) return;
  safety.querySelector("[data-told]").hidden = !reached || waiting.has(alarm);
  safety.querySelector("[data-not-told]").hidden = reached;
}

addEventListener("online", send);
// Ticks that have not left yet go with the page.
addEventListener("pagehide", () => {
  for (const [item, value] of waiting) put(location.pathname, { item, value }, { keepalive: true }).catch(() => {});
});
