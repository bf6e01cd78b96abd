// The consult page: tabs, the keys from pane to pane, signing in over the page. The note and the call have their own.
import "../elements/autosave-form.js";
import "../elements/live-region.js";
import "../elements/running-late.js";
import { fragment } from "../lib/http.js";
import { parsed } from "../lib/html.js";
import { signIn, tokenOf } from "../lib/sign-in.js";
import { t } from "../lib/words.js";
import { stage } from "./consult-call.js";
import { form, giveAway, isOurs, lookWhoseItIs } from "./consult-note.js";

const part = (name) => document.querySelector(`[data-${name}]`);
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

// Control and K, or the link before everything else: to what the call wants pressed at this moment.
const WANTED = ["[data-admit]", "[data-continue]", ".controls [data-mute]", ".controls button", "[data-open-devices]", ".notice a", ".notice button"];
function toCall() {
  const pane = document.querySelector(".pane.call");
  const usable = (each) => each.checkVisibility() && !each.disabled;
  const wanted = WANTED.map((each) => [...pane.querySelectorAll(each)].find(usable)).find(Boolean);
  (wanted ?? pane).focus();
}
part("to-call")?.addEventListener("click", (event) => (event.preventDefault(), toCall()));
addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k" || document.querySelector("dialog[open]")) return;
  if (!part("to-call")) return;
  event.preventDefault();
  toCall();
});

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

// Signed out over the page: nothing is lost, and the same page goes on.
const dialog = document.querySelector("dialog.signed-out");
document.addEventListener("signed-out", () => dialog.open || dialog.showModal());
document.addEventListener("fixed", () => (part("save-state").textContent = t("note.signed-elsewhere")));
// Whoever is being asked to sign in may be somebody else, and the note still its writer's.
document.addEventListener("handed-over", () => (dialog.open ? (part("sign-in-problem").textContent = t("note.with-another")) : giveAway()));
stage?.call.addEventListener("message", ({ detail: topic }) => topic === "handover" && lookWhoseItIs());
async function goOn() {
  // A new session has a new form token; the page's own is of the old one.
  const page = await fragment(location.pathname).catch(() => null);
  part("sign-in-problem").textContent = page === null ? t("note.still-signed-out") : "";
  if (page === null) return;
  const token = tokenOf(parsed(page));
  document.querySelector('meta[name="csrf"]').content = token;
  for (const field of document.getElementsByName("csrf")) field.value = token;
  if (!form() || (await form().save())) dialog.close();
  // Who has handed the visit over is in the call by the socket they have: another one would be refused.
  if (isOurs(page)) stage?.call.signalling.reconnect();
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
