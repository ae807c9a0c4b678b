// The 8×8 grid as 64 switches (click, touch, or arrow keys and space), the class, and the bars.

const SIDE = 8;
const STEPS = { ArrowUp: -SIDE, ArrowDown: SIDE, ArrowLeft: -1, ArrowRight: 1 };
const code = cells =>
  BigInt("0b" + cells.map(on => +on).join("")).toString(16).padStart(16, "0");
const bits = hex =>
  [...BigInt("0x" + hex).toString(2).padStart(SIDE * SIDE, "0")].map(bit => bit === "1");

function build(grid) {
  for (let i = 0; i < SIDE * SIDE; i++) {
    const button = document.createElement("button");
    button.setAttribute("role", "switch");
    button.setAttribute("aria-label", `row ${Math.floor(i / SIDE) + 1}, column ${(i % SIDE) + 1}`);
    button.tabIndex = i ? -1 : 0;
    button.onclick = () => {
      const on = button.getAttribute("aria-checked") !== "true";
      button.setAttribute("aria-checked", on);
      // The whole grid is sent, so that quick clicks can't overtake each other.
      grid.send(code([...grid.children].map(b => b.getAttribute("aria-checked") === "true")));
    };
    button.onkeydown = event => {
      const step = STEPS[event.key];
      const next = grid.children[i + step];
      const wraps = Math.abs(step) === 1 && Math.floor((i + step) / SIDE) !== Math.floor(i / SIDE);
      if (!next || wraps) return;
      event.preventDefault();
      button.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    };
    grid.append(button);
  }
}

function put(place, html) {
  if (place.shows === html) return;
  place.shows = html;
  place.innerHTML = html;
}

export default ({ data, parentElement, setTriggerValue }) => {
  const place = name => parentElement.querySelector("." + name);
  const grid = place("grid");
  if (!grid.children.length) build(grid);
  const root = place("chain");
  root.sent ??= data.serial;
  grid.send = value => {
    root.dataset.busy = ""; // see tools.js
    clearTimeout(root.patience);
    root.patience = setTimeout(() => delete root.dataset.busy, 1500);
    setTriggerValue("grid", `${value} ${++root.sent}`);
  };
  // An answer to an earlier press does not take back a later one.
  if (root.dataset.busy === undefined || data.serial >= root.sent) {
    delete root.dataset.busy;
    root.sent = data.serial;
    bits(data.grid).forEach((on, i) => grid.children[i].setAttribute("aria-checked", on));
  }
  [...grid.children].forEach((cell, i) => cell.classList.toggle("marked", i === data.marked));
  put(place("says"), data.says);
  put(place("odds"), data.odds);
  put(place("note"), data.note);
  const select = parentElement.querySelector("select");
  const models = JSON.stringify(data.models);
  if (select.shows !== models) {
    select.shows = models;
    select.replaceChildren(...data.models.map(([name, title]) => new Option(title, name)));
  }
  select.value = data.model;
  select.onchange = () => setTriggerValue("model", select.value);
}
