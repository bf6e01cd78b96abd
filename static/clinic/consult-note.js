// What is done with the note beside writing it: confirm, sign, add, print; and finishing the visit. None of it takes
// the page away while somebody is in a call: the note's pane is put in anew, the call beside it is not touched.
import { timeOfDay, now } from "../lib/clock.js";
import { fragment, post, Refused, unanswered } from "../lib/http.js";
import { parsed } from "../lib/html.js";
import { t } from "../lib/words.js";

const part = (name) => document.querySelector(`[data-${name}]`);
export const form = () => document.querySelector("autosave-form");
const SIGNED_OUT = [401, 403];

/** This page as the server has it after something was done. Not to see it does not undo it. */
const afresh = () => fragment(location.pathname).catch((problem) => {
  throw unanswered(problem) ? new Refused(0, "", t("note.done-unseen"), {}) : problem;
});

/** The note's pane out of a page of the server's. */
function swap(page, { focus = true } = {}) {
  const pane = document.querySelector(".pane.note");
  pane.replaceChildren(...parsed(page).querySelector(".pane.note").childNodes);
  if (focus) pane.focus({ preventScroll: true });
}

// What was pressed is done in that order: a signature right after "Confirm" is one of the confirmed note.
let last = Promise.resolve();
function inTurn(act) {
  const turn = last.then(act);
  last = turn.catch(() => {});
  return turn;
}

/** Each button one press at a time. What went wrong is told, and the page stays as it is. */
async function once(event, tell, act) {
  event.preventDefault();
  const button = event.target.querySelector("button:not([type=button])");
  if (button.disabled) return;
  button.disabled = true;
  tell("");
  try {
    await inTurn(() => act(event.target));
  } catch (problem) {
    // Whatever is neither a refusal nor a lost connection is a mistake of this page, and must look like one.
    if (!(problem instanceof Refused || unanswered(problem))) throw problem;
    if (problem.code === "not-the-author") document.dispatchEvent(new CustomEvent("handed-over"));
    else if (SIGNED_OUT.includes(problem.status)) document.dispatchEvent(new CustomEvent("signed-out"));
    tell((problem instanceof Refused && problem.message) || t("note.no-connection"));
  } finally {
    button.disabled = false;
  }
}

const beside = (name) => (words) => part(name) && (part(name).textContent = words);

async function confirmFacts({ action }) {
  if (!(await form().save())) return beside("not-confirmed")(t("note.not-yet"));
  const { version } = await (await post(action, {})).json();
  // Any other number: somebody saved in between, and the next save must find that out.
  if (version === form().version + 1) form().acceptVersion(version);
  part("confirmed").textContent = t("note.confirmed", { time: timeOfDay(now()) });
}

// What was typed goes first; a note that turns out to be signed already is shown as what it is. Nobody types into a
// text while it is being signed: those letters would be in no version.
async function sign({ action }) {
  const written = form();
  written.inert = true;
  try {
    if (!(await written.save())) return showMissing(t("note.not-yet"));
    await signature(action, written);
  } finally {
    written.inert = false;
  }
}

async function signature(action, written) {
  try {
    await post(action, { version: written.version });
  } catch (refused) {
    if (refused.body?.missing) return showMissing(t("note.missing"), refused.body.missing);
    // Only what stands before the clinician is signed: another text is shown first, and signed at the next press.
    if (refused.code === "note-stale" && (await written.catchUp())) return signature(action, written);
    if (refused.code !== "note-signed") throw refused;
  }
  swap(await afresh());
}

function showMissing(sentence, fields = []) {
  const box = part("missing");
  box.querySelector("ul").replaceChildren(...fields.map(({ name, label }) => {
    const item = document.createElement("li");
    item.append(Object.assign(document.createElement("a"), { href: `#field-${name}`, textContent: label }));
    return item;
  }));
  box.querySelector("p").textContent = sentence;
  box.hidden = !sentence;
  if (sentence) box.scrollIntoView({ block: "start" });
}

/** The answer is the whole page, also when something is missing in the addendum: then with what was typed. */
async function add(sent) {
  const answer = await fetch(sent.action, { method: "POST", body: new URLSearchParams(new FormData(sent)) });
  if (SIGNED_OUT.includes(answer.status)) throw new Refused(answer.status, "", "", {});
  swap(await answer.text());
}

// The visit is over: its pane says what comes next. The page stays: on it the note is written on, and signed.
async function finish({ action }) {
  await form()?.save();
  await post(action, {});
  const page = parsed(await afresh());
  const elsewhere = document.activeElement?.closest(".pane.note, .pane.timeline");
  for (const place of [".patient-bar .chip", ".pane.call"]) document.querySelector(place).replaceWith(page.querySelector(place));
  if (!elsewhere) document.querySelector(".pane.call").focus({ preventScroll: true });
}

/** Another clinician has the visit, and the draft with it: nothing is done with it here any more. */
export function giveAway() {
  form()?.giveAway();
  for (const each of document.querySelectorAll("[data-sign], [data-confirm]")) each.hidden = true;
}

/** Something about whose visit this is has changed, maybe elsewhere: only the server knows whether it is this page's. */
export async function lookWhoseItIs() {
  const page = await fragment(location.pathname).catch(() => null);
  if (page === null) return;
  if (isOurs(page)) takeBack(page);
  else document.dispatchEvent(new Event("handed-over"));
}

/** Whether the page, as the server has it now, is that of the visit's own clinician. */
export const isOurs = (page) => Boolean(parsed(page).querySelector("[data-finish]"));

/** Handed back before the other one came. Letters that are nowhere but here stay, to be copied. */
function takeBack(page) {
  document.dispatchEvent(new Event("handed-back"));
  if (form()?.givenAway && !form().dirty) swap(page, { focus: false });
}

document.addEventListener("submit", (event) => {
  const { target } = event;
  if (target.matches("[data-confirm]")) once(event, beside("not-confirmed"), confirmFacts);
  else if (target.matches("[data-sign]")) once(event, showMissing, sign);
  else if (target.matches("form.add")) once(event, beside("not-added"), add);
  else if (target.matches("[data-finish]")) once(event, beside("not-finished"), finish);
});

document.addEventListener("click", ({ target }) => target.closest("[data-print]") && window.print());
