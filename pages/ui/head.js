// The switches beside a page's title: light or dark, and the view for a projector.
//
// Streamlit changes its theme in its own menu alone: the switch presses there, behind the scenes.
// The server hears of another theme, from wherever it comes, at once and not with the next stroke.
const MENU = '[data-testid="stMainMenuButton"]';
const ITEM = name => `[data-testid="stMainMenuItem-theme-${name}"]`;
const NAMES = { light: "Light", dark: "Dark" };
const app = () => document.querySelector(".stApp");
const theme = () => (getComputedStyle(app()).colorScheme === "dark" ? "dark" : "light");
const other = () => (theme() === "dark" ? "light" : "dark");

// A page is one entry of the history: Streamlit adds one whenever its address says something new.
history.pushState = (state, unused, url) => {
  const stays = new URL(url ?? "", location.href).pathname === location.pathname;
  const enter = stays ? history.replaceState : History.prototype.pushState;
  enter.call(history, state, unused, url);
};

// A page is shown when its script is done, no part of it is still to come, and its height has
// stayed for a while (style.css). Streamlit loads a kind of element when the first one is to be seen.
const STAYS = 150; // ms
const LONGEST = 3000;
let shown = null; // the page that is, or is about to be
const comes = main =>
  main.querySelector('[data-testid="stSkeleton"]') || document.fonts.status === "loading";
const seen = main => getComputedStyle(main).visibility === "visible";

function show(page) {
  const main = document.querySelector(".stMain");
  if (shown === page || !main) return;
  shown = page;
  const root = document.documentElement;
  delete root.dataset.rests;
  const began = performance.now();
  let since = began;
  let height = 0;
  const look = now => {
    if (shown !== page) return;
    const runs = app().dataset.testScriptState !== "notRunning";
    if (runs || comes(main) || main.scrollHeight !== height) since = now;
    height = main.scrollHeight;
    if (now - since > STAYS) root.dataset.rests = seen(main) ? "late" : "";
    else if (now - began > LONGEST) root.dataset.rests = "late";
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

async function element(selector) {
  for (const end = performance.now() + 2000; performance.now() < end; ) {
    const found = document.querySelector(selector);
    if (found) return found;
    await new Promise(done => setTimeout(done));
  }
}

async function change(paths) {
  const name = other();
  const menu = document.querySelector(MENU);
  document.documentElement.classList.add("changing-theme");
  menu?.click();
  (await element(ITEM(NAMES[name])))?.click();
  menu?.click();
  document.documentElement.classList.remove("changing-theme");
  try {
    keep(NAMES[name], paths);
  } catch { /* storage is full or forbidden: the next visit begins in the system's theme */ }
}

// Streamlit keeps the theme for each address; a visitor means all of them.
function keep(name, paths) {
  const kept = Object.keys(localStorage).find(key => key.startsWith("stActiveTheme-"));
  const version = kept?.slice(kept.lastIndexOf("-"));
  const here = location.pathname.replace(/[^/]*$/, "");
  if (kept) paths.forEach(path => {
    localStorage.setItem(`stActiveTheme-${here}${path}${version}`, JSON.stringify(name));
  });
}

export default ({ data, parentElement, setTriggerValue }) => {
  const [themes, views] = parentElement.querySelectorAll("button");
  show(data.page);
  if (data.projector) document.documentElement.dataset.view = "projector";
  else delete document.documentElement.dataset.view;
  let told = data.theme;
  const look = () => {
    themes.textContent = NAMES[other()];
    if (theme() !== told) setTriggerValue("theme", (told = theme()));
  };
  themes.onclick = () => change(data.paths);
  views.textContent = data.projector ? "Leave projector view" : "Projector";
  views.onclick = () => setTriggerValue("view", data.projector ? "page" : "projector");
  const watcher = new MutationObserver(look);
  watcher.observe(app(), { attributeFilter: ["class"] });
  look();
  return () => watcher.disconnect();
};
