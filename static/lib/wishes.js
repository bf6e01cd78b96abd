// What a person wants of their own sound and picture: kept in this browser, for every visit.
//
// Only what the browser does by itself is offered; a browser that cannot say what it can do is not asked for it.
const USUAL = { noise: true, blur: false, mirror: true, small: false, keys: true };

function stored(name) {
  try {
    return localStorage.getItem(`wish-${name}`);
  } catch {
    return null;
  }
}

/**
 * `name`: noise (less background noise), blur (of what is behind oneself), mirror (see oneself as in a mirror), small
 * (one's own picture in the call), keys (single ones, without Ctrl, do something).
 */
export function wish(name) {
  const kept = stored(name);
  return kept === null ? USUAL[name] : kept === "on";
}

export function keepWish(name, on) {
  try {
    localStorage.setItem(`wish-${name}`, on ? "on" : "off");
  } catch {
    // A browser that keeps nothing for us: the wish holds for this page.
  }
}

// The name of each wish among a track's constraints.
const CONSTRAINT = { noise: "noiseSuppression", blur: "backgroundBlur" };

/** Whether this track can be had both ways, so that there is something to choose. */
export function offers(track, name) {
  const values = track?.getCapabilities?.()[CONSTRAINT[name]];
  return Array.isArray(values) && values.includes(true) && values.includes(false);
}

/** How the track really is, whatever was asked for. */
export function isSo(track, name) {
  return track?.getSettings?.()[CONSTRAINT[name]] ?? false;
}

/** `constraints` with the wish in them: a track forgets whatever is not named again. */
export function withWish(constraints, name, on = wish(name)) {
  return { ...constraints, [CONSTRAINT[name]]: on };
}

/** Resolves to whether the running track is now as wished; some browsers take the wish and change nothing. */
export async function change(track, constraints, name, on) {
  await track.applyConstraints(withWish(constraints, name, on)).catch(() => {});
  return isSo(track, name) === on;
}
