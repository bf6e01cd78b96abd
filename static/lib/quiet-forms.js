// <form data-quiet>: sent without leaving the page, which then shows what became of it. Without this script, and when the
// server says no, it is a form like any other.
import { post, unanswered } from "./http.js";

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form[data-quiet]")) return;
  event.preventDefault();
  const region = form.closest("live-region");
  try {
    await post(form.action, new FormData(form, event.submitter));
    for (const field of form.querySelectorAll("[data-keep]")) field.value = "";
    region?.dispatchEvent(new Event("refresh"));
  } catch (problem) {
    // Without an answer the page stays, and says by itself that no news come.
    if (unanswered(problem)) return;
    form.removeAttribute("data-quiet");
    form.requestSubmit(event.submitter);
  }
});
