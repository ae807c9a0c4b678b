// What a visitor made stays in their browser: in the tab, and for the next tab in the browser.
// Texts made by the server are written as they are, and handed back once to a new session.

const NAME = "softmax-regression ";
const PARTS = ["drawing", "models", "train"];
const MOST = 600_000; // signs of a part
const TRIES = 20;
const stores = () => [() => sessionStorage, () => localStorage];

let answer = ""; // the session, and its whole pages so far
let say = null; // how to hand over
let handed = false; // whether something was handed over that need not be sent again
let times = 0; // that it was handed over unheard
let stays = false; // whether this page outlived a connection
let watch = null;

function write(parts) {
  for (const [part, text] of Object.entries(parts ?? {}))
    for (const store of stores())
      try { store().setItem(NAME + part, text); } catch { /* full or forbidden: do without */ }
}

function read(part) {
  for (const store of stores())
    try {
      const text = store().getItem(NAME + part);
      if (text !== null && text.length <= MOST) return text;
    } catch { /* forbidden */ }
  return null;
}

// Which canvas is on the page: after a cut it stays, with what was drawn meanwhile.
function canvas() {
  const place = document.querySelector('[class*="st-key-canvas-"]');
  const found = place?.className.match(/st-key-canvas-(\d+)/);
  return found ? found[1] : null;
}

function hand() {
  const parts = Object.fromEntries(PARTS.map(part => [part, read(part)]));
  handed = PARTS.some(part => parts[part]);
  say("kept", { ...parts, canvas: stays ? canvas() : null });
}

// After a cut the server may have forgotten the session: what is kept goes with the first message,
// and again each second until an answer comes, since messages may be lost meanwhile.
function follow_connection() {
  const app = document.querySelector("[data-testid=stApp]");
  if (!app || watch) return;
  const state = () => app.getAttribute("data-test-connection-state");
  let lost = false;
  watch = new MutationObserver(() => {
    if (state() !== "CONNECTED" && !lost) {
      lost = stays = true;
      times = 0;
      hand();
    } else if (state() === "CONNECTED" && lost) {
      lost = false;
      const before = answer;
      let tries = 0;
      const again = () => {
        if (answer !== before || lost || ++tries > TRIES) return;
        if (app.getAttribute("data-test-script-state") !== "running") hand();
        setTimeout(again, 1000);
      };
      setTimeout(again, 1000);
    }
  });
  watch.observe(app, { attributes: true, attributeFilter: ["data-test-connection-state"] });
}

// With every message go the values of all controls: one that is sent before a run has given them
// theirs would take them back.
function after_run(act) {
  const app = document.querySelector("[data-testid=stApp]");
  const runs = app?.getAttribute("data-test-script-state") === "running";
  if (runs) setTimeout(() => after_run(act), 50);
  else requestAnimationFrame(act);
}

// The address keeps no drawing: a link has been followed, and a reload brings back what is kept.
function forget(names) {
  const url = new URL(location.href);
  const before = url.href;
  names.forEach(name => url.searchParams.delete(name));
  if (url.href !== before) history.replaceState(history.state, "", url);
}

export default ({ data, setStateValue }) => {
  write(data.parts);
  forget(data.forget ?? []);
  if (data.session) {
    const before = answer;
    say = setStateValue;
    answer = `${data.session} ${data.serial}`;
    follow_connection();
    // A message is lost where the page is left before the server has read it: an answer to another
    // one says that nothing was heard.
    if (!data.heard && answer !== before && ++times <= TRIES) hand();
  }
  if (handed && data.heard) {
    handed = false;
    times = 0;
    after_run(() => handed || say("kept", null));
  }
}
