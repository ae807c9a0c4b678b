// The bar that stays in sight: the steps are links, and the one that is read is marked.
const place = id => document.querySelector(`.st-key-below-${id}`);

// Goes there again while what is above finds its height, until it stays or a visitor scrolls.
function arrive(id, go) {
  go(id);
  let [still, before] = [0, null];
  const wait = setInterval(() => {
    const top = place(id)?.getBoundingClientRect().top;
    still = top !== undefined && top === before ? still + 1 : 0;
    go(id);
    before = place(id)?.getBoundingClientRect().top;
    if (still > 10) stop();
  }, 100);
  const stop = () => {
    clearInterval(wait);
    ["wheel", "touchstart", "keydown", "mousedown"].forEach(name => removeEventListener(name, stop));
  };
  ["wheel", "touchstart", "keydown", "mousedown"].forEach(name => addEventListener(name, stop));
  setTimeout(stop, 10_000);
}

export default ({ data, parentElement }) => {
  const bar = parentElement.querySelector(".followed");
  const [what, nav] = bar.children;
  const [previous, index, next] = nav.children;
  const go = id => place(id)?.scrollIntoView({ block: "start" });
  if (what.text !== data.what) what.innerHTML = what.text = data.what;
  index.replaceChildren(...data.steps.map(([id, short, title]) => {
    const link = document.createElement("a");
    link.href = `#${id}`;
    link.textContent = short;
    link.title = title;
    link.setAttribute("aria-label", `Step ${short}: ${title}`);
    link.onclick = event => {
      event.preventDefault();
      history.replaceState(history.state, "", link.href);
      arrive(id, go);
    };
    return link;
  }));

  // The step that is read: the last one whose beginning has been scrolled up to the bar.
  const read = () => {
    const edge = bar.getBoundingClientRect().bottom + 40;
    return data.steps.findLastIndex(([id]) => place(id)?.getBoundingClientRect().top <= edge);
  };
  const look = () => {
    const now = read();
    [...index.children].forEach((link, n) => {
      if (n === now) link.setAttribute("aria-current", "step");
      else link.removeAttribute("aria-current");
    });
    previous.disabled = now < 0;
    next.disabled = now === data.steps.length - 1;
  };
  previous.onclick = () => (read() > 0 ? arrive(data.steps[read() - 1][0], go)
    : document.querySelector(".stMain").scrollTo(0, 0));
  next.onclick = () => arrive(data.steps[read() + 1][0], go);
  document.addEventListener("scroll", look, { capture: true, passive: true });
  look();

  // A link to a step, once its place is there.
  const wanted = location.hash.slice(1);
  if (wanted && !bar.arrived && data.steps.some(([id]) => id === wanted)) {
    bar.arrived = true;
    arrive(wanted, go);
  }
  return () => document.removeEventListener("scroll", look, { capture: true });
};
