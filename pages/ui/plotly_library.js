const load = (url) =>
  (window.softmaxPlotly ??= new Promise((done, failed) => {
    const script = document.createElement("script")
    script.src = new URL(url, document.baseURI)
    script.onload = () => done(window.Plotly)
    script.onerror = () => {
      window.softmaxPlotly = undefined
      failed(new Error("The chart library did not load: please reload the page."))
    }
    document.head.append(script)
  }))

