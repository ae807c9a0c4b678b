// The facilitator's key, in this tab only: never in the address, gone when the tab is closed or the
// room is left.
const RETRY = 4000; // ms; a key that was not heard is sent again, a few times
const TRIES = 4;

export default ({ data, parentElement, setTriggerValue }) => {
  const root = parentElement.querySelector(".keeper"), name = `workshop-key-${data.code}`;
  clearTimeout(root.timer);
  if (root.code !== data.code) [root.code, root.tries] = [data.code, 0];
  try {
    if (data.left) sessionStorage.removeItem(`workshop-key-${data.left}`);
    if (!data.code) return;
    if (data.key) sessionStorage.setItem(name, data.key);
    const kept = sessionStorage.getItem(name);
    const send = () => {
      if (root.tries++ >= TRIES) return;
      setTriggerValue("key", kept.slice(0, 40));
      root.timer = setTimeout(send, RETRY);
    };
    if (!data.key && kept) root.timer = setTimeout(send, root.tries ? RETRY : 0);
  } catch { /* storage is forbidden: the key is typed again after a reload */ }
  return () => clearTimeout(root.timer);
};
