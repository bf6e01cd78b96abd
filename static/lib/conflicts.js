// Two texts for one field, side by side, until a person has chosen. Neither is changed before that.
import { both } from "./merge.js";
import { readBody, writeField } from "./note-fields.js";
import { t } from "./words.js";

/** Puts a choice under every field in `conflicts`; `done` is called when all are made. */
export function showConflicts(form, conflicts, done) {
  const waiting = new Set(Object.keys(conflicts));
  for (const [name, { theirs }] of Object.entries(conflicts)) {
    const place = form.querySelector(`[data-field="${name}"]`) ?? form;
    place.querySelector(".two-texts")?.remove();
    const choice = build(form, name, theirs, (answer) => {
      writeField(form, name, answer);
      choice.remove();
      waiting.delete(name);
      if (waiting.size === 0) done();
    });
    place.append(choice);
  }
  form.querySelector(".two-texts")?.scrollIntoView({ block: "center" });
}

function build(form, name, theirs, choose) {
  // The field stays open for writing, so this window's text is whatever it holds at the moment of choosing.
  const mine = () => readBody(form)[name] ?? "";
  const here = text(t("note.here"), inWords(form, name, mine()));
  const choice = document.createElement("div");
  choice.className = "two-texts";
  choice.setAttribute("role", "group");
  choice.setAttribute("aria-label", t("note.two-texts"));
  choice.append(
    here,
    text(t("note.elsewhere"), inWords(form, name, theirs)),
    button(t("note.keep-here"), () => choose(mine())),
    button(t("note.keep-elsewhere"), () => choose(theirs)),
  );
  const keepBoth = button(t("note.keep-both"), () => choose(both(mine(), theirs)));
  choice.append(keepBoth);
  const follow = () => {
    if (!choice.isConnected) return form.removeEventListener("input", follow);
    here.lastChild.textContent = inWords(form, name, mine());
    keepBoth.hidden = !canHoldBoth(form, name, [mine(), theirs]);
  };
  keepBoth.hidden = !canHoldBoth(form, name, [mine(), theirs]);
  form.addEventListener("input", follow);
  return choice;
}

/** A text can hold two; one choice out of several, or a reason beside a text, cannot. */
function canHoldBoth(form, name, answers) {
  return form.elements.namedItem(name) instanceof HTMLTextAreaElement && answers.every((answer) => typeof answer === "string");
}

/** An answer as a person reads it in the note. */
function inWords(form, name, answer) {
  if (answer && typeof answer === "object") return t("note.not-obtained", { reason: answer.not_obtained ?? "" });
  const radio = answer && form.querySelector(`input[type="radio"][name="${name}"][value="${CSS.escape(answer)}"]`);
  return radio ? radio.closest("label").textContent.trim() : (answer ?? "");
}

function text(label, words) {
  const part = document.createElement("div");
  const head = document.createElement("b");
  const body = document.createElement("p");
  head.textContent = label;
  body.textContent = words;
  part.append(head, body);
  return part;
}

function button(label, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = label;
  made.addEventListener("click", act);
  return made;
}
