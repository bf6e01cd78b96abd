// Asking without leaving the page. What is typed is kept on this device until the clinic has it: a reload, a refusal or a
// lost connection takes no word away. Without this script it is a form like any other.
import { adoptOrphans, forget, hold, keep } from "../lib/drafts.js";
import { post, Refused } from "../lib/http.js";
import { t } from "../lib/words.js";

const form = document.querySelector("form[data-ask]");
const field = form.elements.question;
const sent = document.querySelector("[data-sent]");
const problem = form.querySelector("[data-problem]");
// Of this patient's home and no other's on the same device.
const note = `ask:${document.querySelector('meta[name="home"]')?.content ?? ""}`;
const page = crypto.randomUUID();
hold(note, page);

const typed = () => Object.fromEntries(new FormData(form));
const keepHere = () => (field.value ? keep(note, page, typed()) : forget(note, page)).catch(() => {});

form.addEventListener("input", () => {
  sent.hidden = true;
  keepHere();
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (form.hasAttribute("aria-busy")) return;
  form.setAttribute("aria-busy", "true");
  problem.textContent = "";
  const going = field.value;
  try {
    await post(form.action, new FormData(form));
    await became(going);
  } catch (refused) {
    problem.textContent = (refused instanceof Refused && refused.message) || t("ask.not-sent");
  }
  form.removeAttribute("aria-busy");
});

/** The clinic has `going`; what was typed on meanwhile stays. */
async function became(going) {
  if (field.value === going) field.value = "";
  // The next question is another one, even with the same words.
  form.elements.key.value = crypto.randomUUID();
  sent.hidden = Boolean(field.value);
  await keepHere();
  document.querySelector("live-region").dispatchEvent(new Event("refresh"));
}

// What a page that is gone had not sent: back into the field, unless something is typed there by now. With its key: if it
// had arrived after all, sending it again changes nothing.
adoptOrphans(note, async (gone, draft) => {
  if (!field.value) {
    for (const name of ["question", "key"]) form.elements[name].value = draft[name];
    for (const choice of form.elements.about) choice.checked = choice.value === draft.about;
    await keepHere();
  }
  if (field.value === draft.question) await forget(note, gone);
}).catch(() => {});
