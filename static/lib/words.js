// The page's sentences in the reader's language, put there by the server: no sentence lives in a script.
const block = document.getElementById("words");
const table = block ? JSON.parse(block.textContent) : {};

/** The sentence `key` with its {braces} filled in. A missing key shows itself, so that it gets noticed. */
export function t(key, values = {}) {
  const sentence = table[key] ?? key;
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
