// Sorts and hides rows and keeps both in the address. Everything that it shows is in the page already.
"use strict";
const all = (where, what) => [...where.querySelectorAll(what)];
const [search, choice, found] = ["q", "s", "n"].map((id) => document.getElementById(id));
const tables = all(document, ".board table");
const rows = tables.map((table) => [...table.tBodies[0].rows]);
let key = "rank", turned = false;

function value(cell) {
  if (key === "entry") return cell.textContent.trim().toLowerCase();
  const shown = cell.querySelector("data")?.value ?? (cell.querySelector("b") ?? cell).textContent;
  return parseFloat(shown.replace("\u2212", "-"));
}

function sort(to, turn) {
  [key, turned] = [to, turn];
  choice.value = key;
  tables.forEach((table, at) => {
    const heads = all(table, "th[data-k]"), head = heads.find((th) => th.dataset.k === key);
    if (!head) return;
    const up = (key === "rank" || key === "entry") !== turned ? 1 : -1;
    const keyed = rows[at].map((row) => [value(row.cells[head.dataset.i]), row]);
    if (key !== "rank" || turned) keyed.sort(([a], [b]) => (a !== a) - (b !== b) || (a < b ? -up : a > b ? up : 0));
    table.tBodies[0].append(...keyed.map(([, row]) => row));
    table.classList.toggle("sorted", key !== "rank");
    heads.forEach((th) => th.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", up > 0 ? "ascending" : "descending");
  });
}

function filter() {
  const words = search.value.trim().toLowerCase(), every = rows.flat();
  every.forEach((row) => { row.hidden = !row.cells[1].textContent.toLowerCase().includes(words); });
  found.value = words && `${every.filter((row) => !row.hidden).length} of ${every.length} shown`;
}

function keep() {
  const state = new URLSearchParams();
  if (key !== "rank" || turned) state.set("sort", (turned ? "-" : "") + key);
  if (search.value) state.set("q", search.value);
  history.replaceState(null, "", `?${state}${location.hash}`);
}

all(document, "th[data-k]").forEach((th) => {
  const button = document.createElement("button");
  button.append(...th.childNodes);
  th.append(button);
  button.onclick = () => { sort(th.dataset.k, th.dataset.k === key && !turned); keep(); };
});
choice.onchange = () => { sort(choice.value, false); keep(); };
search.oninput = () => { filter(); keep(); };

const state = new URLSearchParams(location.search), asked = /^(-?)(.+)$/.exec(state.get("sort") ?? "");
search.value = state.get("q") ?? "";
if (search.value) filter();
if (asked && all(choice, "option").some((option) => option.value === asked[2])) sort(asked[2], asked[1] === "-");
document.documentElement.className = "js";
