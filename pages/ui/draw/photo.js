// A picture, what was found in it, and a part that is chosen by dragging or by keys.

const NS = "http://www.w3.org/2000/svg";
const LEAST = 8; // pixels of the screen: less is a press, no part
const STEPS = 24; // of the frame, from one rim of the picture to the other
const BEGIN = [6, 6, 18, 18]; // left, top, right, bottom
const KEYS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [1, -1], ArrowDown: [1, 1] };

function element(name, attributes) {
  const made = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

// A frame that begins as the middle of the picture; its sides count steps. It stays while the
// picture does.
function frame_by_keys(place, size, show, send) {
  const said = place.querySelector("[role=status]");
  const part = () => place.sides.map((side, i) => Math.round(side * size[i % 2] / STEPS));
  const put = changed => {
    const sides = place.sides = changed;
    show(sides ? part() : [0, 0, 0, 0]);
    const percent = side => Math.round(100 * side / STEPS);
    said.textContent = sides ? `The frame: ${percent(sides[0])} to ${percent(sides[2])} % from the `
      + `left, ${percent(sides[1])} to ${percent(sides[3])} % from the top` : "";
  };
  place.onkeydown = event => {
    const { key, shiftKey } = event;
    const sides = place.sides;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (key === "Enter" && sides) send(part());
    else if (key === "Escape" && sides) put(null);
    else if (key in KEYS) {
      const [axis, way] = KEYS[key];
      const next = [...(sides ?? BEGIN)];
      if (sides) {
        next[axis + 2] += way;
        if (!shiftKey) next[axis] += way;
      }
      if (0 <= next[axis] && next[axis] < next[axis + 2] && next[axis + 2] <= STEPS) put(next);
    } else return;
    event.preventDefault();
  };
  place.onblur = () => put(null);
  if (place.sides) put(place.sides);
}

export default ({ data, parentElement, setTriggerValue }) => {
  const place = parentElement.querySelector(".photo");
  const svg = place.querySelector("svg");
  const [width, height] = data.size;
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  if (place.shows !== data.picture) place.sides = null;
  place.shows = data.picture;
  const thick = Math.max(width, height) / 160;
  const image = element("image", { href: data.picture, width, height });
  const ink = element("path", { d: data.ink, class: "ink", "stroke-width": 2 * thick });
  const boxes = data.out.map(([x, y, right, bottom]) => element("rect", { x, y,
    width: right - x, height: bottom - y, class: "out", "stroke-width": thick }));
  const choice = element("rect", { class: "choice", "stroke-width": thick });
  svg.replaceChildren(image, ink, ...boxes, choice);
  const show = ([x0, y0, x1, y1]) => {
    choice.setAttribute("x", x0);
    choice.setAttribute("y", y0);
    choice.setAttribute("width", x1 - x0);
    choice.setAttribute("height", y1 - y0);
  };
  const send = part => setTriggerValue("part", part.join(" "));
  frame_by_keys(place, data.size, show, send);
  let start = null;
  const at = event => {
    const { x, y } = new DOMPoint(event.clientX, event.clientY)
      .matrixTransform(svg.getScreenCTM().inverse());
    return [Math.min(width, Math.max(0, x)), Math.min(height, Math.max(0, y))];
  };
  const box = (a, b) => [0, 1].map(i => Math.round(Math.min(a[i], b[i])))
    .concat([0, 1].map(i => Math.round(Math.max(a[i], b[i]))));
  place.onpointerdown = event => {
    start = { point: at(event), x: event.clientX, y: event.clientY };
    place.setPointerCapture(event.pointerId);
  };
  place.onpointermove = event => {
    if (!start) return;
    show(box(start.point, at(event)));
  };
  place.onpointercancel = () => {
    start = null;
    show([0, 0, 0, 0]);
  };
  place.onpointerup = event => {
    const from = start;
    start = null;
    if (!from) return;
    const moved = Math.min(Math.abs(event.clientX - from.x), Math.abs(event.clientY - from.y));
    if (moved >= LEAST) send(box(from.point, at(event)));
    else show([0, 0, 0, 0]);
  };
}
