// A button with data-copies="id" copies that field's text, wherever it stands and whenever it came.
import { t } from "./words.js";

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copies]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copies);
  field.select();
  await navigator.clipboard.writeText(field.value);
  button.textContent = t("desk.copied");
});
