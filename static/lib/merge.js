// Two texts of one note, field by field, against the text both started from. Pure, so that it can be reasoned about.

const same = (one, other) => JSON.stringify(one ?? "") === JSON.stringify(other ?? "");

/** Whether two notes say the same, in whatever order their fields come. */
export function sameBody(one, other) {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].every((name) => same(one[name], other[name]));
}

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

/** Both texts in one field. */
export function both(mine, theirs) {
  return [mine, theirs].filter(Boolean).join("\n\n");
}
