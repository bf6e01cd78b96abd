// <guest-list>: on the consult page, who is invited and who waits; ask, admit, hold, take back, remove. Also the hold of
// the patient, which is the hold of the whole call. Markup: clinic/_invitations.html; stands in the <call-stage>.
import "../lib/copying.js";
import { post } from "../lib/http.js";
import { t } from "../lib/words.js";

const ACTS = {
  "guest-ask": (call, seat) => call.ask(seat),
  "guest-admit": (call, seat) => call.admit(seat),
  "guest-hold": (call, seat) => call.hold(seat, true),
  "guest-back": (call, seat) => call.hold(seat, false),
};

class GuestList extends HTMLElement {
  connectedCallback() {
    this.stage = this.closest("call-stage");
    this.waiting = new Set();
    this.stage.addEventListener("call-changed", () => this.#show());
    this.addEventListener("refreshed", () => this.#show());
    this.addEventListener("click", (event) => this.#click(event.target));
    this.addEventListener("submit", (event) => this.#submit(event));
  }

  get #patient() {
    return this.stage.call.others.find(({ seat }) => seat === "patient");
  }

  #show() {
    const seats = new Map(this.stage.call.others.map((each) => [each.seat, each]));
    for (const row of this.querySelectorAll("[data-guest]")) this.#row(row, seats.get(row.dataset.guest));
    this.#tell([...seats.values()]);
    const hold = this.querySelector("[data-hold]");
    hold.hidden = !this.#patient?.admitted;
    hold.textContent = t(this.#patient?.held ? "call.take-back" : "call.hold");
    hold.toggleAttribute("data-on", Boolean(this.#patient?.held));
  }

  #row(row, seat) {
    const here = Boolean(seat?.present);
    const waits = here && !seat.admitted;
    const shown = {
      "guest-ask": waits && [null, "no"].includes(seat.agreed) && Boolean(this.#patient?.present),
      "guest-admit": waits && seat.agreed === "yes",
      "guest-hold": here && seat.admitted && !seat.held,
      "guest-back": here && seat.admitted && seat.held,
    };
    for (const [name, wanted] of Object.entries(shown)) row.querySelector(`[data-${name}]`).hidden = !wanted;
    const words = seat ? t(`guest.${standing(seat)}`) : "";
    const place = row.querySelector("[data-guest-state]");
    if (place.textContent !== words) place.textContent = words;
    row.classList.toggle("here", here);
    // Somebody who comes while nobody looks at the list is said once.
    if (waits && !this.waiting.has(seat.seat)) this.stage.controls.announce(t("guest.arrived", { name: seat.name }));
    if (waits) this.waiting.add(seat.seat);
    else this.waiting.delete(row.dataset.guest);
  }

  /** At the head of the page, wherever it is scrolled to and whatever is being written; leads to the list. */
  #tell(seats) {
    const waits = ({ role, present, admitted, agreed }) => role !== "patient" && present && !admitted && agreed !== "no";
    const words = seats.filter(waits).map(({ name }) => t("guest.arrived", { name })).join(" ");
    const place = document.querySelector("[data-guest-waits]");
    if (place.textContent !== words) place.textContent = words;
    place.hidden = !words;
  }

  #click(target) {
    const row = target.closest("[data-guest]");
    for (const [name, act] of Object.entries(ACTS)) if (target.closest(`[data-${name}]`)) act(this.stage.call, row.dataset.guest);
    if (target.closest("[data-hold]")) this.stage.call.hold("patient", !this.#patient?.held);
    const invite = target.closest("[data-invite]");
    if (invite) this.#open(this.querySelector("[data-invite-panel]").hidden);
  }

  #open(open) {
    this.querySelector("[data-invite-panel]").hidden = !open;
    this.querySelector("[data-invite]").setAttribute("aria-expanded", String(open));
    if (open) this.querySelector("#guest_name").focus();
  }

  async #submit(event) {
    event.preventDefault();
    const form = event.target;
    const said = (problems) => {
      for (const place of form.querySelectorAll(".problem")) place.textContent = problems[place.id.replace("-problem", "")] ?? "";
    };
    try {
      await post(form.action, new FormData(form));
      said({});
      if (form.matches("[data-invite-form]")) (form.reset(), this.#open(false));
    } catch (refused) {
      said(refused.body?.problems ?? { guest_name: refused.message || t("wait.not-sent") });
    }
    this.querySelector("live-region").dispatchEvent(new Event("refresh"));
  }
}

function standing({ admitted, held, present, agreed }) {
  if (!present) return "lost";
  if (admitted) return held ? "on-hold" : "in-call";
  return agreed ?? "waits";
}

customElements.define("guest-list", GuestList);
