// Draws the figures it is sent, with Plotly: fixed while a run goes on, interactive when it rests.
//
// A message holds the figures and a few frames: what changes from one drawing to the next. The
// next message is asked for when the last frame will be over soon, so that the server makes it in
// the meantime: a closed loop. Who draws slowly asks rarely.
//
// Plotly draws a message's first frame whole, axes and legend included, in 25 ms. For the others
// only the marks move, on the axes that Plotly has drawn.

const SOON = 250 // ms before the last frame is over
const AGAIN = 3000 // ms without an answer after which the server is asked again

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

// One pixel a cell, as Plotly does it; the scale has the colours of −1, 0 and 1.
const moveHeatmap = (plot, { z, zmax, colorscale }) => {
  const [against, middle, favour] = colorscale.map(([, colour]) => channels(colour))
  const picture = new ImageData(z[0].length, z.length)
  z.flat().forEach((value, i) => {
    if (value === null) return
    const [end, share] = [value < 0 ? against : favour, Math.min(Math.abs(value) / zmax, 1)]
    const colour = middle.map((from, c) => from + share * (end[c] - from))
    picture.data.set([...colour, 255], 4 * i)
  })
  const canvas = document.createElement("canvas")
  canvas.width = picture.width
  canvas.height = picture.height
  canvas.getContext("2d").putImageData(picture, 0, 0)
  plot.querySelector(".heatmaplayer image")?.setAttribute("href", canvas.toDataURL())
}

class View {
  messages = [] // that wait to be drawn
  playing = false
  over = 0 // when the last frame will be

  constructor(parent) {
    this.live = parent.querySelector("#live")
    this.figures = [...this.live.querySelectorAll(".live-figure")]
    this.numbers = this.live.querySelector(".live-numbers")
    this.bar = this.live.querySelector("progress")
  }

  receive(message, ask) {
    clearTimeout(this.patience)
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
      this.numbers.textContent = error.message
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

  async draw(Plotly, { figures, frames, labels, running, goal }, frame) {
    const mouse = matchMedia("(pointer: fine)").matches
    const config = {
      ...local,
      staticPlot: running,
      displayModeBar: mouse ? "hover" : false,
      responsive: true,
      modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
    }
    const dragmode = mouse ? "zoom" : false
    for (const [i, { data, layout }] of figures.entries()) {
      const plot = this.figures[i]
      if (layout.meta) plot.style.aspectRatio = layout.meta.aspect
      const traces = data.map((trace, t) => ({ ...until(frame.epoch, trace), ...frame.data[i]?.[t] }))
      if (frame === frames[0]) await Plotly.react(plot, traces, { ...layout, dragmode }, config)
      else
        traces.forEach((trace, t) => {
          if (trace.meta?.grows) moveCurve(plot, plot._fullData[t], trace)
          if (trace.type === "heatmap") moveHeatmap(plot, trace)
        })
      if (labels) plot.setAttribute("aria-label", labels[i])
    }
    this.write(frame.numbers)
    this.bar.value = frame.epoch
    this.bar.max = goal
    this.live.dataset.epoch = frame.epoch
  }

  write(numbers) {
    if (this.numbers.childElementCount !== numbers.length)
      this.numbers.replaceChildren(
        ...numbers.map(() => {
          const pair = document.createElement("div")
          pair.append(document.createElement("dt"), document.createElement("dd"))
          return pair
        })
      )
    numbers.forEach(([name, value], i) => {
      const [dt, dd] = this.numbers.children[i].children
      if (dt.textContent !== name) dt.textContent = name
      dd.textContent = value
    })
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
  view.receive(message, (serial) => setTriggerValue("tick", serial))
  return () => view.close()
}
