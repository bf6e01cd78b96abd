// The one place that turns the server's markup into elements. Only fragments rendered (and escaped) by our own
// templates come through here; the browser refuses any other way.
const policy = window.trustedTypes?.createPolicy("bedside", { createHTML: (markup) => markup }) ?? { createHTML: (markup) => markup };

/** Replaces the content of `element`, keeping the focus on the control of the same id. */
export function fill(element, markup) {
  const focused = element.contains(document.activeElement) ? document.activeElement.id : "";
  element.innerHTML = policy.createHTML(markup);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}
