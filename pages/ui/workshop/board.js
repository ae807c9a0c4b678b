// A participant's board: draw, see the 8×8 grid, tap the class, and it is sent until the server
// says that it is stored. The drawing is kept in the browser, so that neither a reload nor a server
// that is away loses it; the drawing names itself, so that asking twice stores once.
const SIDE = 320; // the canvas's own units
const RETRY = 3000; // ms after which an unanswered question is asked again
const PAUSE = 1400; // ms from one look at the room to the next
const SPREAD = 4000; // ms within which the pages of a class run anew
const FEWEST = 1.5; // units between two points that are kept
const MOST = 1500; // points
const STEP = 16; // units that an arrow key goes
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const random = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map(b => b.toString(16).padStart(2, "0")).join("");

// Browser storage may be full or forbidden: then a reload forgets, and all else works.
const store = {
  get(key) { try { return JSON.parse(localStorage.getItem(key)) } catch { return null } },
  set(key, value) { try { localStorage.setItem(key, JSON.stringify(value)) } catch {} },
};

function me() {
  let mine = store.get("workshop-me");
  if (!/^[0-9a-f]{32}$/.test(mine)) store.set("workshop-me", (mine = random()));
  return (me.kept ??= mine);
}

const isDraft = d => Array.isArray(d?.strokes) && d.strokes.length < 200
  && d.strokes.every(s => Array.isArray(s) && s.every(p => p?.length === 2 && p.every(Number.isFinite)));

function paintGrid(canvas, grid, colour) {
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, 8, 8);
  context.fillStyle = colour;
  grid.forEach((on, i) => on && context.fillRect(i % 8, Math.floor(i / 8), 1, 1));
}

const bits = hex => [...hex].flatMap(c => [3, 2, 1, 0].map(b => (parseInt(c, 16) >> b) & 1));

class Board {
  constructor(root) {
    this.root = root;
    this.strokes = [];
    this.asked = null;
    this.pick = name => root.querySelector(name);
    const ink = this.pick(".ink");
    ink.onpointerdown = e => { ink.setPointerCapture(e.pointerId); this.begin(e) };
    ink.onpointermove = e => this.move(e);
    ink.onpointerup = ink.onpointercancel = () => this.end();
    ink.onkeydown = e => this.key(e);
    ink.onblur = () => { this.place = null; this.end(); this.paint() };
    this.pick(".undo").onclick = () => this.undo();
    this.pick(".clear").onclick = () => { if (!this.busy) { this.strokes = []; this.changed() } };
    this.pick(".nickname").onchange = e => store.set("workshop-name", e.target.value.slice(0, 24));
    this.pick(".nickname").value = String(store.get("workshop-name") ?? "").slice(0, 24);
  }

  // While a drawing is being sent, it stays as it is.
  get busy() { return !!this.asked && this.asked.kind !== "hello" }

  // Of the strokes, what is on the canvas; a stroke that left it and came back is undone as one.
  get seen() { return softmaxCore.seen(this.strokes, SIDE) }

  get full() { return this.strokes.flat().length >= MOST }

  get draftKey() { return `workshop-draft-${this.room.code}` }

  at(e) {
    const box = this.pick(".ink").getBoundingClientRect();
    return [(e.clientX - box.left) / box.width, (e.clientY - box.top) / box.height]
      .map(v => Math.round(10 * SIDE * v) / 10);
  }

  begin(e) {
    if (e.button || this.busy || this.full) return;
    this.place = null;
    this.down(this.at(e));
  }

  down(point) {
    this.pen = [point];
    this.strokes.push(this.pen);
    this.paint();
  }

  // Arrow keys move the pen, the space bar puts it down and lifts it.
  key(e) {
    const way = ARROWS[e.key], place = this.place ?? [SIDE / 2, SIDE / 2];
    const undoes = (e.ctrlKey || e.metaKey) && e.key === "z";
    if (!way && !undoes && e.key !== " ") return;
    e.preventDefault();
    if (undoes) return this.undo();
    if (this.busy) return;
    this.place = way ? place.map((v, i) => Math.min(SIDE, Math.max(0, v + STEP * way[i]))) : place;
    if (way && this.pen && !this.full) this.pen.push(this.place);
    if (!way) this.pen ? this.end() : !this.full && this.down(place);
    this.paint();
  }

  move(e) {
    if (!this.pen || this.place || this.full) return;
    for (const each of e.getCoalescedEvents?.() ?? [e]) {
      const [x, y] = this.at(each), [u, v] = this.pen[this.pen.length - 1];
      if (Math.hypot(x - u, y - v) >= FEWEST) this.pen.push([x, y]);
    }
    this.paint();
  }

  end() { if (this.pen) { this.pen = null; this.changed() } }

  undo() { if (!this.busy) { this.strokes.pop(); this.changed() } }

  changed() {
    store.set(this.draftKey, { strokes: this.strokes, asked: this.asked });
    this.say("");
    this.paint();
    this.look();
  }

  paint() {
    const context = this.pick(".ink").getContext("2d"), scale = 640 / SIDE;
    context.clearRect(0, 0, 640, 640);
    context.strokeStyle = context.fillStyle = getComputedStyle(this.root).color;
    context.lineWidth = 16 * scale;
    context.lineCap = context.lineJoin = "round";
    for (const stroke of this.strokes) {
      context.beginPath();
      stroke.forEach(([x, y]) => context.lineTo(x * scale, y * scale));
      if (stroke.length === 1) context.lineTo(stroke[0][0] * scale, stroke[0][1] * scale + 0.1);
      context.stroke();
    }
    if (this.place) {
      const [x, y] = this.place.map(v => v * scale);
      context.lineWidth = 2 * scale;
      context.strokeStyle = this.pen ? "#d95f02" : "#808890";
      context.strokeRect(x - 24, y - 24, 48, 48);
    }
  }

  // The grid, and where the room has a model, what it says: both made here, in the browser.
  look() {
    const { room, model } = this, now = this.now ?? { stage: "collect", open: true }, grid = softmaxCore.grid(this.seen), some = grid.some(Boolean);
    paintGrid(this.pick(".grid8"), grid, getComputedStyle(this.root).color);
    this.pick(".grid8").setAttribute("aria-label", some ? "The 8×8 grid of your drawing" : "An empty grid");
    this.predicted = null;
    this.pick(".class").textContent = "";
    this.pick(".class").hidden = true;
    this.pick(".bars").replaceChildren();
    const tries = now.stage === "try" && model;
    if (tries && some) {
      const p = softmaxCore.probabilities(model, grid), best = p.indexOf(Math.max(...p));
      this.predicted = best;
      this.pick(".class").textContent = room.classes[best];
      this.pick(".class").hidden = false;
      this.pick(".class").classList.toggle("long", room.classes[best].length > 3);
      const third = [...p].sort((a, b) => b - a)[2] ?? 0;
      room.classes.forEach((name, k) => {
        const row = document.createElement("div");
        row.className = k === best ? "best" : p[k] < third ? "low" : "";
        row.append(Object.assign(document.createElement("b"), { textContent: name }));
        const track = document.createElement("span"), bar = document.createElement("i");
        bar.style.width = `${100 * p[k]}%`;
        track.append(bar);
        row.append(track, `${(100 * p[k]).toFixed(0)} %`);
        this.pick(".bars").append(row);
      });
    }
    const waits = now.stage === "train" || (now.stage === "try" && !model);
    this.pick(".ask").textContent = !now.open ? "This room is closed."
      : waits ? "The model is learning: look at the wall."
      : tries ? (some ? `It says ${room.classes[this.predicted]}. What is it really?` : "Draw, and try to fool the model.")
      : some ? "What is it? Tap it, and it is sent." : "Draw one of these, then tap what it is:";
    for (const [k, button] of [...this.pick(".classes").children].entries()) {
      button.disabled = !now.open || waits || !some || this.busy;
      button.classList.toggle("best", k === this.predicted);
    }
    this.pick(".undo").disabled = this.pick(".clear").disabled = !this.strokes.length || !!this.asked;
  }

  contribute(label) {
    const test = this.predicted !== null;
    this.ask({
      kind: "contribute", label, strokes: this.seen, nickname: this.pick(".nickname").value || null,
      purpose: test ? "test" : "training", predicted: this.predicted,
    });
  }

  // Asks until the server has answered; the same drawing asked for twice is stored once.
  ask(question) {
    this.asked = { ...question, me: me() };
    store.set(this.draftKey, { strokes: this.strokes, asked: this.asked });
    if (question.kind !== "hello") this.say("Sending …");
    this.send();
    this.look();
  }

  async send() {
    const asked = this.asked;
    const again = text => {
      if (asked !== this.asked) return;
      if (asked.kind !== "hello") this.say(text, true);
      this.timer = setTimeout(() => asked === this.asked && this.send(), RETRY);
    };
    try {
      const answer = await this.fetch("", { method: "POST", body: JSON.stringify(asked) });
      if (answer.again) again(`${answer.text}. It is sent again by itself.`);
      else if (asked === this.asked) this.answered(asked.kind, answer);
    } catch {
      again("Not confirmed yet; it is sent again by itself.");
    }
  }

  answered(kind, { ok, text, own, ...now }) {
    this.asked = null;
    if (ok && kind === "contribute") this.strokes = [];
    store.set(this.draftKey, { strokes: this.strokes, asked: null });
    if (kind !== "hello" || !ok) this.say(text, !ok);
    if (ok) { this.list(own); this.follow(now) }
    this.paint();
    this.look();
  }

  // Relative to the page, so that the app may stand below a path.
  async fetch(path, more = {}) {
    const address = new URL(`room/${this.room.code}${path}`, location.href);
    const answer = await fetch(address, { ...more, signal: AbortSignal.timeout(RETRY) });
    const told = await answer.json();
    if (!answer.ok && told.text === undefined) throw new Error(answer.status);
    return told;
  }

  // Looks whether the room has changed; never while the page is not seen.
  async watch() {
    clearTimeout(this.watching);
    const theme = getComputedStyle(this.root).color;
    if (theme !== this.theme) { this.theme = theme; this.paint(); this.look(); this.list(this.own ?? []) }
    try {
      if (!document.hidden) {
        const now = await this.fetch("");
        if (now.stage) await this.follow(now);
        else this.pick(".state").textContent = now.text;
      }
    } catch { this.pick(".state").textContent = "The server is away; what you draw stays here." }
    if (this.root.isConnected) this.watching = setTimeout(() => this.watch(), PAUSE);
  }

  async follow(now) {
    const before = this.now, [total, people] = now.counts;
    this.now = now;
    this.pick(".state").textContent = `${total} ${total === 1 ? "drawing" : "drawings"} by ${people} ${people === 1 ? "person" : "people"}`;
    if (before && before.stage === now.stage && before.open === now.open && before.model === now.model) return;
    if (now.stage === "try" && now.model) {
      const model = await this.fetch("/model");
      this.model = model.weights ? model : null;
    } else this.model = null;
    this.look();
    // The page offers the new model to take home: soon, and not for a whole class at once.
    if (before && before.model !== now.model)
      setTimeout(() => this.rerun(String(now.model)), SPREAD * Math.random());
  }

  say(text, bad = false) {
    this.pick(".said").textContent = text;
    this.pick(".said").classList.toggle("bad", bad);
  }

  list(own) {
    this.own = own;
    this.pick(".mine").hidden = !own.length;
    this.pick(".own").replaceChildren(...own.map(d => {
      const figure = document.createElement("figure"), button = document.createElement("button");
      const picture = Object.assign(document.createElement("canvas"), { width: 8, height: 8 });
      paintGrid(picture, bits(d.grid), getComputedStyle(this.root).color);
      button.type = "button";
      button.setAttribute("aria-label", `Take back your ${d.class}`);
      button.onclick = () => { if (!this.busy) this.ask({ kind: "take_back", token: d.token }) };
      button.append(picture);
      figure.append(button, d.class);
      return figure;
    }));
  }

  show(room, rerun) {
    const first = this.room?.code !== room.code;
    this.room = room;
    this.rerun = rerun;
    if (first) {
      const draft = store.get(this.draftKey);
      this.strokes = isDraft(draft) ? draft.strokes : [];
      this.now = this.model = this.asked = null;
      const buttons = room.classes.map((name, k) => Object.assign(document.createElement("button"),
        { type: "button", className: name.length > 3 ? "long" : "", textContent: name, onclick: () => this.contribute(k) }));
      this.pick(".classes").replaceChildren(...buttons);
      this.pick(".title").textContent = room.title;
      const unconfirmed = isDraft(draft) && draft.asked?.kind === "contribute" ? draft.asked : null;
      this.ask(unconfirmed ?? { kind: "hello" });
    }
    clearTimeout(this.watching);
    this.watching = setTimeout(() => this.watch(), PAUSE);
    this.paint();
    this.look();
  }
}

export default ({ data, parentElement, setTriggerValue }) => {
  const root = parentElement.querySelector(".board");
  root.board ??= new Board(root);
  root.board.show(data, model => setTriggerValue("changed", model));
  return () => clearTimeout(root.board.watching);
};
