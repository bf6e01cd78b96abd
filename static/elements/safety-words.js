// <safety-words>: the words of the call around it, in every language its markup asks for; see macros/call.html.
//
// Shows whatever carries data-for="checking words matched unchecked" for what is known of the connection.
import { t } from "../lib/words.js";
import { wordsIn } from "../lib/word-lists.js";

class SafetyWords extends HTMLElement {
  connectedCallback() {
    this.stage = this.closest("call-stage");
    this.stage.addEventListener("call-changed", ({ detail }) => this.#show(detail));
    for (const button of this.querySelectorAll("button[data-verdict]")) {
      button.addEventListener("click", () => this.#say(button.dataset.verdict));
    }
  }

  #show(call) {
    const { peer } = call;
    this.#showOthers(call);
    const { state, numbers } = peer?.check ?? { state: "checking" };
    if (state === "forged") return; // the call is over
    const shown = state === "words" && peer.verified ? "matched" : state;
    for (const place of this.querySelectorAll("[data-words-in]")) {
      const list = wordsIn(place.dataset.wordsIn);
      this.#write(place, numbers?.map((number) => list[number]).join(" · ") ?? "");
    }
    for (const part of this.querySelectorAll("[data-for]")) part.hidden = !part.dataset.for.split(" ").includes(shown);
    // The words speak for themselves.
    if (this.getAttribute("state") !== shown) this.#write(this.querySelector("[data-known]"), shown === "words" ? "" : t(`words.${shown}`));
    this.setAttribute("state", shown);
  }

  // Every two people have words of their own: those with a third one stand here too, to be read to that person.
  #showOthers(call) {
    const list = wordsIn(this.querySelector("[data-words-in]").dataset.wordsIn);
    const known = call.others.filter(({ seat, admitted }) => admitted && seat !== call.main).flatMap(({ seat, name }) => {
      const { check, verified } = call.peerOf(seat) ?? {};
      const words = check?.numbers?.map((number) => list[number]).join(" · ");
      return words ? [{ seat, name, verified, said: t(verified ? "words.matched-with" : "words.with", { name, words }) }] : [];
    });
    const place = this.querySelector("[data-other-words]");
    const key = known.map(({ said }) => said).join();
    if (place.dataset.key === key) return;
    place.dataset.key = key;
    place.hidden = !known.length;
    place.replaceChildren(...known.map((each) => this.#line(each)));
  }

  // Whoever lets others in says that the words were the same, of each of them.
  #line({ seat, name, verified, said }) {
    const line = Object.assign(document.createElement("li"), { textContent: said });
    if (verified || !this.querySelector("[data-verdict=match]")) return line;
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: t("words.match"), ariaLabel: t("words.match-with", { name }) });
    button.addEventListener("click", () => this.#say("match", this.stage.call.peerOf(seat)));
    line.append(" ", button);
    return line;
  }

  #say(verdict, peer) {
    // A match that cannot be kept now must not look as if it was.
    if (this.stage.call.compared(verdict, peer) === false) this.#write(this.querySelector("[data-known]"), t("words.not-kept"));
  }

  #write(place, text) {
    if (place.textContent !== text) place.textContent = text;
  }
}

customElements.define("safety-words", SafetyWords);
