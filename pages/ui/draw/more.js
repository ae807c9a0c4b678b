// What is below the row: sections that are sent when they are opened.

export default ({ data, parentElement, setTriggerValue }) => {
  const more = parentElement.querySelector(".more");
  for (const section of data.sections) {
    let details = more.querySelector(`[data-name="${section.name}"]`);
    if (!details) {
      details = document.createElement("details");
      details.dataset.name = section.name;
      details.append(document.createElement("summary"), document.createElement("div"));
      details.open = section.open;
      more.append(details);
      details.firstChild.onclick = event => {
        event.preventDefault();
        more.send(`${details.open ? "shut" : "open"} ${section.name}`);
        details.open = !details.open;
      };
    }
    const [summary, content] = details.children;
    if (summary.textContent !== section.title) summary.textContent = section.title;
    if (content.shows === section.html) continue;
    content.shows = section.html;
    content.innerHTML = section.html;
    for (const button of content.querySelectorAll("button[data-act]"))
      button.onclick = () => more.send(button.dataset.act);
  }
  more.send = act => setTriggerValue("act", act);
}
