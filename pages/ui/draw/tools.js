// The buttons under the canvas, pictures, and the share sheet.

const LONGEST = 1400; // pixels of a picture's longer side, as it is sent
const BYTES = 600_000;

// A picture of any size and kind that this browser can show becomes a small JPEG, upright.
async function small(file) {
  const image = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(image.width * scale));
  canvas.height = Math.max(1, Math.round(image.height * scale));
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff"; // what is transparent is paper
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
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

async function take(input, root) {
  const [file] = input.files;
  input.value = "";
  if (!file) return;
  try {
    root.take((await small(file)) ?? "");
  } catch {
    root.take(""); // this browser can't show it
  }
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
    if (file) small(file).then(data => root.take(data ?? ""), () => root.take(""));
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
    input.onchange = () => take(input, root);
  if (data.share && root.shared !== data.share.serial) {
    root.shared = data.share.serial;
    share(parentElement, data.share);
  }
  root.act = act;
  root.take = data => setTriggerValue("picture", data);
  if (!root.listens) root.listens = listen(root);
  return root.listens;
}
