// <autosave-form note="…" version="3"> around a form: saves while one types, and never loses a letter.
//
// Order of safety: first kept on this device, then sent, forgotten only when the server has it. A reload, a lost
// connection, an expired session and a second window all end in the same two places: saved, or shown.
// Events: saved (detail: the server's answer), conflict, signed-out, fixed (signed or shared elsewhere), handed-over (it
// is somebody else's to write now).
import { adoptOrphans, forget, hold, keep } from "../lib/drafts.js";
import { fragment, put } from "../lib/http.js";
import { parsed } from "../lib/html.js";
import { timeOfDay } from "../lib/clock.js";
import { merge, sameBody } from "../lib/merge.js";
import { readBody, setNotObtained, writeField } from "../lib/note-fields.js";
import { t } from "../lib/words.js";
import { showConflicts } from "../lib/conflicts.js";

const QUIET_MS = 700;
const LATEST_MS = 1600;
const FIRST_RETRY_MS = 2000;
const LONGEST_RETRY_MS = 15000;
const LOOKS_MS = [100, 200, 400, 800, 1600, 3200];

class AutosaveForm extends HTMLElement {
  async connectedCallback() {
    this.form = this.querySelector("form");
    this.note = this.getAttribute("note");
    this.version = Number(this.getAttribute("version"));
    this.page = crypto.randomUUID();
    this.sequence = 0;
    this.retryMs = FIRST_RETRY_MS;
    this.base = asServed(this.form);
    // Fields with two texts → what both began with, until somebody has chosen: a reload must ask again.
    this.unsettled = {};
    // Texts that were sent and not answered: one of them may have arrived all the same.
    this.unanswered = [];
    this.savedWords = document.querySelector("[data-save-state]").textContent;
    hold(this.note, this.page);
    this.form.addEventListener("input", () => this.#typed());
    this.form.addEventListener("submit", (event) => (event.preventDefault(), this.save()));
    this.addEventListener("click", (event) => this.#clicked(event));
    addEventListener("keydown", (this.onKey = (event) => this.#key(event)));
    addEventListener("online", (this.onOnline = () => this.save()));
    addEventListener("pagehide", (this.onHide = () => this.#flush()));
    if (this.dirty) this.#typed();
    await Promise.all([this.#recover(), this.#lookForLastWords()]);
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    removeEventListener("keydown", this.onKey);
    removeEventListener("online", this.onOnline);
    removeEventListener("pagehide", this.onHide);
  }

  get body() {
    return this.last ?? readBody(this.form);
  }

  get dirty() {
    return !sameBody(this.body, this.base);
  }

  /** Resolves to whether everything typed is on the server now. One save at a time; the next one follows. */
  async save() {
    clearTimeout(this.timer);
    this.due = null;
    return this.#inTurn(() => this.#send());
  }

  #inTurn(act) {
    return (this.saving = (this.saving ?? Promise.resolve()).then(act));
  }

  /** Whether this page may only read it. */
  get givenAway() {
    return Boolean(this.last);
  }

  /** Somebody else writes this text from now on: here it can be read and copied, and nothing is sent any more. */
  async giveAway() {
    if (this.last) return;
    this.last = this.body;
    clearTimeout(this.timer);
    for (const area of this.form.querySelectorAll("textarea")) area.readOnly = true;
    for (const control of this.form.querySelectorAll("button, input[type=radio]")) control.disabled = true;
    // A save that is under way may still have come in time.
    await this.saving;
    if (this.dirty) this.#say(t("note.with-another-unsaved"), "kept");
    else this.#say(t("note.with-another"), "saved");
  }

  /** Something else on the page (confirming the facts) made a new version of the same text. */
  acceptVersion(version) {
    this.version = version;
  }

  /** Takes over what the server has by now; resolves to whether this page's text is still the one it was. */
  async catchUp() {
    const before = this.body;
    const found = await latest(this.note);
    const settled = await this.#inTurn(() => this.#stale(found));
    return settled && sameBody(before, this.body);
  }

  async #send() {
    const body = this.body;
    if (this.conflicted) return false;
    if (this.last) return !this.dirty;
    if (sameBody(body, this.base)) return this.#settled();
    this.#say(t("note.saving"), "saving");
    if (!this.pending || !sameBody(body, this.pending.body)) {
      this.pending = { body, sequence: ++this.sequence };
      this.unanswered.push(body);
    }
    try {
      const answer = await put(this.form.action, { page: this.page, version: this.version, ...this.pending });
      return this.#saved(await answer.json(), body);
    } catch (problem) {
      return this.#failed(problem);
    }
  }

  async #saved(answer, body) {
    this.pending = null;
    this.unanswered = [];
    this.version = answer.version;
    this.base = body;
    this.retryMs = FIRST_RETRY_MS;
    this.#savedAt(answer);
    this.#say(this.savedWords, "saved");
    this.dispatchEvent(new CustomEvent("saved", { bubbles: true, detail: answer }));
    if (this.dirty) return this.#send();
    await forget(this.note, this.page).catch(() => {});
    return true;
  }

  #savedAt({ saved_at: at }) {
    this.savedWords = t("note.saved", { time: timeOfDay(Date.parse(at), { seconds: true }) });
  }

  // Nothing to send: what is on the page is what the server has, and needs no copy here.
  async #settled() {
    if (this.getAttribute("state") !== "saved") this.#say(this.savedWords, "saved");
    await forget(this.note, this.page).catch(() => {});
    return true;
  }

  #failed(problem) {
    if (["note-stale", "entry-changed"].includes(problem.code)) return this.#stale(problem.body.theirs);
    this.#say(t("note.kept"), "kept");
    if (["note-signed", "already-shared"].includes(problem.code)) this.dispatchEvent(new CustomEvent("fixed", { bubbles: true }));
    else if (problem.code === "not-the-author") this.dispatchEvent(new CustomEvent("handed-over", { bubbles: true }));
    else if ([401, 403].includes(problem.status)) this.dispatchEvent(new CustomEvent("signed-out", { bubbles: true }));
    else if (problem.status === 422) this.#say(problem.message, "kept");
    else {
      this.timer = setTimeout(() => this.save(), this.retryMs);
      this.retryMs = Math.min(this.retryMs * 2, LONGEST_RETRY_MS);
    }
    return false;
  }

  #stale(theirs) {
    // The page's text of now: somebody may have typed on while the answer was under way.
    // And what the server has may be our own words, whose answer was lost on the way.
    const was = this.unanswered.find((sent) => sameBody(sent, theirs.body)) ?? this.base;
    const { merged, conflicts } = merge(was, this.body, theirs.body);
    this.pending = null;
    this.unanswered = [];
    this.version = theirs.version;
    this.base = theirs.body;
    this.#savedAt(theirs);
    this.#adopt(merged);
    if (Object.keys(conflicts).length === 0) return this.#send();
    this.#ask(conflicts, was);
    this.#keepHere();
    return false;
  }

  #adopt(body) {
    for (const [name, answer] of Object.entries({ ...blank(this.form), ...body })) writeField(this.form, name, answer);
  }

  #ask(conflicts, was) {
    this.conflicted = true;
    for (const name of Object.keys(conflicts)) this.unsettled[name] = was[name];
    this.#say(t("note.two-texts"), "kept");
    showConflicts(this.form, conflicts, () => {
      this.conflicted = false;
      this.unsettled = {};
      this.#keepHere();
      this.save();
    });
    this.dispatchEvent(new CustomEvent("conflict", { bubbles: true }));
  }

  #typed() {
    this.#keepHere();
    if (this.getAttribute("state") !== "kept") this.#say(t("note.typing"), "typing");
    clearTimeout(this.timer);
    this.due ??= performance.now() + LATEST_MS;
    this.timer = setTimeout(() => this.save(), Math.max(0, Math.min(QUIET_MS, this.due - performance.now())));
  }

  #keepHere() {
    const base = { ...this.base, ...this.unsettled };
    return keep(this.note, this.page, { body: this.body, base, version: this.version }).catch(() => {});
  }

  // Text of a page that is gone and never reached the server: put it back into the fields and send it.
  async #recover() {
    const take = async (page, draft) => {
      const { merged, conflicts } = merge(draft.base, draft.body, this.body);
      for (const [name, answer] of Object.entries(merged)) writeField(this.form, name, answer);
      if (Object.keys(conflicts).length > 0) this.#ask(conflicts, draft.base);
      await this.#keepHere();
      await forget(this.note, page);
      // Also when the server has it all by now: then this page's copy is forgotten, too.
      this.save();
    };
    await adoptOrphans(this.note, take).catch(() => {});
  }

  // A page that was left in mid-word sent its last words while this one was already on its way here: they may come
  // to the server after this page was written, and too early for the draft on this device.
  async #lookForLastWords() {
    const left = sessionStorage.getItem(`left:${this.note}`);
    sessionStorage.removeItem(`left:${this.note}`);
    if (left === null) return;
    for (const wait of LOOKS_MS) {
      if (this.version > Number(left)) return;
      const found = await latest(this.note).catch(() => null);
      // In turn: what is being saved meanwhile may already have met the same text.
      if (found?.version > this.version) return this.#inTurn(() => found.version > this.version && this.#stale(found));
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }

  #flush() {
    if (!this.dirty || this.conflicted || this.last) return;
    sessionStorage.setItem(`left:${this.note}`, this.version);
    const body = this.body;
    // Counted, because a page may come back from its hiding and go on: two texts must never share a number.
    const sequence = ++this.sequence;
    this.unanswered.push(body);
    put(this.form.action, { page: this.page, version: this.version, body, sequence }, { keepalive: true }).catch(() => {});
  }

  #clicked({ target }) {
    const name = target.closest("[data-not-obtained]")?.dataset.notObtained;
    if (!name) return;
    const box = this.form.querySelector(`[data-reason="${name}"]`);
    setNotObtained(this.form, name, box.hidden);
    if (!box.hidden) box.querySelector("textarea").focus();
    this.#typed();
  }

  #key(event) {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
    event.preventDefault();
    this.save();
  }

  #say(words, state) {
    this.setAttribute("state", state);
    for (const place of document.querySelectorAll("[data-save-state]")) if (place.textContent !== words) place.textContent = words;
  }
}

/** What the form held when the server wrote it: somebody may have begun to type before this script was there. */
function asServed(form) {
  const untouched = form.cloneNode(true);
  untouched.reset();
  return readBody(untouched);
}

/** The note as the server has it now, read from this page's newest copy. */
async function latest(note) {
  const element = parsed(await fragment(location.href)).querySelector(`autosave-form[note="${note}"]`);
  const [version, saved_at] = ["version", "saved-at"].map((name) => element.getAttribute(name));
  return { version: Number(version), saved_at, body: readBody(element.querySelector("form")) };
}

/** Every field empty, so that a text that was taken away elsewhere goes away here too. */
function blank(form) {
  const names = [...form.elements].map(({ name }) => name).filter((name) => name && !/^(csrf|version|not_obtained:.*)$/.test(name));
  return Object.fromEntries(names.map((name) => [name, ""]));
}

customElements.define("autosave-form", AutosaveForm);
