// Draws a figure when it is on the screen, or about to be: what nobody sees costs nothing.

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
    this.waiting = data
    this.plot.style.height = `${data.figure.layout.height}px`
    this.plot.setAttribute("aria-label", data.text)
    this.draw()
  }

  async draw() {
    if (!this.seen || !this.waiting) return
    const { figure, plotly } = this.waiting
    this.waiting = null
    try {
      const Plotly = await load(plotly)
      const config = { ...local, displayModeBar: false, responsive: true }
      await Plotly.react(this.plot, figure.data, figure.layout, config)
    } catch (error) {
      this.plot.textContent = error.message
    }
  }

  close() {
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
