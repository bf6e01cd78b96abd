// A chosen time is kept for this form for some minutes, and given back when the page is left without booking.
import { Refused, formToken, post } from "./http.js";
import { t } from "./words.js";

let asked = 0;
let keeping = false;
let booking = false;

function say(text, problem = false) {
  const line = document.querySelector("[data-keeps]");
  if (!line) return;
  line.textContent = text;
  line.classList.toggle("problem", problem);
}

/** Keeps what the form has chosen. `refused` is told why not, with the server's sentence. */
export async function keepChosen(form, refused) {
  if (!document.querySelector("[data-keeps]")) return;
  const mine = ++asked;
  keeping = true;
  const body = new FormData();
  // For whom it is says how long it is.
  const names = ["booking_key", "chosen", "visit_type", "visit", "patient_id", "interpreter"];
  for (const name of names) if (form.elements[name]?.value) body.set(name, form.elements[name].value);
  try {
    const { until } = await (await post("/desk/hold", body)).json();
    if (mine === asked) say(t("times.kept", { time: until }));
  } catch (problem) {
    // Another time may have been chosen meanwhile: the last answer counts.
    if (mine !== asked) return;
    if (problem instanceof Refused && problem.status === 409) refused(problem.message);
    else say(t("times.not-kept"));
  }
}

/** Nothing is chosen any more, or not by a person. */
export function forget() {
  asked += 1;
  say("");
}

document.addEventListener("submit", () => (booking = true));
window.addEventListener("pageshow", () => (booking = false));
window.addEventListener("pagehide", () => {
  if (!keeping || booking) return;
  const key = document.querySelector('[name="booking_key"]').value;
  navigator.sendBeacon("/desk/hold/release", new URLSearchParams({ booking_key: key, csrf: formToken() }));
});
