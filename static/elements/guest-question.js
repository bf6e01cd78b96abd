// <guest-question clinician="Dr …">: the patient is asked about each guest, and may have any of them leave at any time.
// Markup: macros/call.html. Stands in a <call-stage>, in every state of it.
import { t } from "../lib/words.js";

class GuestQuestion extends HTMLElement {
  connectedCallback() {
    this.stage = this.closest("call-stage");
    this.stage.addEventListener("call-changed", () => this.#show());
    this.stage.addEventListener("call-ended", () => this.#ask(null));
    for (const [name, agreed] of [["yes", true], ["no", false]]) {
      this.querySelector(`[data-${name}]`).addEventListener("click", () => this.asked && this.stage.call.answer(this.asked, agreed));
    }
    this.addEventListener("click", ({ target }) => {
      const seat = target.closest("[data-leaves]")?.dataset.leaves;
      const who = this.stage.call.others.find((each) => each.seat === seat);
      if (who) (this.stage.call.answer(seat, false), (this.leaving = who));
    });
  }

  #show() {
    const { others } = this.stage.call;
    this.#ask(others.find(({ agreed }) => agreed === "asked") ?? null);
    const guests = others.filter(({ role, admitted }) => admitted && !["clinician", "patient"].includes(role));
    this.#list(guests);
    if (!this.leaving || guests.some(({ seat }) => seat === this.leaving.seat)) return;
    this.stage.controls.announce(t("guest.left", this.leaving));
    this.leaving = null;
  }

  #ask(seat) {
    this.asked = seat?.seat ?? null;
    const question = this.querySelector("[data-question]");
    question.hidden = !seat;
    const words = seat ? t("guest.question", { clinician: this.getAttribute("clinician"), name: seat.name, role: t(`role.${seat.role}`) }) : "";
    const place = question.querySelector("[data-words]");
    if (place.textContent !== words) place.textContent = words;
  }

  #list(guests) {
    const place = this.querySelector("[data-guests-here]");
    const key = guests.map(({ seat, name }) => `${seat} ${name}`).join();
    if (place.dataset.key === key) return;
    place.dataset.key = key;
    place.hidden = !guests.length;
    place.replaceChildren(...guests.map(({ seat, name }) => {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", className: "quiet", textContent: t("guest.leave", { name }) });
      button.dataset.leaves = seat;
      return button;
    }));
  }
}

customElements.define("guest-question", GuestQuestion);
