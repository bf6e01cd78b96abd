// Two texts of one note, field by field, against the text both started from. Pure, so that it can be reasoned about.

const same = (one, other) => JSON.stringify(one ?? "") === JSON.stringify(other ?? "");

/** `{merged, conflicts}`: what can be put together by itself, and the fields both sides changed differently. */
export function merge(base, mine, theirs) {
  const merged = {};
  const conflicts = {};
  for (const name of new Set([...Object.keys(base), ...Object.keys(mine), ...Object.keys(theirs)])) {
    const [was, here, there] = [base[name], mine[name], theirs[name]];
    const chosen = same(here, was) ? there : here;
    if (chosen !== undefined) merged[name] = chosen;
    if (!same(here, was) && !same(there, was) && !same(here, there)) conflicts[name] = { mine: here ?? "", theirs: there ?? "" };
  }
  return { merged, conflicts };
}

/** An answer as the text a person reads. */
export function asText(answer) {
  return typeof answer === "object" && answer ? (answer.not_obtained ?? "") : (answer ?? "");
}

/** Both texts in one field; an answer that is a choice cannot hold two. */
export function both(mine, theirs) {
  return [asText(mine), asText(theirs)].filter(Boolean).join("\n\n");
}
