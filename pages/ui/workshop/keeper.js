// The facilitator's key, in this tab only: never in the address, gone when the tab is closed.
export default ({ data, parentElement, setTriggerValue }) => {
  const root = parentElement.querySelector(".keeper"), name = `workshop-key-${data.code}`;
  try {
    if (data.key) sessionStorage.setItem(name, data.key);
    const kept = sessionStorage.getItem(name);
    if (!data.key && kept && root.asked !== data.code) {
      root.asked = data.code;
      setTimeout(() => setTriggerValue("key", kept.slice(0, 40)), 0);
    }
  } catch { /* storage is forbidden: the key is typed again after a reload */ }
};
