// The wall: the newest drawings under their classes, and what is missing. It asks for the next
// picture of itself a second after it has drawn this one, so that a slow server is asked less.
const PAUSE = 900; // ms

const bits = hex => [...hex].flatMap(c => [3, 2, 1, 0].map(b => (parseInt(c, 16) >> b) & 1));

function element(tag, name, text = "") {
  const made = document.createElement(tag);
  made.className = name;
  made.textContent = text;
  return made;
}

function tileOf(root, drawing) {
  const tile = element(root.leads ? "button" : "div", "tile new");
  const picture = Object.assign(document.createElement("canvas"), { width: 8, height: 8 });
  const context = picture.getContext("2d");
  context.fillStyle = getComputedStyle(root).color;
  bits(drawing.grid).forEach((on, i) => on && context.fillRect(i % 8, Math.floor(i / 8), 1, 1));
  const fooled = drawing.said !== null && drawing.said !== drawing.class;
  tile.classList.toggle("fooled", fooled);
  tile.append(picture, element("span", "", fooled ? `said ${drawing.said}` : drawing.name ?? ""));
  tile.setAttribute("aria-label",
    `${drawing.class}${drawing.name ? ` by ${drawing.name}` : ""}${fooled ? `, it said ${drawing.said}` : ""}`);
  if (root.leads) { tile.type = "button"; tile.onclick = () => choose(root, drawing) }
  else tile.setAttribute("role", "img");
  return tile;
}

// What can be done to a drawing, in a dialog beside it.
function choose(root, drawing) {
  const dialog = document.createElement("dialog"), box = element("div", "");
  const acts = drawing.hidden ? [["Show it again", "show"], ["Show all by this person again", "return"]]
    : [["Hide this drawing", "hide"], ["Hide all by this person", "person"], ["Take the nickname off", "name"]];
  acts.push(["Delete for good", "delete"], ["Leave it", null]);
  for (const [text, kind] of acts) {
    const button = element("button", "", text);
    button.type = "button";
    button.onclick = () => { dialog.close(); if (kind) root.act({ kind, id: drawing.id }) };
    box.append(button);
  }
  dialog.append(box);
  dialog.onclose = () => dialog.remove();
  root.append(dialog);
  dialog.showModal();
}

// Only whole rows of tiles are seen, and only what is seen can be reached with the keyboard.
function fit(root) {
  for (const box of root.querySelectorAll(".rows .tiles"))
    for (const tile of box.children)
      tile.style.visibility = tile.offsetTop - box.offsetTop >= box.clientHeight ? "hidden" : "";
}

function show(root, { room }, theme) {
  const key = JSON.stringify([room.code, room.classes, root.leads, theme]);
  if (root.key !== key) {
    root.key = key;
    root.tiles = new Map();
    const rows = root.querySelector(".rows").classList, size = room.classes.length;
    rows.toggle("two", size > 5);
    rows.toggle("few", size < 4);
    rows.toggle("many", size > 10);
    root.querySelector(".rows").replaceChildren(...room.classes.flatMap(name => {
      const head = element("div", name.length > 10 ? "name long" : "name", name);
      head.append(element("small", ""));
      return [head, element("div", "tiles")];
    }));
  }
  const [total, people, lacks] = root.querySelector(".numbers").children;
  total.textContent = room.total;
  people.textContent = `${room.total === 1 ? "drawing" : "drawings"} by ${room.people} ${room.people === 1 ? "person" : "people"}`;
  lacks.textContent = [...(room.open ? [] : ["closed: it takes no drawings"]), ...room.missing].join(" · ");
  const box = root.querySelector("details");
  box.hidden = !room.hidden.length;
  box.firstElementChild.textContent = `Hidden: ${room.hidden.length}`;
  box.lastElementChild.replaceChildren(...room.hidden.map(d => tileOf(root, { ...d, hidden: true })));
  const cells = root.querySelector(".rows").children, wanted = new Set(room.drawings.map(d => d.id));
  for (const [id, tile] of root.tiles) if (!wanted.has(id)) { tile.remove(); root.tiles.delete(id) }
  room.classes.forEach((name, k) => {
    cells[2 * k].lastChild.textContent = room.counts[k];
    const drawings = room.drawings.filter(d => d.class === name).slice(0, 60);
    drawings.reverse().forEach(d => {
      const old = root.tiles.get(d.id), content = JSON.stringify(d);
      if (old?.content === content) return;
      const tile = tileOf(root, d);
      tile.content = content;
      if (old) old.replaceWith(tile);
      else cells[2 * k + 1].prepend(tile);
      root.tiles.set(d.id, tile);
    });
  });
  fit(root);
}

export default ({ data, parentElement, setTriggerValue }) => {
  const root = parentElement.querySelector(".wall"), told = JSON.parse(new TextDecoder().decode(data));
  clearTimeout(root.timer);
  root.leads = told.leads;
  root.act = what => setTriggerValue("act", what);
  const theme = getComputedStyle(root).color, version = JSON.stringify([told.version, theme]);
  if (root.version !== version) show(root, told, theme);
  root.version = version;
  root.sizes ??= new ResizeObserver(() => fit(root));
  root.sizes.observe(root);
  const ask = () => {
    if (document.hidden) root.timer = setTimeout(ask, PAUSE);
    else setTriggerValue("beat", told.beat);
  };
  root.timer = setTimeout(ask, PAUSE);
  return () => clearTimeout(root.timer);
};
