// <hand-over>: the visit goes to another clinician without this page leaving the call. Markup: clinic/_call.html.
// "handed-over" on the document says that it has gone, from here or from elsewhere; the note's pane hears it, too.
// "handed-back": it is this page's again.
import { post, Refused } from "../lib/http.js";
import { t } from "../lib/words.js";

class HandOver extends HTMLElement {
  connectedCallback() {
    this.told = this.querySelector("[data-handed]");
    this.addEventListener("submit", (event) => (event.preventDefault(), this.#hand(event.target)));
    document.addEventListener("handed-over", (this.onGone = () => this.told.hidden && this.#gone(t("call.handed-over-elsewhere"))));
    document.addEventListener("handed-back", (this.onBack = () => this.#show(false)));
  }

  disconnectedCallback() {
    document.removeEventListener("handed-over", this.onGone);
    document.removeEventListener("handed-back", this.onBack);
  }

  async #hand(form) {
    const problem = this.querySelector("[data-not-handed]");
    const button = form.querySelector("button");
    const note = document.querySelector("autosave-form");
    problem.textContent = "";
    button.disabled = true;
    // Nobody types into a text while it goes: those letters would be in no version.
    if (note) note.inert = true;
    try {
      // The draft goes with the visit, with the last word in it.
      if ((await note?.save()) === false) problem.textContent = t("note.not-yet");
      else {
        await post(form.action, new FormData(form));
        this.#gone(t("call.handed-over", { name: form.practitioner.selectedOptions[0].textContent }));
        document.dispatchEvent(new Event("handed-over"));
      }
    } catch (refused) {
      problem.textContent = (refused instanceof Refused && refused.message) || t("note.no-connection");
    }
    if (note) note.inert = false;
    button.disabled = false;
  }

  #gone(words) {
    this.told.textContent = words;
    this.#show(true);
  }

  #show(gone) {
    this.told.hidden = !gone;
    this.querySelector("details").hidden = gone;
    const finish = document.querySelector("[data-finish] button");
    if (finish) finish.disabled = gone;
  }
}

customElements.define("hand-over", HandOver);
