// Signing in over a page that stays: the forms of the sign-in pages, one after the other, as a browser would send them.
import { parsed } from "./html.js";
import { t } from "./words.js";

// Where → what is asked for there.
const FORMS = { "/sign-in": ["email", "password"], "/sign-in/code": ["code"] };

async function visit(path, body) {
  const answer = await fetch(path, { method: body ? "POST" : "GET", body, credentials: "same-origin" });
  return { path: new URL(answer.url).pathname, page: parsed(await answer.text()) };
}

/** The form token a page carries. */
export const tokenOf = (page) => page.querySelector('meta[name="csrf"]')?.content ?? "";

/** `typed` holds e-mail, password and code. Resolves to "" once signed in, else to the sentence that says what is in the way. */
export async function signIn(typed) {
  let at = await visit("/sign-in");
  for (const [form, names] of Object.entries(FORMS)) {
    if (at.path !== form) continue;
    const fields = names.map((name) => [name, typed.get(name)]);
    at = await visit(form, new URLSearchParams([...fields, ["csrf", tokenOf(at.page)]]));
    const problem = at.page.querySelector(".field .problem");
    if (problem) return problem.textContent.trim();
  }
  // A phone to set up, or codes to keep: that needs its own page.
  return at.path.startsWith("/sign-in") ? t("note.sign-in-elsewhere") : "";
}
