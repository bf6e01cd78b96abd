// Which plain card belongs to what is missing: the same refusal is undone in other places on other phones.
import { t } from "./words.js";

// Mail and chat apps show pages in a window of their own, mostly without a camera. A guess from names; what the
// browser really answers comes first.
const IN_APP = /FBAN|FBAV|FB_IAB|Instagram|Line\/|MicroMessenger|Snapchat|LinkedInApp|GSA\/|; wv\)/;
const WITHOUT_SAFARI = /(iPhone|iPad).*AppleWebKit(?!.*Safari)/;

export function inApp(agent = navigator.userAgent) {
  return IN_APP.test(agent) || WITHOUT_SAFARI.test(agent);
}

export function platform(agent = navigator.userAgent) {
  if (/iPhone|iPad/.test(agent)) return "ios";
  return /Android/.test(agent) ? "android" : "other";
}

/** The card's code for the state of these devices, or null when there is nothing to say. */
export function codeFor({ problem, audio, video }) {
  if (problem === "none" && audio) return "no-camera";
  if (problem === "none" && video) return "no-microphone";
  if (["blocked", "insecure", "unknown"].includes(problem) && inApp()) return "in-app";
  return problem;
}

/** The sentence for a code, in this platform's own words where there are any. */
export function words(code) {
  const key = `devices.${code}`;
  const special = `${key}.${platform()}`;
  const sentence = t(special);
  return sentence === special ? t(key) : sentence;
}
