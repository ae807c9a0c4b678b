// Draws a figure when it is on the screen, or about to be: what nobody sees costs nothing.

// Plotly counts in pixels: as many more of them as the page's type is larger.
function enlarged({ data, layout }) {
  const times = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16
  if (times === 1) return { data, layout }
  const margin = Object.fromEntries(Object.entries(layout.margin).map(([side, n]) => [side, n * times]))
  const font = { ...layout.font, size: layout.font.size * times }
  return { data, layout: { ...layout, height: layout.height * times, margin, font } }
}

class Chart {
  constructor(parent) {
    this.plot = parent.querySelector(".chart")
    this.watcher = new IntersectionObserver(
      (entries) => {
        this.seen = entries.at(-1).isIntersecting
        this.draw()
      },
      { rootMargin: "200px" }
    )
    this.watcher.observe(this.plot)
  }

  show(data) {
    this.waiting = { ...data, figure: enlarged(data.figure) }
    this.plot.style.height = `${this.waiting.figure.layout.height}px`
    this.plot.setAttribute("aria-label", data.text)
    this.draw()
  }

  async draw() {
    if (!this.seen || !this.waiting) return
    const { figure, plotly } = this.waiting
    this.waiting = null
    try {
      const Plotly = await load(plotly)
      if (this.closed) return
      const config = { ...local, displayModeBar: false, responsive: true }
      await Plotly.react(this.plot, figure.data, figure.layout, config)
    } catch (error) {
      this.plot.textContent = error.message
    }
  }

  close() {
    this.closed = true
    this.watcher.disconnect()
    window.Plotly?.purge(this.plot)
  }
}

export default ({ parentElement, data }) => {
  const chart = (parentElement.chart ??= new Chart(parentElement))
  chart.show(data)
  return () => {
    chart.close()
    delete parentElement.chart
  }
}
