// Which camera, microphone and loudspeaker somebody chose: kept in this browser, for every visit.
//
// By id and by name, because some browsers give every page other ids. What is not there is asked for as an ideal, so that
// the browser's usual one comes in its place.

/** Ours → the browser's name of the kind. */
const KINDS = { audio: "audioinput", video: "videoinput", speaker: "audiooutput" };
// Chromium lists what the system uses just now beside the devices themselves.
const NOT_A_DEVICE = ["default", "communications"];

export function choice(kind) {
  try {
    return JSON.parse(localStorage.getItem(`device-${kind}`));
  } catch {
    return null;
  }
}

export function keepChoice(kind, { deviceId, label }) {
  try {
    localStorage.setItem(`device-${kind}`, JSON.stringify({ deviceId, label }));
  } catch {
    // A browser that keeps nothing for us: the choice holds for this page.
  }
}

/** What there is to choose from; nothing before the browser tells names, and nothing where there is only one. */
export function listed(kind, devices) {
  if (kind === "speaker" && !("setSinkId" in HTMLMediaElement.prototype)) return [];
  const all = devices.filter((device) => device.kind === KINDS[kind] && device.label);
  return all.filter(({ deviceId }) => !NOT_A_DEVICE.includes(deviceId)).length > 1 ? all : [];
}

/** The chosen one among `devices`, or null. */
export function chosen(kind, devices) {
  const kept = choice(kind);
  const all = devices.filter((device) => kept && device.kind === KINDS[kind]);
  return all.find(({ deviceId }) => deviceId === kept.deviceId) ?? all.find(({ label }) => label && label === kept.label) ?? null;
}

/** `constraints` with the chosen device in them. Which way a camera looks is then no question any more. */
export function withChoice(constraints, kind) {
  const kept = choice(kind);
  if (!kept) return constraints;
  const { facingMode, ...others } = constraints;
  return { ...others, deviceId: { ideal: kept.deviceId } };
}

export const idOf = ({ kind, deviceId }) => `${kind} ${deviceId}`;

/** The microphone that came together with a loudspeaker: whoever puts a headset on wants to talk through it. */
export function headsetAmong(devices, known) {
  const fresh = devices.filter((device) => !known.has(idOf(device)) && !["", ...NOT_A_DEVICE].includes(device.deviceId));
  return fresh.find((mic) => mic.kind === "audioinput" && fresh.some((out) => out.kind === "audiooutput" && out.groupId === mic.groupId)) ?? null;
}

/** Lets `player`, an element or an AudioContext, sound from the chosen loudspeaker; from the usual one where it is gone. */
export async function soundFrom(player, devices) {
  const sink = chosen("speaker", devices)?.deviceId ?? "";
  if (player.setSinkId && player.sinkId !== sink) await player.setSinkId(sink).catch(() => {});
}
