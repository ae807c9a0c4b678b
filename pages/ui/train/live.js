// Draws what it is sent: the weights of every class as pictures, and with Plotly the curves, fixed
// while a run goes on, interactive when it rests.
//
// A message holds the curves and a few frames: what changes from one drawing to the next. The
// next message is asked for when the last frame will be over soon, so that the server makes it in
// the meantime: a closed loop. Who draws slowly asks rarely. At rest an album follows: frames of
// earlier epochs, which are shown at once while the slider is dragged.
//
// Plotly draws a message's first frame whole, axes and legend included, in 25 ms. For the others
// only the marks move, on the axes that Plotly has drawn.

const SOON = 250 // ms before the last frame is over
const AGAIN = 3000 // ms without an answer after which the server is asked again
const SIDE = 8 // cells of a picture
const FULL = 32767 // the whole number that stands for a frame's `reach`

// A hidden tab draws nothing, but its run goes on.
const screen = () =>
  new Promise((done) => (document.hidden ? setTimeout(done, 100) : requestAnimationFrame(done)))

// The points of a curve that were there at an epoch.
const until = (epoch, trace) => {
  if (!trace.meta?.grows) return trace
  const end = trace.x.findLastIndex((x) => x <= epoch) + 1
  return { ...trace, x: trace.x.slice(0, end), y: trace.y.slice(0, end) }
}

const moveCurve = (plot, { uid, yaxis }, { x, y }) => {
  const path = plot.querySelector(`.trace${uid} .js-line`)
  const [across, up] = [plot._fullLayout.xaxis, plot._fullLayout[yaxis.replace("y", "yaxis")]]
  path?.setAttribute("d", "M" + x.map((v, i) => [across.d2p(v), up.d2p(y[i])]).join("L"))
}

const channels = (colour) => colour.match(/[0-9a-f]{2}/g).map((pair) => parseInt(pair, 16))

const signed = (value, digits) => (value < 0 ? "−" : "+") + Math.abs(value).toFixed(digits)

// A frame's weights, class after class: 64 of the picture and the bias.
const unpack = ({ weights, reach }) => {
  const bytes = Uint8Array.from(atob(weights), (letter) => letter.charCodeAt(0))
  return Array.from(new Int16Array(bytes.buffer), (value) => (value * reach) / FULL)
}

// Letters as large as those of the page, which are larger on a projector.
const enlarged = (figure) => {
  const factor = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16
  const grow = (key, value) => (["size", "l", "b", "t"].includes(key) ? value * factor : value)
  return factor === 1 ? figure : JSON.parse(JSON.stringify(figure), grow)
}

const make = (name, kind, ...children) => {
  const element = document.createElement(name)
  if (kind) element.className = kind
  element.append(...children)
  return element
}

class View {
  messages = [] // that wait to be drawn
  playing = false
  over = 0 // when the last frame will be

  constructor(parent) {
    const find = (kind) => parent.querySelector(`.live-${kind}`)
    this.live = parent.querySelector("#live")
    this.pictures = find("pictures")
    this.plot = find("plot")
    this.mark = find("mark")
    this.large = find("large")
    this.unseen = find("unseen")
    this.when = find("when")
    this.low = find("low")
    this.high = find("high")
    this.ramp = find("ramp")
    this.cell = find("cell")
    this.numbers = find("numbers")
    this.table = find("table")
    this.slider = parent.querySelector("input")
    this.slider.addEventListener("input", () => this.peek(+this.slider.value))
    this.slider.addEventListener("change", () => this.look?.((this.wanted = +this.slider.value)))
    this.pictures.addEventListener("pointermove", (event) => this.point(event))
    this.pictures.addEventListener("pointerleave", () => (this.cell.textContent = ""))
  }

  receive(message, ask, look) {
    clearTimeout(this.patience)
    this.look = message.running ? null : look
    this.next = message.running ? () => ask(message.serial) : null
    if (message.serial !== this.serial || !message.running) {
      this.serial = message.serial
      if (!message.running) this.messages = []
      this.messages.push(message)
      this.over = Math.max(this.over, performance.now()) + message.frames.length * message.pace
      if (!this.playing) this.play()
    }
    this.request()
  }

  request() {
    const soon = this.over - performance.now() < SOON && this.messages.length < 2
    if (!this.next || !soon) return
    const ask = this.next
    this.next = null
    ask()
    this.patience = setTimeout(ask, AGAIN)
  }

  async play() {
    this.playing = true
    const [{ frames }] = this.messages
    if (!this.values) {
      this.prepare(this.messages[0]) // the weights need no library, and keep their place
      this.showWeights(frames[0])
    }
    try {
      const Plotly = await load(this.messages[0].plotly)
      for (let message; (message = this.messages.shift()); ) {
        for (const frame of message.frames) {
          const start = performance.now()
          await this.draw(Plotly, message, frame)
          const due = () => performance.now() - start > message.pace - 8 || this.interrupted
          do {
            await screen()
            this.request()
          } while (message.running && !due())
          if (this.interrupted) break
        }
      }
    } catch (error) {
      this.when.textContent = error.message
    } finally {
      this.playing = false
      this.over = 0
      this.request()
    }
  }

  // Whether a message waits that ends the run: what is left of the present one is skipped.
  get interrupted() {
    return this.messages.some((message) => !message.running)
  }

  async draw(Plotly, message, frame) {
    const { figure, frames, running, labels } = message
    const traces = figure.data.map((trace) => until(frame.epoch, trace))
    if (frame === frames[0]) {
      this.message = message
      const mouse = matchMedia("(pointer: fine)").matches
      const config = {
        ...local,
        staticPlot: running,
        displayModeBar: mouse ? "hover" : false,
        responsive: true,
        modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
      }
      const layout = { ...figure.layout, dragmode: mouse ? "zoom" : false }
      this.prepare(message)
      await Plotly.react(this.plot, enlarged(traces), enlarged(layout), config)
    } else
      traces.forEach((trace, t) => {
        if (trace.meta?.grows) moveCurve(this.plot, this.plot._fullData[t], trace)
      })
    this.show(frame)
    this.slider.max = Math.max(message.last, 1)
    // The answer to an earlier place of the slider does not pull it back.
    if (running || this.wanted === frame.epoch) this.wanted = null
    if (this.wanted == null) this.slider.value = frame.epoch
    if (labels) {
      this.plot.setAttribute("aria-label", labels[0])
      this.pictures.setAttribute("aria-label", labels[1])
    }
  }

  // What stays the same for all frames of a message.
  prepare({ classes, names, unseen, running, colours, last, table }) {
    this.unseen.textContent = unseen
    this.table.hidden = !table.length
    this.large.parentElement.hidden = !!table.length
    const cells = (row, kind) => make("tr", "", ...row.map((text) => make(kind, "", text)))
    this.table.replaceChildren(
      make("thead", "", ...table.slice(0, 1).map((row) => cells(row, "th"))),
      make("tbody", "", ...table.slice(1).map((row) => cells(row, "td")))
    )
    this.colours = colours.map(channels)
    this.ramp.style.background = `linear-gradient(90deg, ${colours.join()})`
    this.slider.disabled = running || !last
    if (this.pictures.dataset.classes !== classes.join()) {
      this.pictures.dataset.classes = classes.join()
      this.pictures.style.setProperty("--across", Math.max(5, Math.ceil(classes.length / 2)))
      this.pictures.replaceChildren(
        ...classes.map((name) => {
          const canvas = make("canvas")
          canvas.width = canvas.height = SIDE
          return make("figure", "", make("figcaption", "", name), canvas, make("i"))
        })
      )
    }
    if (this.numbers.childElementCount !== names.length)
      this.numbers.replaceChildren(
        ...names.map(([name, meaning]) =>
          make("div", "", make("dt", "", name), make("dd", "", make("b"), make("span", "", meaning)))
        )
      )
    names.forEach(([name, meaning], i) => {
      const { firstChild: title, lastChild: value } = this.numbers.children[i]
      title.textContent = name
      value.lastChild.textContent = meaning
    })
  }

  showWeights(frame) {
    this.values = unpack(frame)
    const size = SIDE * SIDE + 1
    for (const [k, figure] of [...this.pictures.children].entries())
      this.paint(figure, this.values.slice(k * size, (k + 1) * size), frame.scale)
  }

  show(frame) {
    this.showWeights(frame)
    const digits = Math.max(0, 1 - Math.floor(Math.log10(frame.scale)))
    this.low.textContent = signed(-frame.scale, digits)
    this.high.textContent = signed(frame.scale, digits)
    this.large.textContent = frame.accuracy
    this.when.textContent = frame.epoch.toLocaleString("en")
    frame.numbers.forEach((value, i) => {
      const place = this.numbers.children[i]?.querySelector("b")
      if (place) place.textContent = value
    })
    this.mark.hidden = frame.epoch >= this.message.last || this.message.running
    const { _size: around, xaxis } = this.plot._fullLayout
    this.mark.style.left = `${around.l + xaxis.d2p(Math.max(frame.epoch, this.message.first))}px`
    this.slider.setAttribute("aria-valuetext", `epoch ${frame.epoch}`)
    this.live.dataset.epoch = frame.epoch
  }

  // One pixel a cell; what is beyond the scale has full colour.
  paint({ children: [, canvas, bar] }, values, scale) {
    const [against, middle, favour] = this.colours
    const colour = (value) => {
      const [end, share] = [value < 0 ? against : favour, Math.min(Math.abs(value) / scale, 1)]
      return middle.map((from, c) => from + share * (end[c] - from))
    }
    const picture = new ImageData(SIDE, SIDE)
    for (let i = 0; i < SIDE * SIDE; i++) picture.data.set([...colour(values[i]), 255], 4 * i)
    canvas.getContext("2d").putImageData(picture, 0, 0)
    bar.style.background = `rgb(${colour(values[SIDE * SIDE]).map(Math.round)})`
  }

  // The nearest earlier epoch of the album, while the slider moves.
  peek(epoch) {
    const { serial, frames } = document.querySelector(".live-album")?.album ?? {}
    if (!this.message || this.message.running || serial !== this.message.serial) return
    const frame = frames.findLast((each) => each.epoch <= epoch)
    if (frame) this.show(frame)
  }

  // Names the cell under the pointer, and its weight.
  point({ target, clientX, clientY }) {
    const figure = target.closest("figure")
    if (!figure || !this.values) return
    const k = [...this.pictures.children].indexOf(figure)
    const name = figure.firstChild.textContent
    const box = figure.children[1].getBoundingClientRect()
    const place = (from, size) => Math.min(SIDE - 1, Math.max(0, Math.floor((SIDE * from) / size)))
    const row = place(clientY - box.top, box.height)
    const column = place(clientX - box.left, box.width)
    const bias = clientY > box.bottom
    const value = this.values[k * (SIDE * SIDE + 1) + (bias ? SIDE * SIDE : row * SIDE + column)]
    const where = bias ? "bias" : `row ${row + 1}, column ${column + 1}`
    this.cell.textContent = `${name}, ${where}: ${signed(value, 3)}`
  }

  close() {
    clearTimeout(this.patience)
    this.next = null
    this.messages = []
  }
}

export default ({ parentElement, data, setTriggerValue }) => {
  const view = (parentElement.view ??= new View(parentElement))
  const message = JSON.parse(new TextDecoder().decode(data))
  view.receive(
    message,
    (serial) => setTriggerValue("tick", serial),
    (epoch) => setTriggerValue("look", epoch)
  )
  return () => view.close()
}
