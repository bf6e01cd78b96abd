// The booking form without waiting: search while typing, choose a time on the spot. Without this script every button
// posts the form and the page comes back with everything still in it.
import { post } from "../lib/http.js";
import { fill } from "../lib/html.js";

const PAUSE_MS = 180;
const form = document.querySelector(".booking");
const people = document.getElementById("people");
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
  showTheirTimes();
}

function zone() {
  const picked = form.querySelector('[name="patient_id"]:checked');
  return picked?.dataset.zone ?? (form.querySelector("details.new[open]") ? form.elements.time_zone.value : "");
}

function timeIn(zoneName, instant) {
  const options = { hour: "numeric", minute: "2-digit", timeZone: zoneName };
  return new Intl.DateTimeFormat(document.documentElement.lang, options).format(new Date(instant));
}

/** The patient's time below the clinic's, as soon as we know where they live. */
function showTheirTimes() {
  const theirs = zone();
  for (const slot of form.querySelectorAll(".slot[data-at]")) {
    const ours = slot.querySelector("span").textContent.trim();
    const there = theirs ? timeIn(theirs, slot.dataset.at) : "";
    slot.querySelector(".theirs").textContent = there.replace(/\s/g, "") === ours.replace(/\s/g, "") ? "" : there;
  }
}

form.elements.q.addEventListener("input", () => {
  clearTimeout(pause);
  pause = setTimeout(search, PAUSE_MS);
});
form.querySelector("details.new").addEventListener("toggle", (event) => {
  if (!event.target.open) return;
  form.querySelector('details.new [name="patient_id"]').checked = true;
  showTheirTimes();
});
form.addEventListener("change", (event) => {
  if (["patient_id", "time_zone"].includes(event.target.name)) showTheirTimes();
});
