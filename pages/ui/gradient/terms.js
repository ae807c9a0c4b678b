// Who points at a term, in a formula, a table or a picture, sees all of its places marked.
// In a formula a term is known by its colour.
const rgb = hex => `rgb(${hex.match(/\w\w/g).map(pair => parseInt(pair, 16)).join(", ")})`;

export default ({ data }) => {
  const names = new Map(Object.entries(data).map(([hex, name]) => [rgb(hex), name]));
  const page = document.documentElement;
  const look = event => {
    const place = event.target.closest?.("[data-term], .katex [style*=color]");
    const name = place && (place.dataset.term ?? names.get(place.style.color));
    if (name) page.dataset.pointed = name;
    else delete page.dataset.pointed;
  };
  document.addEventListener("pointerover", look);
  return () => {
    document.removeEventListener("pointerover", look);
    delete page.dataset.pointed;
  };
};
