// The consult page: the call beside the note. The note's form keeps and saves itself; this wires the rest.
import "../elements/autosave-form.js";
import "../elements/call-stage.js";
import "../elements/live-region.js";
import { minutes, now } from "../lib/clock.js";
import { fragment, post } from "../lib/http.js";
import { t } from "../lib/words.js";
import { timeOfDay } from "../lib/clock.js";

const part = (name) => document.querySelector(`[data-${name}]`);
const form = document.querySelector("autosave-form");
const stage = document.querySelector("call-stage");

// Tabs, where there is no room for three panes.
for (const tab of document.querySelectorAll("[data-tab]")) {
  tab.addEventListener("click", () => {
    document.querySelector(".panes").dataset.shown = tab.dataset.tab;
    for (const each of document.querySelectorAll("[data-tab]")) each.setAttribute("aria-selected", String(each === tab));
  });
}

// The call: who waits, since when; Admit lets in and the picture is there.
const admit = part("admit");
const chip = part("call-chip");
let inCallSince = null;
stage?.addEventListener("call-changed", ({ detail: call }) => {
  const patient = call.others.find(({ seat }) => seat === "patient");
  const waiting = Boolean(patient?.present && !patient.admitted);
  admit.disabled = !waiting;
  const since = waiting && call.snapshot ? Math.floor((call.snapshot.now - patient.waiting_since) / 60) : 0;
  const name = stage.dataset.patient;
  const words = waiting ? t("call.waiting-since", { name, minutes: since }) : t("call.not-here", { name });
  if (part("waiting").textContent !== words) part("waiting").textContent = words;
  inCallSince = stage.getAttribute("state") === "call" ? (inCallSince ?? now()) : null;
});
setInterval(() => {
  if (inCallSince && chip) {
    chip.textContent = t("call.in-call", { time: minutes((now() - inCallSince) / 1000) });
    chip.classList.add("good");
  }
}, 1000);
admit?.addEventListener("click", async () => {
  if (!stage.devices.audio && !stage.devices.video) await stage.open();
  stage.call.admit("patient");
});
part("open-devices")?.addEventListener("click", () => stage.open());
stage?.addEventListener("devices-changed", ({ detail: devices }) => {
  part("open-devices").hidden = Boolean(devices.audio || devices.video);
  const card = part("card");
  card.hidden = !devices.problem;
  if (devices.problem) card.textContent = t(`devices.${devices.problem}`);
});
// Where the browser already allows it, the camera is on before the patient is let in.
navigator.permissions?.query({ name: "camera" }).then(({ state }) => state === "granted" && stage?.open()).catch(() => {});
part("copy")?.addEventListener("click", () => navigator.clipboard.writeText(document.querySelector(".link input").value));

// Messages go out without leaving the page.
const message = document.querySelector("form[data-message]");
message?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const problem = message.querySelector("[data-problem]");
  try {
    await post(message.action, new URLSearchParams(new FormData(message)));
    message.reset();
    problem.textContent = "";
    document.querySelector("live-region[data-messages]").dispatchEvent(new Event("refresh"));
  } catch (refused) {
    problem.textContent = refused.message;
  }
});

// Confirming the facts and signing: what was typed goes first.
part("confirm")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const place = part("confirmed");
  try {
    if (!(await form.save())) return;
    const { version } = await (await post(event.target.action, {})).json();
    form.acceptVersion(version);
    place.textContent = t("note.confirmed", { time: timeOfDay(now()) });
  } catch (refused) {
    place.textContent = refused.message;
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
part("print")?.addEventListener("click", () => window.print());

// Signed out over the page: nothing is lost, and the same page goes on.
const dialog = document.querySelector("dialog.signed-out");
form?.addEventListener("signed-out", () => dialog.open || dialog.showModal());
form?.addEventListener("note-signed", () => (part("save-state").textContent = t("note.signed-elsewhere")));
async function goOn() {
  // A new session has a new form token; the page's own is of the old one.
  const page = await fragment(location.pathname).catch(() => null);
  part("sign-in-problem").textContent = page === null ? t("note.still-signed-out") : "";
  if (page === null) return;
  const token = page.match(/<meta name="csrf" content="([^"]*)"/)?.[1] ?? "";
  document.querySelector('meta[name="csrf"]').content = token;
  if (await form.save()) dialog.close();
  stage?.call.signalling.reconnect();
}
dialog?.addEventListener("submit", async (event) => {
  if (event.submitter?.value === "later") return;
  event.preventDefault();
  const fields = new URLSearchParams(new FormData(event.target));
  const answer = await fetch("/sign-in", { method: "POST", body: fields, credentials: "same-origin" }).catch(() => null);
  part("sign-in-problem").textContent = answer?.ok ? "" : t(answer ? "note.wrong-password" : "note.still-signed-out");
  if (answer?.ok) await goOn();
});
part("signed-in")?.addEventListener("click", goOn);
