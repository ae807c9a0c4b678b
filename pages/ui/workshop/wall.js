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
  tile.append(picture, element("span", "", fooled ? `it said ${drawing.said}` : drawing.name ?? ""));
  tile.setAttribute("aria-label",
    `${drawing.class}${drawing.name ? ` by ${drawing.name}` : ""}${fooled ? `, it said ${drawing.said}` : ""}`);
  if (root.leads) { tile.type = "button"; tile.onclick = () => choose(root, drawing) }
  else tile.setAttribute("role", "img");
  return tile;
}

// What can be done to a drawing, in a dialog beside it.
function choose(root, drawing) {
  const dialog = document.createElement("dialog"), box = element("div", "");
  const acts = [["Hide this drawing", "hide"], ["Hide all by this person", "person"],
    ["Take the nickname off", "name"], ["Delete for good", "delete"], ["Leave it", null]];
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

function show(root, { room, shown }) {
  const theme = getComputedStyle(root).color, key = JSON.stringify([room.code, room.classes, root.leads, theme]);
  if (root.key !== key) {
    root.key = key;
    root.tiles = new Map();
    root.querySelector(".rows").classList.toggle("two", room.classes.length > 5);
    root.querySelector(".rows").replaceChildren(...room.classes.flatMap(name => {
      const head = element("div", "name", name);
      head.append(element("small", ""));
      return [head, element("div", "tiles")];
    }));
  }
  const [total, people, lacks] = root.querySelector(".numbers").children;
  total.textContent = room.total;
  people.textContent = `drawings by ${room.people} ${room.people === 1 ? "person" : "people"}`;
  lacks.textContent = room.missing.join(" · ");
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
}

export default ({ data, parentElement, setTriggerValue }) => {
  const root = parentElement.querySelector(".wall"), told = JSON.parse(new TextDecoder().decode(data));
  clearTimeout(root.timer);
  root.leads = told.leads;
  root.act = what => setTriggerValue("act", what);
  if (root.version !== told.version) show(root, told);
  root.version = told.version;
  const ask = () => {
    if (document.hidden) root.timer = setTimeout(ask, PAUSE);
    else setTriggerValue("beat", told.beat);
  };
  root.timer = setTimeout(ask, PAUSE);
  return () => clearTimeout(root.timer);
};
