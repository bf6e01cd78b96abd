// <hand-over>: the visit goes to another clinician without this page leaving the call. Markup: clinic/_call.html.
import { post } from "../lib/http.js";
import { t } from "../lib/words.js";

class HandOver extends HTMLElement {
  connectedCallback() {
    this.addEventListener("submit", (event) => (event.preventDefault(), this.#hand(event.target)));
  }

  async #hand(form) {
    const problem = this.querySelector("[data-not-handed]");
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      // The draft goes with the visit, with the last word in it.
      await document.querySelector("autosave-form")?.save?.();
      await post(form.action, new FormData(form));
      const told = this.querySelector("[data-handed]");
      told.textContent = t("call.handed-over", { name: form.practitioner.selectedOptions[0].textContent });
      told.hidden = false;
      this.querySelector("details").hidden = true;
      const finish = document.querySelector("[data-finish] button");
      if (finish) finish.disabled = true;
    } catch (refused) {
      problem.textContent = refused.message || t("wait.not-sent");
    }
    button.disabled = false;
  }
}

customElements.define("hand-over", HandOver);
