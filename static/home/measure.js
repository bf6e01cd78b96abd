// Every tick is kept as it is made. Item 9 opens the numbers to call before anything is sent, and is sent even when
// the page is closed right after.
import { put, Refused } from "../lib/http.js";
import { t } from "../lib/words.js";

const AGAIN_MS = 3000;
const form = document.querySelector("form[data-measure]");
const state = document.querySelector("[data-tick-state]");
const safety = document.querySelector("[data-safety]");
const waiting = new Map();
// Which form was the last handed in when this page was written: an older page's ticks belong to that one.
const after = form?.elements.after.value;
let running = null;

form?.addEventListener("change", ({ target }) => {
  if (target.type !== "radio") return;
  if (safety && target.closest("[data-alarm]") && Number(target.value) > 0 && safety.hidden) {
    safety.hidden = false;
    safety.scrollIntoView({ block: "nearest", behavior: "smooth" });
  }
  waiting.delete(target.name);
  waiting.set(target.name, Number(target.value));
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
      await put(location.pathname, { item, value, after }, { keepalive: true });
    } catch (problem) {
      // Handed in already, on this page or another: nothing is left to send, and trying again would change nothing.
      if (problem instanceof Refused && problem.status === 409) return (waiting.clear(), (state.textContent = problem.message));
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

// The page says that the clinic is told only as long as that is true.
function told(reached) {
  if (!safety) return;
  safety.querySelector("[data-told]").hidden = !reached;
  safety.querySelector("[data-not-told]").hidden = reached;
}

addEventListener("online", send);
// Ticks that have not left yet go with the page.
addEventListener("pagehide", () => {
  for (const [item, value] of waiting) put(location.pathname, { item, value, after }, { keepalive: true }).catch(() => {});
});
