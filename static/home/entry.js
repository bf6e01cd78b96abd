// The entry saves itself (autosave-form); what bears on safety shows at the tick, and sharing waits for the last words.
import "../elements/autosave-form.js";
import { keep } from "../lib/telling.js";

const { unsent } = globalThis;
const form = document.querySelector("autosave-form");
const notKnown = document.querySelector("[data-not-known]");
const held = document.querySelector("[data-held]");
const page = crypto.randomUUID();
unsent.hold(page);
// What was said and is kept besides the text: told from whichever page is opened next, should this one be closed.
let kept = Promise.resolve();

form?.addEventListener("change", ({ target }) => {
  if (target.name !== "unusual") return;
  forgetYes();
  if (target.value === "yes") {
    held.hidden = false;
    told({});
    const path = new URL(form.form.action).pathname;
    kept = keep({ method: "PUT", path, adds: { unusual: "yes" }, page }).catch(() => null);
  }
  // Not after a pause: this one does not wait.
  form.save().then((saved) => saved || form.conflicted || told({ waits: notKnown.hidden }));
});

async function forgetYes() {
  const n = await kept;
  if (n) await unsent.drop(n).catch(() => {});
}

// The page says that the clinic is told only once that is true.
function told({ reached = false, waits = false }) {
  held.querySelector("[data-told]").hidden = !reached;
  held.querySelector("[data-not-told]").hidden = !waits;
}

form?.addEventListener("saved", ({ detail }) => {
  if (!detail.on_hold) return;
  told({ reached: true });
  forgetYes();
});
form?.addEventListener("signed-out", () => (notKnown.hidden = false));
form?.addEventListener("fixed", () => location.reload());

const share = document.querySelector("form[data-share]");
share?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = share.querySelector("button");
  button.disabled = true;
  if (await form.save()) share.submit();
  else button.disabled = false;
});
