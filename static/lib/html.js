// The one place that turns the server's markup into elements. Only fragments rendered (and escaped) by our own
// templates come through here; the browser refuses any other way.
const rules = { createHTML: (markup) => markup, createScriptURL: () => "/sw.js" };
const policy = window.trustedTypes?.createPolicy("bedside", rules) ?? rules;

/** Lets the service worker keep the page for "no network" on this device; nothing depends on it. */
export function registerWorker() {
  navigator.serviceWorker?.register(policy.createScriptURL("/sw.js"), { scope: "/home/" }).catch(() => {});
}

/** The markup's elements, not part of any page and running nothing. */
export function parsed(markup) {
  const template = document.createElement("template");
  template.innerHTML = policy.createHTML(markup);
  return template.content;
}

/**
 * Replaces the content of `element`. A log that has only grown gets its new entries and keeps the others, so that
 * nobody has the whole conversation read to them again.
 */
export function follow(element, markup) {
  const list = element.querySelector("ol");
  const entries = [...(parsed(markup).querySelector("ol")?.children ?? [])];
  const known = [...(list?.children ?? [])];
  if (!list || known.some((entry, n) => !entries[n]?.isEqualNode(entry))) fill(element, markup);
  else list.append(...entries.slice(known.length));
}

/** Replaces the content of `element`; by their ids, the focused control keeps the focus, what was unfolded stays so, and
 * what was typed into a [data-keep] stays typed. */
export function fill(element, markup) {
  const { id: focused, selectionStart: from, selectionEnd: to } = element.contains(document.activeElement) ? document.activeElement : {};
  const typed = [...element.querySelectorAll("[data-keep][id]")].map(({ id, value }) => [id, value]);
  const unfolded = [...element.querySelectorAll("details[id][open]")].map(({ id }) => id);
  element.innerHTML = policy.createHTML(markup);
  for (const id of unfolded) document.getElementById(id)?.toggleAttribute("open", true);
  for (const [id, value] of typed) {
    const field = document.getElementById(id);
    if (field && value) field.value = value;
  }
  if (!focused) return;
  const field = document.getElementById(focused);
  field?.focus({ preventScroll: true });
  if (typeof from === "number" && field?.matches("[data-keep]")) field.setSelectionRange(from, to);
}
