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

for (const button of document.querySelectorAll("[data-action='print']")) {
  button.addEventListener("click", () => window.print());
}
