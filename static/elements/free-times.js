// Choosing one of the free times without a new page, and writing each in the patient's zone as soon as it is known.
// Without this script every time is a button that posts the form, and the page comes back with it chosen.
import { forget, keepChosen } from "../lib/keeping.js";
import { t } from "../lib/words.js";

// Looked up each time: the list and what is chosen are replaced when other times are asked for.
const times = () => document.querySelector(".times");
const shown = () => document.getElementById("chosen-time");

const HOUR_MS = 3600_000;

/** Where the clock shows this time twice, because it goes back, the zone's name stands behind it. */
function inZone(zone, instant, options) {
  const write = (more, at) => new Intl.DateTimeFormat(document.documentElement.lang, { ...options, ...more, timeZone: zone }).format(at);
  const at = Date.parse(instant);
  const written = write({}, at);
  const twice = [at - HOUR_MS, at + HOUR_MS].some((other) => write({}, other) === written);
  return twice ? write({ timeZoneName: "short" }, at) : written;
}

const CLOCK = { hour: "numeric", minute: "2-digit" };
const DAY_AND_CLOCK = { weekday: "short", month: "short", day: "numeric", ...CLOCK };
const city = (zone) => zone.split("/").pop().replaceAll("_", " ");

function choose(slot) {
  for (const other of times().querySelectorAll("button.slot")) other.setAttribute("aria-pressed", String(other === slot));
  slot.form.elements.chosen.value = slot.value;
  const place = shown();
  place.querySelector(".problem:not([data-keeps])")?.remove();
  forget();
  place.classList.remove("has-problem");
  place.querySelector(".none").hidden = true;
  place.querySelector(".ours").hidden = false;
  place.querySelector(".ours b").textContent = `${slot.dataset.day}, ${slot.querySelector("span").textContent.trim()}`;
  place.querySelector(".with").textContent = slot.dataset.who;
  showChosenIn(times().dataset.theirs);
}

function showChosenIn(zone) {
  const slot = times().querySelector('.slot[aria-pressed="true"]');
  const line = shown().querySelector(".theirs");
  line.hidden = !slot || !zone || zone === times().dataset.ours;
  if (!line.hidden) line.textContent = `${inZone(zone, slot.dataset.at, DAY_AND_CLOCK)} ${t("times.patient", { city: city(zone) })}`;
}

/** Somebody was faster: nothing is chosen any more, and why stands where the time stood. */
function unchoose(form, sentence) {
  form.elements.chosen.value = "";
  for (const slot of times().querySelectorAll('.slot[aria-pressed="true"]')) slot.setAttribute("aria-pressed", "false");
  const place = shown();
  for (const line of place.querySelectorAll(".ours, .theirs")) line.hidden = true;
  place.querySelector(".none").hidden = false;
  place.querySelector(".with").textContent = "";
  place.classList.add("has-problem");
  forget();
  const problem = document.createElement("p");
  problem.className = "problem";
  problem.textContent = sentence;
  place.querySelector(".problem:not([data-keeps])")?.remove();
  place.append(problem);
}

const keep = (form) => keepChosen(form, (sentence) => unchoose(form, sentence));

/** Writes every free time in the patient's zone too; an empty zone takes it away again. */
export function showTimesIn(zone) {
  const list = times();
  list.dataset.theirs = zone;
  const other = zone && zone !== list.dataset.ours;
  for (const slot of list.querySelectorAll("button.slot")) {
    slot.querySelector(".theirs").textContent = other ? inZone(zone, slot.dataset.at, CLOCK) : "";
  }
  for (const note of list.querySelectorAll(".below")) note.textContent = other ? ` · ${t("times.below", { city: city(zone) })}` : "";
  showChosenIn(zone);
}

document.addEventListener("click", (event) => {
  const slot = event.target.closest(".times button.slot");
  if (!slot) return;
  event.preventDefault();
  choose(slot);
  keep(slot.form);
});

const chosenBefore = document.querySelector("form[data-keep-now]");
if (chosenBefore) keep(chosenBefore);
