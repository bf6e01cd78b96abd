// The booking form without waiting: patients are found while typing, times are chosen on the spot.
import { post } from "../lib/http.js";
import { fill } from "../lib/html.js";
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
  showTimesIn(zone());
});
form.addEventListener("change", (event) => {
  if (["patient_id", "time_zone"].includes(event.target.name)) showTimesIn(zone());
});
