// A patient's messages in a visit: sent without leaving the page, and taken along when the page shows another part.
import { post, Refused } from "./http.js";
import { t } from "./words.js";

const FORMS = "form[data-message]";

/** What was typed stays until the server has it. */
export function sendInPlace() {
  for (const form of document.querySelectorAll(FORMS)) form.addEventListener("submit", (event) => send(event, form));
}

async function send(event, form) {
  event.preventDefault();
  const problem = form.querySelector("[data-problem]");
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    await post(form.action, new FormData(form));
    form.reset();
    problem.textContent = "";
    for (const region of document.querySelectorAll("live-region[data-messages]")) region.dispatchEvent(new Event("refresh"));
  } catch (refused) {
    problem.textContent = (refused instanceof Refused && refused.message) || t("wait.not-sent");
  }
  button.disabled = false;
}

/** What somebody was writing goes with them into the part of this state: the call, or the hold. */
export function takeAlong(state) {
  const fields = [...document.querySelectorAll(`${FORMS} textarea`)];
  const here = fields.find((field) => field.closest(`[data-when~="${state}"]`));
  const written = fields.find((field) => field !== here && field.value);
  if (here && written && !here.value) [here.value, written.value] = [written.value, ""];
}
