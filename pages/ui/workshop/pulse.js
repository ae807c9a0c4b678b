// Asks whether the room has changed: a while after the last answer, never while one is awaited, so
// that a slow server is asked less. A session that is new does not hear it; then the board speaks.
const PAUSE = 1400; // ms from an answer to the next question
const UNHEARD = 6000;

export default ({ data, parentElement, setTriggerValue }) => {
  const root = parentElement.querySelector(".pulse");
  clearTimeout(root.timer);
  clearTimeout(root.alarm);
  const ask = () => {
    if (document.hidden) { root.timer = setTimeout(ask, PAUSE); return }
    setTriggerValue("beat", JSON.parse(new TextDecoder().decode(data)).beat);
    root.alarm = setTimeout(() => {
      window.dispatchEvent(new Event("workshop-unheard"));
      ask();
    }, UNHEARD);
  };
  root.timer = setTimeout(ask, PAUSE);
  return () => { clearTimeout(root.timer); clearTimeout(root.alarm) };
};
