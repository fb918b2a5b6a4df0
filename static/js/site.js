/* What pages gain when scripts run; everything works without. */
document.documentElement.classList.add("has-js");
document.getElementById("error-summary")?.focus();

for (const menu of document.querySelectorAll(".moyai-account__menu")) {
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}

/* on a phone the filters are folded away above the results */
const narrow = window.matchMedia("(max-width: 47.99rem)");
const fold = () => {
  for (const panel of document.querySelectorAll("[data-narrow='closed']")) panel.open = !narrow.matches;
};
narrow.addEventListener("change", fold);
fold();

for (const button of document.querySelectorAll("[data-action='print']")) {
  button.addEventListener("click", () => window.print());
}
