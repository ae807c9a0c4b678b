// A picture, what was found in it, and a part that is chosen by dragging.

const NS = "http://www.w3.org/2000/svg";
const LEAST = 8; // pixels of the screen: less is a press, no part

function element(name, attributes) {
  const made = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

export default ({ data, parentElement, setTriggerValue }) => {
  const place = parentElement.querySelector(".photo");
  const svg = place.querySelector("svg");
  const [width, height] = data.size;
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const thick = Math.max(width, height) / 160;
  const image = element("image", { href: data.picture, width, height });
  const ink = element("path", { d: data.ink, class: "ink", "stroke-width": 2 * thick });
  const boxes = data.out.map(([x, y, right, bottom]) => element("rect", { x, y,
    width: right - x, height: bottom - y, class: "out", "stroke-width": thick }));
  const choice = element("rect", { class: "choice", "stroke-width": thick });
  svg.replaceChildren(image, ink, ...boxes, choice);
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
    const [x0, y0, x1, y1] = box(start.point, at(event));
    choice.setAttribute("x", x0);
    choice.setAttribute("y", y0);
    choice.setAttribute("width", x1 - x0);
    choice.setAttribute("height", y1 - y0);
  };
  place.onpointerup = event => {
    const from = start;
    start = null;
    if (!from) return;
    const moved = Math.min(Math.abs(event.clientX - from.x), Math.abs(event.clientY - from.y));
    if (moved >= LEAST) setTriggerValue("part", box(from.point, at(event)).join(" "));
    else choice.setAttribute("width", 0);
  };
}
