// Pictures made of cells that can be picked: click, touch, or arrow keys and Enter or space.
const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function element(parent, tag, name) {
  const made = document.createElement(tag);
  made.className = name;
  parent.append(made);
  return made;
}

// A wide first cell is a row of its own.
function neighbour(index, [down, right], { columns, wide, count }) {
  const lead = wide ? 1 : 0;
  if (wide && index === 0) return down > 0 ? 1 : index;
  const row = Math.floor((index - lead) / columns) + down;
  const column = ((index - lead) % columns) + right;
  if (row < 0) return 0;
  if (column < 0 || column >= columns) return index;
  const next = row * columns + column + lead;
  return next < count ? next : index;
}

// A picture that is picked as a whole: its cells are no buttons, the table is.
function buildWhole(root, groups) {
  root.replaceChildren();
  groups.forEach((group, g) => {
    const button = element(root, "button", "group whole");
    element(button, "div", "name");
    const cells = element(button, "div", "cells");
    cells.style.gridTemplateColumns = `repeat(${group.columns}, 1fr)`;
    group.texts.forEach((_, i) => element(cells, "i", group.wide && i === 0 ? "wide" : ""));
    button.onclick = () => root.pick([g, 0]);
  });
}

function paintWhole(root, { groups, selected }) {
  groups.forEach((group, g) => {
    const button = root.children[g];
    const [name, cells] = button.children;
    name.textContent = group.name;
    button.setAttribute("aria-label", group.labels[0]);
    button.setAttribute("aria-pressed", selected?.[0] === g);
    group.shares.forEach((share, i) => colour(cells.children[i], share));
  });
}

function colour(cell, share) {
  cell.style.setProperty("--hue", share < 0 ? "var(--against)" : "var(--favour)");
  cell.style.setProperty("--share", `${Math.min(Math.abs(share), 100)}%`);
}

function build(root, groups) {
  root.replaceChildren();
  groups.forEach((group, g) => {
    const box = element(root, "div", "group");
    element(box, "div", "name");
    const table = element(box, "div", "table");
    const heads = element(table, "div", "heads");
    const rows = element(table, "div", "rows");
    const cells = element(table, "div", "cells");
    heads.style.gridTemplateColumns = `repeat(${group.columns}, 1fr)`;
    group.heads.forEach(text => (element(heads, "span", "").textContent = text));
    group.rows.forEach(text => (element(rows, "span", "").textContent = text));
    cells.setAttribute("role", "group");
    cells.style.gridTemplateColumns = `repeat(${group.columns}, 1fr)`;
    group.texts.forEach((_, i) => {
      const button = element(cells, "button", group.wide && i === 0 ? "wide" : "");
      button.onclick = () => root.pick([g, i]);
      button.onkeydown = event => {
        const move = moves[event.key];
        if (!move) return;
        event.preventDefault();
        const shape = { ...group, count: group.texts.length };
        const next = cells.children[neighbour(i, move, shape)];
        button.tabIndex = -1;
        next.tabIndex = 0;
        next.focus();
      };
    });
  });
}

function paint(root, { groups, selected }) {
  groups.forEach((group, g) => {
    const [name, table] = root.children[g].children;
    const cells = table.lastChild;
    const content = JSON.stringify([group, selected?.[0] === g && selected]);
    if (cells.content === content) return;
    cells.content = content;
    name.textContent = group.name;
    cells.setAttribute("aria-label", group.name);
    const chosen = selected?.[0] === g ? selected[1] : -1;
    const focused = [...cells.children].indexOf(cells.getRootNode().activeElement);
    const stop = focused >= 0 ? focused : Math.max(chosen, 0);
    [...cells.children].forEach((button, i) => {
      const share = group.shares[i];
      colour(button, share);
      button.textContent = group.texts[i];
      button.title = group.labels[i];
      button.setAttribute("aria-label", group.labels[i]);
      button.setAttribute("aria-pressed", i === chosen);
      button.tabIndex = i === stop ? 0 : -1;
      button.classList.toggle("hatched", group.hatched.includes(i));
      button.classList.toggle("framed", group.framed.includes(i));
    });
  });
}

export default ({ data, parentElement, setTriggerValue }) => {
  const root = parentElement.querySelector(".groups");
  const shape = JSON.stringify(data.groups.map(g => [g.texts.length, g.columns, g.wide, g.heads, g.rows]));
  if (root.shape !== shape) (data.whole ? buildWhole : build)(root, data.groups);
  root.shape = shape;
  root.classList.toggle("across", data.whole);
  root.style.setProperty("--size", `${data.size / 16}rem`);
  root.style.setProperty("--across", data.across);
  root.style.setProperty("--largest", `${data.largest / 16}rem`);
  root.style.setProperty("--lead", `${data.lead / 16}rem`);
  root.pick = place => setTriggerValue("place", place);
  (data.whole ? paintWhole : paint)(root, data);
};
