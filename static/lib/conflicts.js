// Two texts for one field, side by side, until a person has chosen. Neither is changed before that.
import { asText, both } from "./merge.js";
import { writeField } from "./note-fields.js";
import { t } from "./words.js";

/** Puts a choice under every field in `conflicts`; `done` is called when all are made. */
export function showConflicts(form, conflicts, done) {
  const waiting = new Set(Object.keys(conflicts));
  for (const [name, { mine, theirs }] of Object.entries(conflicts)) {
    const place = form.querySelector(`[data-field="${name}"]`) ?? form;
    place.querySelector(".two-texts")?.remove();
    const choice = build(mine, theirs, (answer) => {
      writeField(form, name, answer);
      choice.remove();
      waiting.delete(name);
      if (waiting.size === 0) done();
    });
    place.append(choice);
  }
  form.querySelector(".two-texts")?.scrollIntoView({ block: "center" });
}

function build(mine, theirs, choose) {
  const choice = document.createElement("div");
  choice.className = "two-texts";
  choice.setAttribute("role", "group");
  choice.setAttribute("aria-label", t("note.two-texts"));
  choice.append(
    text(t("note.here"), asText(mine)),
    text(t("note.elsewhere"), asText(theirs)),
    button(t("note.keep-here"), () => choose(mine)),
    button(t("note.keep-elsewhere"), () => choose(theirs)),
  );
  if (typeof mine === "string" && typeof theirs === "string") choice.append(button(t("note.keep-both"), () => choose(both(mine, theirs))));
  return choice;
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
