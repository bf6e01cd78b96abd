// "Something feels wrong" and "Stop treatment": kept on this phone first, then sent, forgotten only when the clinic
// has it. What is kept says which button was pressed and when, and nothing else.
import { now } from "./clock.js";
import { parsed, registerWorker } from "./html.js";
import { Refused } from "./http.js";
import { t } from "./words.js";

const KEPT = "bedside-stops";
const AGAIN_MS = 4000;

const kept = () => JSON.parse(localStorage.getItem(KEPT) ?? "[]");
const keep = (presses) => localStorage.setItem(KEPT, JSON.stringify(presses));

function press(kind) {
  keep([...kept(), { kind, event_id: crypto.randomUUID(), pressed_at: new Date(now()).toISOString() }]);
  show(t("stop.sending"));
  return send();
}

let sending = null;
function send() {
  sending ??= trySending().finally(() => (sending = null));
  return sending;
}

async function trySending() {
  let address = null;
  while (kept().length > 0) {
    const [first] = kept();
    try {
      address = await post(first);
    } catch (problem) {
      if (problem instanceof Refused && problem.status === 403) return show(t("stop.not-known"));
      show(t("stop.kept"));
      setTimeout(send, AGAIN_MS);
      return;
    }
    // Another page may have pressed meanwhile: only what was sent is taken off.
    keep(kept().filter(({ event_id: id }) => id !== first.event_id));
  }
  if (address) location.assign(address);
}

// The page may be an old copy: the form's token is taken from a fresh one.
async function post(press) {
  const fresh = await fetch("/home/today", { credentials: "same-origin", headers: { Accept: "text/html" } });
  if (!fresh.ok) throw new Refused(fresh.status, "", "", {});
  const token = parsed(await fresh.text()).querySelector('meta[name="csrf"]')?.content;
  // What a worker keeps for "no network" is no answer of the server.
  if (!token) throw new TypeError("no network");
  const answer = await fetch("/home/stop", {
    method: "POST",
    credentials: "same-origin",
    keepalive: true,
    headers: { Accept: "application/json", "X-CSRF-Token": token },
    body: new URLSearchParams(press),
  });
  if (!answer.ok) throw new Refused(answer.status, "", "", {});
  return (await answer.json()).address;
}

function show(words) {
  const place = document.querySelector("[data-stopped-here]");
  place.hidden = false;
  place.querySelector("[data-stopped-words]").textContent = words;
  place.scrollIntoView({ block: "center" });
}

for (const form of document.querySelectorAll("form[data-stop]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    press(form.elements.kind.value);
  });
}
addEventListener("online", send);
if (kept().length > 0) {
  show(t("stop.kept"));
  send();
}
registerWorker();
