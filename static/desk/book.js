// The booking form without waiting: patients are found while typing, times are chosen on the spot.
import { post } from "../lib/http.js";
import { fill, parsed } from "../lib/html.js";
import { forget } from "../lib/keeping.js";
import { showTimesIn } from "../elements/free-times.js";

const PAUSE_MS = 180;
const form = document.querySelector(".booking");
const people = document.getElementById("people");
const newPatient = form.querySelector("details.new");
let pause;
let asked = 0;

async function search() {
  const mine = ++asked;
  const body = new FormData();
  body.set("q", form.elements.q.value);
  const markup = await (await post("/desk/patients", body)).text();
  // Answers may overtake each other; only the last question counts.
  if (mine !== asked) return;
  fill(people, markup);
  picked();
}

/** As on the server: nobody chose anything else than what the page proposed. */
function untouched() {
  const { visit_type, practitioner, chosen, proposed } = form.elements;
  return proposed.value === `${visit_type.value} ${practitioner.value} ${chosen.value}`;
}

let proposedFor = form.querySelector('[name="patient_id"]:checked')?.value ?? "";

/** Somebody is chosen: what is usual for them is proposed, or who may see them is offered; times are in their zone. */
async function picked() {
  showTimesIn(zone());
  const patient = form.querySelector('[name="patient_id"]:checked')?.value ?? "";
  if (patient === proposedFor) return;
  proposedFor = patient;
  const proposes = untouched();
  const before = form.elements.chosen.value;
  const book = document.getElementById("book");
  book.disabled = true;
  try {
    const body = new FormData(form);
    body.set("step", proposes ? "propose" : "find");
    const { page, refused } = await asPage(body);
    // What was chosen meanwhile stays.
    const same = form.elements.chosen.value === before && untouched() === proposes;
    if (patient === proposedFor && same) show(parsed(page), refused);
  } catch {
    // What stands can be booked; the server looks again.
  } finally {
    book.disabled = false;
  }
}

/** The page the server makes of the form, also where it says why the time that is held is none for them. */
async function asPage(body) {
  try {
    return { page: await (await post("/desk/book", body)).text(), refused: false };
  } catch (problem) {
    if (!problem.page) throw problem;
    return { page: problem.page, refused: true };
  }
}

/** The proposal's parts of the page, in place of those that stand here; what was typed about the person stays. */
function show(page, refused) {
  const held = form.querySelector("[data-keeps]");
  const before = form.elements.chosen.value;
  for (const name of ["visit_type", "practitioner", "state", "speaks", "interpreter", "since", "chosen", "proposed"]) {
    form.elements[name].value = page.querySelector(`[name="${name}"]`).value;
  }
  for (const part of [".buffer", ".times", ".not-offered", "#chosen-time"]) form.querySelector(part).replaceWith(page.querySelector(part));
  // Until when the time is held is known here alone.
  if (form.elements.chosen.value === before && !refused) form.querySelector("[data-keeps]").replaceWith(held);
  else forget();
  showTimesIn(zone());
}

/** Where the patient lives, as far as it is known yet. */
function zone() {
  const picked = form.querySelector('[name="patient_id"]:checked');
  if (picked?.dataset.zone) return picked.dataset.zone;
  return newPatient.open ? form.elements.time_zone.value : "";
}

form.elements.q.addEventListener("input", () => {
  clearTimeout(pause);
  pause = setTimeout(search, PAUSE_MS);
});
// Somebody may have begun to type before this script was there.
if (form.elements.q.value !== form.elements.q.defaultValue) search();
newPatient.addEventListener("toggle", () => {
  if (!newPatient.open) return;
  newPatient.querySelector('[name="patient_id"]').checked = true;
  picked();
});
form.addEventListener("change", (event) => {
  if (["patient_id", "time_zone"].includes(event.target.name)) picked();
});
