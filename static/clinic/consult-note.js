// What is done with the note beside writing it: confirm, sign, add, print; and finishing the visit. None of it takes
// the page away while somebody is in a call: the note's pane is put in anew, the call beside it is not touched.
import { timeOfDay, now } from "../lib/clock.js";
import { fragment, post, Refused } from "../lib/http.js";
import { parsed } from "../lib/html.js";
import { t } from "../lib/words.js";

const part = (name) => document.querySelector(`[data-${name}]`);
export const form = () => document.querySelector("autosave-form");
const SIGNED_OUT = [401, 403];

/** The note's pane out of a page of the server's. */
function swap(page) {
  const pane = document.querySelector(".pane.note");
  pane.replaceChildren(...parsed(page).querySelector(".pane.note").childNodes);
  pane.focus({ preventScroll: true });
}

/** One press at a time. What went wrong is told, and the page stays as it is. */
async function once(event, tell, act) {
  event.preventDefault();
  const button = event.target.querySelector("button:not([type=button])");
  if (button.disabled) return;
  button.disabled = true;
  tell("");
  try {
    await act(event.target);
  } catch (problem) {
    // Whatever is neither a refusal nor a lost connection is a mistake of this page, and must look like one.
    if (!(problem instanceof Refused || problem instanceof TypeError)) throw problem;
    if (SIGNED_OUT.includes(problem.status)) document.dispatchEvent(new CustomEvent("signed-out"));
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

// What was typed goes first; a note that turns out to be signed already is shown as what it is.
async function sign({ action }) {
  if (!(await form().save())) return showMissing(t("note.not-yet"));
  try {
    await post(action, { version: form().version });
  } catch (refused) {
    if (refused.body?.missing) return showMissing(t("note.missing"), refused.body.missing);
    if (refused.code !== "note-signed") throw refused;
  }
  swap(await fragment(location.pathname));
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

// The visit is over: a fresh page says what comes next. Whatever text cannot go is kept, and sent from there.
async function finish({ action }) {
  await form()?.save();
  await post(action, {});
  location.reload();
}

document.addEventListener("submit", (event) => {
  const { target } = event;
  if (target.matches("[data-confirm]")) once(event, beside("not-confirmed"), confirmFacts);
  else if (target.matches("[data-sign]")) once(event, showMissing, sign);
  else if (target.matches("form.add")) once(event, beside("not-added"), add);
  else if (target.matches("[data-finish]")) once(event, beside("not-finished"), finish);
});

document.addEventListener("click", ({ target }) => target.closest("[data-print]") && window.print());
