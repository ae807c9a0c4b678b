// A run in pictures: the weights of every class, the accuracy by epoch. It asks for the next epoch
// when it has drawn this one, at a pace at which the classes are seen to appear.
const PACE = 350; // ms an epoch

function colours(root) {
  const probe = document.createElement("i");
  root.append(probe);
  const read = name => { probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3).map(Number) };
  const found = [read("--against"), read("--favour")];
  probe.remove();
  return found;
}

function paint(canvas, values, [against, favour]) {
  const context = canvas.getContext("2d"), image = context.createImageData(8, 8);
  values.forEach((v, i) => image.data.set([...(v < 0 ? against : favour), 255 * Math.abs(v)], 4 * i));
  context.putImageData(image, 0, 0);
}

const line = (record, column, last) => record.filter(r => r[column] !== null)
  .map((r, i) => `${i ? "L" : "M"}${(300 * r[0]) / Math.max(last, 1)} ${195 - 190 * r[column]}`).join("");

export default ({ data, parentElement, setTriggerValue }) => {
  const root = parentElement.querySelector(".learning"), told = JSON.parse(new TextDecoder().decode(data));
  clearTimeout(root.timer);
  root.hidden = told.epoch < 0;
  if (told.epoch < 0) return;
  const weights = root.querySelector(".weights"), both = colours(root);
  if (root.classes !== JSON.stringify(told.classes)) {
    root.classes = JSON.stringify(told.classes);
    const size = told.classes.length, rows = size < 5 ? 1 : size <= 10 ? 2 : 3;
    weights.style.setProperty("--rows", rows);
    weights.style.setProperty("--columns", Math.ceil(size / rows));
    weights.replaceChildren(...told.classes.map(name => {
      const figure = document.createElement("figure"), caption = document.createElement("figcaption");
      const picture = Object.assign(document.createElement("canvas"), { width: 8, height: 8 });
      picture.setAttribute("role", "img");
      picture.setAttribute("aria-label", `The weights of ${name}`);
      caption.textContent = name;
      figure.append(caption, picture);
      return figure;
    }));
  }
  told.images.forEach((values, k) => paint(weights.children[k].lastChild, values, both));
  const [, , learned, unseen] = told.record[told.record.length - 1], { about } = told;
  const share = value => (value === null ? "–" : `${Math.round(100 * value)} %`);
  root.querySelector(".big").textContent = share(unseen);
  root.querySelector(".what").textContent = about.held_out
    ? `of ${about.held_out} drawings by ${about.people_held_out} ${about.people_held_out === 1 ? "person" : "people"} it has not seen, epoch ${told.epoch}`
    : `epoch ${told.epoch}; nobody could be held out, so how well it does on other hands is not known`;
  root.querySelector(".from").textContent =
    `It learns from ${about.learned_from} drawings${about.beside ? " and shipped digits beside them" : ""}: ${share(learned)} right.`;
  const last = told.record[told.record.length - 1][0];
  root.querySelector("path.learned").setAttribute("d", line(told.record, 2, last));
  root.querySelector("path.unseen").setAttribute("d", line(told.record, 3, last));
  if (!told.done) root.timer = setTimeout(() => setTriggerValue("epoch", told.epoch), PACE);
  return () => clearTimeout(root.timer);
};
