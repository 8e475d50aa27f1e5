// What the page gains with JavaScript: suggestions while typing, keys, and a word to screen readers after a swap.
// Everything else works without; results are swapped in place by htmx (see the attributes in base.html).
"use strict";

const PAUSE = 120; // milliseconds of quiet before suggestions are asked for
let timer, request, choices = [], chosen = -1;

const field = () => document.getElementById("q");
const list = () => document.getElementById("suggestions");

function close() {
  clearTimeout(timer);
  request?.abort();
  list()?.remove();
  choices = [];
  chosen = -1;
  field()?.setAttribute("aria-expanded", "false");
  field()?.removeAttribute("aria-activedescendant");
}

async function suggest(text) {
  request?.abort();
  request = new AbortController();
  try {
    const answer = await fetch("/api/v1/suggest?" + new URLSearchParams({ q: text }), { signal: request.signal });
    if (answer.ok && field().value.trim() === text) show((await answer.json()).suggestions);
  } catch (error) {
    if (error.name !== "AbortError") close();
  }
}

function show(suggestions) {
  close();
  if (!suggestions.length) return;
  choices = suggestions;
  const box = document.createElement("ul");
  box.id = "suggestions";
  box.setAttribute("role", "listbox");
  box.setAttribute("aria-label", "Suggestions");
  suggestions.forEach((item, number) => {
    const row = document.createElement("li");
    row.id = "suggestion-" + number;
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", "false");
    const text = document.createElement("bdi");
    text.textContent = item.text;
    const about = document.createElement("span");
    about.className = "quiet";
    about.textContent = (item.label && item.label !== item.text ? item.label + " · " : "") + (item.articles ?? 0);
    row.append(text, about);
    box.append(row);
  });
  field().form.append(box);
  field().setAttribute("aria-expanded", "true");
}

function move(step) {
  const rows = list()?.children;
  if (!rows) return;
  rows[chosen]?.setAttribute("aria-selected", "false");
  chosen = (chosen + step + rows.length + 1) % (rows.length + 1);
  if (chosen === rows.length) chosen = -1; // back in the field
  if (chosen < 0) return field().removeAttribute("aria-activedescendant");
  rows[chosen].setAttribute("aria-selected", "true");
  rows[chosen].scrollIntoView({ block: "nearest" });
  field().setAttribute("aria-activedescendant", rows[chosen].id);
}

function take(number) {
  const input = field();
  input.value = choices[number].text;
  close();
  input.form.requestSubmit();
}

function equip() {
  const input = field();
  if (!input || input.hasAttribute("role")) return;
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", "suggestions");
  input.setAttribute("aria-expanded", "false");
}

document.addEventListener("input", (event) => {
  if (event.target !== field()) return;
  clearTimeout(timer);
  const text = event.target.value.trim();
  if (text.length < 2) return close();
  timer = setTimeout(() => suggest(text), PAUSE);
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target === field()) {
    if (event.key === "ArrowDown") move(1);
    else if (event.key === "ArrowUp") move(-1);
    else if (event.key === "Escape" && choices.length) close();
    else if (event.key === "Enter" && chosen >= 0) take(chosen);
    else return;
    return event.preventDefault();
  }
  if (event.target.closest("input, select, textarea")) return;
  if (event.key === "/") {
    event.preventDefault();
    field()?.focus();
    field()?.select();
  } else if (event.key === "j" || event.key === "k") {
    const hits = [...document.querySelectorAll(".hit h3 a")];
    const here = hits.indexOf(document.activeElement);
    const next = event.key === "j" ? here + 1 : here < 0 ? 0 : here - 1;
    hits[Math.min(Math.max(next, 0), hits.length - 1)]?.focus();
  }
});

document.addEventListener("mousedown", (event) => {
  const row = event.target.closest("#suggestions li");
  if (row) {
    event.preventDefault();
    take([...row.parentNode.children].indexOf(row));
  } else if (event.target !== field()) close();
});
document.addEventListener("focusout", (event) => event.target === field() && close());
document.addEventListener("submit", close);

// A field left empty says nothing: it stays out of the address.
document.addEventListener("formdata", (event) => {
  for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
});

document.addEventListener("htmx:after:swap", () => {
  equip();
  const heading = document.querySelector("#main h1");
  document.getElementById("status").textContent = heading ? heading.textContent : "";
  if (document.activeElement === document.body) document.getElementById("main")?.focus({ preventScroll: true });
});
document.addEventListener("DOMContentLoaded", equip);
