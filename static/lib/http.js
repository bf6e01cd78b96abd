// Requests to our own server: with the form token, and with refusals as errors that carry the server's sentence.

export class Refused extends Error {
  /** `page`: the whole page, where a form was answered with one. */
  constructor(status, code, sentence, body, page = "") {
    super(sentence);
    this.status = status;
    this.code = code;
    this.body = body;
    this.page = page;
  }
}

export function formToken() {
  return document.querySelector('meta[name="csrf"]')?.content ?? "";
}

// A connection that died without a word keeps its promise open for minutes: after this long it is taken for lost.
const ANSWER_MS = 30000;

// The server, or one before it, answers for what it cannot reach.
const OUT_OF_REACH = [502, 503, 504];

/** Whether `problem` says that no answer came, and nothing about what was asked. */
export const unanswered = (problem) =>
  problem instanceof TypeError || problem.name === "TimeoutError" || OUT_OF_REACH.includes(problem.status);

/** `body` may be FormData, or anything JSON can hold. Resolves to the response; throws Refused or what is `unanswered`. */
export async function send(method, path, body, options = {}) {
  // Our forms carry no files, and the server takes plain fields only.
  if (body instanceof FormData) body = new URLSearchParams(body);
  const isForm = body instanceof URLSearchParams;
  const headers = { Accept: "application/json", "X-CSRF-Token": formToken() };
  if (body !== undefined && !isForm) headers["Content-Type"] = "application/json";
  const response = await fetch(path, {
    method, headers, credentials: "same-origin", signal: AbortSignal.timeout(ANSWER_MS),
    body: isForm || body === undefined ? body : JSON.stringify(body), ...options,
  });
  if (response.ok) return response;
  const isPage = response.headers.get("Content-Type")?.startsWith("text/html");
  const page = isPage ? await response.text().catch(() => "") : "";
  const answer = isPage ? {} : await response.json().catch(() => ({}));
  throw new Refused(response.status, answer.code ?? "", answer.sentence ?? "", answer, page);
}

export const post = (path, body, options) => send("POST", path, body, options);
export const put = (path, body, options) => send("PUT", path, body, options);

/** A page's fragment as text. */
export async function fragment(path) {
  const signal = AbortSignal.timeout(ANSWER_MS);
  const response = await fetch(path, { credentials: "same-origin", headers: { Accept: "text/html" }, signal });
  if (!response.ok) throw new Refused(response.status, "", "", {});
  return response.text();
}
