// Keeps the page of a charge up to date: texts in place, everything else by loading it again.
"use strict";

const EVERY_MS = 3000;
const step = document.querySelector("[data-step]");
const lost = document.querySelector("[data-lost]");

async function look() {
  const answer = await fetch(step.dataset.watch, { cache: "no-store" });
  if (answer.status === 429) return;
  if (!answer.ok) throw new Error(String(answer.status));
  const told = await answer.json();
  const shown = [...document.querySelectorAll("[data-value]")];
  const names = shown.map((each) => each.dataset.value).join();
  if (told.step !== step.dataset.step || Object.keys(told.values).join() !== names) {
    location.reload();
    return;
  }
  for (const each of shown) {
    const text = told.values[each.dataset.value];
    if (each.textContent !== text) each.textContent = text;
  }
}

async function keepLooking() {
  if (!document.hidden) {
    try {
      await look();
      lost.hidden = true;
    } catch {
      lost.hidden = false;
    }
  }
  setTimeout(keepLooking, EVERY_MS);
}

document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
if (step.dataset.watch) setTimeout(keepLooking, EVERY_MS);
