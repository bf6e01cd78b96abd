// <running-late>: tells a patient that one is late without leaving the page, which may hold a call.
import { post, Refused } from "../lib/http.js";

class RunningLate extends HTMLElement {
  connectedCallback() {
    this.addEventListener("submit", this.#tell);
  }

  #tell = async (event) => {
    if (!event.target.matches("[data-late]")) return;
    event.preventDefault();
    const said = new FormData(event.target, event.submitter);
    const [told, not] = ["told", "not-told"].map((name) => this.querySelector(`[data-${name}]`));
    const problem = await post(event.target.action, said).then(() => null, (refused) => refused);
    told.hidden = problem !== null;
    not.textContent = problem === null ? "" : (problem instanceof Refused && problem.message) || not.dataset.otherwise;
    if (problem === null) event.target.reset();
  };
}

customElements.define("running-late", RunningLate);
