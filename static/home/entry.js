// The entry saves itself (autosave-form); what bears on safety shows at the tick, and sharing waits for the last words.
import "../elements/autosave-form.js";

const form = document.querySelector("autosave-form");
const held = document.querySelector("[data-held]");

form?.addEventListener("change", ({ target }) => {
  if (target.name !== "unusual") return;
  if (target.value === "yes") held.hidden = false;
  // Not after a pause: this one does not wait.
  form.save();
});
form?.addEventListener("signed-out", () => (document.querySelector("[data-not-known]").hidden = false));
form?.addEventListener("note-signed", () => location.reload());

const share = document.querySelector("form[data-share]");
share?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = share.querySelector("button");
  button.disabled = true;
  if (await form.save()) share.submit();
  else button.disabled = false;
});
