// Moves the line over a statistic's distribution without another request.
"use strict";
const COLUMN = 24; // as in charts.py

const percent = (chances) => (100 * chances.reduce((sum, chance) => sum + chance, 0)).toFixed(1);

const show = (section) => {
  const chances = section.dataset.chances.split(" ").map(Number);
  const slider = section.querySelector("input[type=range]");
  const line = Number(slider.value);
  const odds = {
    over: percent(chances.filter((_, count) => count > line)),
    under: percent(chances.filter((_, count) => count < line)),
    push: percent(chances.filter((_, count) => count === line)),
  };
  section.querySelector("output").value = line.toFixed(1);
  slider.setAttribute("aria-valuetext", `${line}: over ${odds.over} percent, under ${odds.under} percent`);
  for (const [name, value] of Object.entries(odds)) section.querySelector(`[data-is=${name}]`).textContent = value;
  for (const column of section.querySelectorAll("[data-count]")) {
    const count = Number(column.dataset.count);
    column.setAttribute("class", count > line ? "over" : count < line ? "under" : "push");
  }
  const rule = section.querySelector(".rule");
  const shown = section.querySelectorAll("[data-count]").length;
  const x = Math.min(Math.max((line - Number(rule.dataset.first) + 0.5) * COLUMN, 0), COLUMN * shown);
  rule.setAttribute("x1", x);
  rule.setAttribute("x2", x);
};

for (const section of document.querySelectorAll(".statistic")) {
  section.querySelector("button").hidden = true;
  section.querySelector("input[type=range]").addEventListener("input", () => show(section));
}
