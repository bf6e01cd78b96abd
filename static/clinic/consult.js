// The consult page: the call beside the note. The note's form keeps and saves itself; this wires the rest.
import "../elements/autosave-form.js";
import "../elements/live-region.js";
import { timeOfDay, now } from "../lib/clock.js";
import { fragment, post } from "../lib/http.js";
import { parsed } from "../lib/html.js";
import { signIn, tokenOf } from "../lib/sign-in.js";
import { t } from "../lib/words.js";
import { stage } from "./consult-call.js";

const part = (name) => document.querySelector(`[data-${name}]`);
const form = document.querySelector("autosave-form");
const panes = document.querySelector(".panes");
const tabs = [...document.querySelectorAll("[data-tab]")];

// Tabs, where there is no room for three panes; with the arrow keys too, as tabs go.
function show(tab) {
  panes.dataset.shown = tab.dataset.tab;
  for (const each of tabs) {
    each.setAttribute("aria-selected", String(each === tab));
    each.tabIndex = each === tab ? 0 : -1;
  }
}
for (const [at, tab] of tabs.entries()) {
  tab.addEventListener("click", () => show(tab));
  tab.addEventListener("keydown", ({ key }) => {
    const next = tabs[(at + { ArrowRight: 1, ArrowLeft: tabs.length - 1 }[key]) % tabs.length];
    if (next) (show(next), next.focus());
  });
}
show(tabs[0]);

// Control and J: from the writing to the story and back.
let writing = null;
addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "j" || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  const here = document.activeElement?.closest(".pane.note");
  if (here) writing = document.activeElement;
  show(tabs.find(({ dataset }) => dataset.tab === (here ? "timeline" : "note")));
  (here ? document.querySelector(".pane.timeline") : (writing ?? document.querySelector(".pane.note textarea")))?.focus();
});

// Confirming the facts and signing: what was typed goes first.
part("confirm")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    if (!(await form.save())) return;
    const { version } = await (await post(event.target.action, {})).json();
    // Any other number: somebody saved in between, and the next save must find that out.
    if (version === form.version + 1) form.acceptVersion(version);
    part("confirmed").textContent = t("note.confirmed", { time: timeOfDay(now()) });
    part("not-confirmed").textContent = "";
  } catch (refused) {
    part("not-confirmed").textContent = refused.message;
  }
});
part("sign")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!(await form.save())) return;
  try {
    await post(event.target.action, { version: form.version });
    location.reload();
  } catch (refused) {
    showMissing(refused);
  }
});

function showMissing({ body, message: sentence }) {
  const box = part("missing");
  const list = box.querySelector("ul");
  list.replaceChildren(...(body.missing ?? []).map(({ name, label }) => {
    const item = document.createElement("li");
    const link = Object.assign(document.createElement("a"), { href: `#field-${name}`, textContent: label });
    item.append(link);
    return item;
  }));
  box.querySelector("p").textContent = body.missing ? t("note.missing") : sentence;
  box.hidden = false;
  box.scrollIntoView({ block: "start" });
}

// Finishing leads to a fresh page: what was typed goes first, and whatever cannot go is kept and sent from there.
part("finish")?.addEventListener("submit", async (event) => {
  if (!form) return;
  event.preventDefault();
  await form.save();
  event.target.submit();
});
part("print")?.addEventListener("click", () => window.print());

// Signed out over the page: nothing is lost, and the same page goes on.
const dialog = document.querySelector("dialog.signed-out");
form?.addEventListener("signed-out", () => dialog.open || dialog.showModal());
form?.addEventListener("fixed", () => (part("save-state").textContent = t("note.signed-elsewhere")));
async function goOn() {
  // A new session has a new form token; the page's own is of the old one.
  const page = await fragment(location.pathname).catch(() => null);
  part("sign-in-problem").textContent = page === null ? t("note.still-signed-out") : "";
  if (page === null) return;
  const token = tokenOf(parsed(page));
  document.querySelector('meta[name="csrf"]').content = token;
  for (const field of document.getElementsByName("csrf")) field.value = token;
  if (await form.save()) dialog.close();
  stage?.call.signalling.reconnect();
}
dialog?.addEventListener("submit", async (event) => {
  if (event.submitter?.value === "later") return;
  event.preventDefault();
  const problem = await signIn(new FormData(event.target)).catch(() => t("note.still-signed-out"));
  part("sign-in-problem").textContent = problem;
  // A code works once: the next try needs the next one.
  event.target.elements.code.value = "";
  if (!problem) await goOn();
});
part("signed-in")?.addEventListener("click", goOn);
