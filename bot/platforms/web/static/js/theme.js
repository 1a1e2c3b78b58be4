// Applies the chosen colours before anything is drawn, so that nothing flashes.
const chosen = localStorage.getItem("genjin.theme");
if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
