// An invited person's waiting room that becomes the call.
import "../elements/call-stage.js";
import "../elements/safety-words.js";
import { codeFor, show as showCard } from "../lib/cards.js";
import { t } from "../lib/words.js";

const CLOSED_MS = 15_000;
const stage = document.querySelector("call-stage");
const part = (name) => stage.querySelector(`[data-${name}]`);

stage.addEventListener("devices-changed", ({ detail: devices }) => part("card") && showCard(part("card"), codeFor(devices)));

let away = null;
let ended = false;
let state = "waiting";
stage.addEventListener("call-changed", ({ detail: call }) => {
  const seen = Boolean(call.online && call.me?.present);
  [part("knocked").hidden, part("knocking").hidden] = [!seen, seen];
  if (seen) part("full").hidden = true;
  if (call.online) (clearTimeout(away), (away = null));
  else away ??= setTimeout(lookAgain, CLOSED_MS);
  const was = state;
  state = stage.getAttribute("state");
  if (state === "call" && was === "waiting") document.title = t("call.title");
});
stage.call.addEventListener("refused", ({ detail: code }) => (part("full").hidden = code !== "room-full"));

/** The server is there but has no place for this page any more: the visit ended meanwhile. The page itself knows. */
async function lookAgain() {
  const answer = await fetch(location.pathname, { redirect: "manual" }).catch(() => null);
  if (ended) return;
  const waits = answer?.ok && (await answer.text()).includes("<call-stage");
  if (answer && answer.status < 500 && !waits) location.reload();
  else away = setTimeout(lookAgain, CLOSED_MS);
}

stage.addEventListener("call-ended", ({ detail: why }) => {
  ended = true;
  clearTimeout(away);
  if (why === "finished") location.reload();
});
