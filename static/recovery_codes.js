// Ten codes on paper.
document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
