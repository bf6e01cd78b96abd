// A note's form as a body and back: text, choices, and "not obtained, because …".

const REASON = "not_obtained:";

export function readBody(form) {
  const body = {};
  for (const [name, value] of new FormData(form)) {
    if (["csrf", "version"].includes(name) || !value) continue;
    if (!name.startsWith(REASON)) body[name] ??= value;
  }
  for (const area of form.querySelectorAll(`textarea[name^="${REASON}"]`)) {
    if (!area.closest("[hidden]")) body[area.name.slice(REASON.length)] = { not_obtained: area.value };
  }
  return body;
}

export function writeField(form, name, answer) {
  const reason = form.elements.namedItem(REASON + name);
  const notObtained = Boolean(answer && typeof answer === "object");
  if (reason) {
    reason.value = notObtained ? answer.not_obtained : "";
    setNotObtained(form, name, notObtained);
  }
  const control = form.elements.namedItem(name);
  if (!control) return;
  if (control instanceof RadioNodeList) control.value = notObtained ? "" : (answer ?? "");
  else control.value = notObtained ? "" : (answer ?? "");
  if (control instanceof RadioNodeList && !answer) for (const radio of control) radio.checked = false;
}

/** Show the reason's box, or put it away again. */
export function setNotObtained(form, name, on) {
  const box = form.querySelector(`[data-reason="${name}"]`);
  const button = form.querySelector(`[data-not-obtained="${name}"]`);
  if (box) box.hidden = !on;
  button?.setAttribute("aria-expanded", String(on));
  if (!on) return;
  for (const radio of form.querySelectorAll(`input[type="radio"][name="${name}"]`)) radio.checked = false;
}
