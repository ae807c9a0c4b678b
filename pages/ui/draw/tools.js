// The buttons under the canvas, pictures, and the share sheet.

const LONGEST = 1400; // pixels of a picture's longer side, as it is sent
const BYTES = 600_000;
const BEGINNING = 12; // bytes of a file that this browser can't show: they tell its kind

// What stands behind the transparent parts of a picture, so that its ink is seen, as softmax_core's
// greys.py has it: what is opaque is ink if it is of one colour, or little of its own box; behind
// light ink is black, behind dark ink white. Else it is a card, and what is behind has its colour.
const CARD = 0.75, ONE_COLOUR = 32;

function paper({ data, width, height }) {
  const white = [255, 255, 255], black = [0, 0, 0];
  let opaque = true;
  for (let n = 3; opaque && n < data.length; n += 4) opaque = data[n] >= 128;
  if (opaque) return white;
  const tones = [0, 1, 2].map(() => new Uint32Array(256));
  let count = 0, left = width, top = height, right = 0, bottom = 0;
  for (let n = 0; n < width * height; n++) {
    if (data[4 * n + 3] < 128) continue;
    const x = n % width, y = Math.floor(n / width);
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
    tones.forEach((tone, channel) => tone[data[4 * n + channel]]++);
    count++;
  }
  if (!count) return white;
  const middle = tones.map(tone => {
    let seen = 0;
    return tone.findIndex(number => (seen += number) * 2 >= count);
  });
  const range = Math.max(...tones.map(tone =>
    tone.findLastIndex(Boolean) - tone.findIndex(Boolean)));
  const isInk = count < CARD * (right - left + 1) * (bottom - top + 1) || range < ONE_COLOUR;
  if (!isInk) return middle;
  return 0.3 * middle[0] + 0.6 * middle[1] + 0.1 * middle[2] >= 128 ? black : white;
}

// A picture of any size and kind that this browser can show becomes a small JPEG, upright.
async function small(file) {
  const image = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(image.width * scale));
  canvas.height = Math.max(1, Math.round(image.height * scale));
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  context.fillStyle = `rgb(${paper(context.getImageData(0, 0, canvas.width, canvas.height))})`;
  context.globalCompositeOperation = "destination-over";
  context.fillRect(0, 0, canvas.width, canvas.height);
  const blob = quality => new Promise(done => canvas.toBlob(done, "image/jpeg", quality));
  for (const quality of [0.92, 0.75, 0.5, 0.25]) {
    const data = await blob(quality);
    if (data.size <= BYTES) return base64(data);
  }
}

const base64 = blob =>
  new Promise(done => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result.split(",")[1]);
    reader.readAsDataURL(blob);
  });

async function take(file, root) {
  try {
    root.take((await small(file)) ?? "");
  } catch {
    root.take(await base64(file.slice(0, BEGINNING)).catch(() => ""));
  }
}

function choose(input, root) {
  const [file] = input.files;
  input.value = "";
  if (file) take(file, root);
}

function share(root, data) {
  const dialog = root.querySelector("dialog");
  const link = new URL(location.origin + location.pathname + "?" + data.query).href;
  const text = dialog.querySelector("textarea");
  text.value = link;
  text.setSelectionRange(0, 0); // its beginning is seen
  dialog.querySelector(".notes").textContent = data.notes;
  const code = dialog.querySelector("img");
  code.hidden = !data.code;
  if (data.code) code.src = data.code;
  const copied = dialog.querySelector(".copied");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(link);
      copied.textContent = "The link is copied.";
    } catch {
      copied.textContent = "Copy the link:";
      text.select();
    }
  };
  dialog.querySelector(".copy").onclick = copy;
  const sheet = dialog.querySelector(".sheet");
  sheet.hidden = !navigator.share;
  sheet.onclick = () => navigator.share({ title: "A digit, and what it is read as", url: link })
    .catch(() => {});
  dialog.querySelector(".close").onclick = () => dialog.close();
  copied.textContent = "";
  if (!dialog.open) dialog.showModal();
  if (!data.notes) copy();
}

// One press after another: what is sent while the server still works on the last might overtake
// it, or take its place. `busy` also holds what the grid has sent.
const LONGEST_WAIT = 1500; // ms; a message may be lost

function pump(root) {
  const busy = document.querySelector(".chain[data-busy], .tools[data-busy]");
  if (!root.queue.length) return;
  if (busy) return void setTimeout(pump, 20, root);
  root.dataset.busy = "";
  clearTimeout(root.patience);
  root.patience = setTimeout(() => delete root.dataset.busy, LONGEST_WAIT);
  root.send("act", root.queue.shift());
  if (root.queue.length) setTimeout(pump, 20, root);
}

function listen(root) {
  const keys = event => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    if (/^(TEXTAREA|INPUT)$/.test(event.target.tagName)) return;
    const key = event.key.toLowerCase();
    const name = key === "z" ? (event.shiftKey ? "redo" : "undo") : key === "y" ? "redo" : "";
    if (!name) return;
    event.preventDefault();
    root.act(name);
  };
  const paste = event => {
    const file = [...(event.clipboardData?.files ?? [])].find(f => f.type.startsWith("image/"));
    if (file) take(file, root);
  };
  document.addEventListener("keydown", keys);
  document.addEventListener("paste", paste);
  return () => {
    document.removeEventListener("keydown", keys);
    document.removeEventListener("paste", paste);
  };
}

export default ({ data, parentElement, setTriggerValue }) => {
  const root = parentElement.querySelector(".tools");
  root.queue ??= [];
  root.send = setTriggerValue;
  delete root.dataset.busy;
  const act = name => {
    root.queue.push(name);
    if (root.queue.length === 1) pump(root);
  };
  for (const button of root.querySelectorAll("button[data-act]")) {
    button.onclick = () => act(button.dataset.act);
    button.disabled = data.off.includes(button.dataset.act);
  }
  const said = root.querySelector(".said");
  const [text, close] = said.children;
  if (root.presses !== data.presses || text.textContent !== data.said) {
    root.presses = data.presses;
    text.textContent = data.said;
    said.hidden = !data.said;
  }
  close.onclick = () => { said.hidden = true };
  for (const input of root.querySelectorAll("input"))
    input.onchange = () => choose(input, root);
  if (data.share && root.shared !== data.share.serial) {
    root.shared = data.share.serial;
    share(parentElement, data.share);
  }
  root.act = act;
  root.take = data => setTriggerValue("picture", data);
  if (!root.listens) root.listens = listen(root);
  return root.listens;
}
