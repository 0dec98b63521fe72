// Shows how far the first start is, and loads the page again once there are forecasts.
"use strict";
const PERIOD = 1000 * Number(document.currentScript.dataset.seconds);

const follow = async () => {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
    if (answer.ok) return location.reload();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.querySelector("main").replaceChildren(...page.querySelector("main").children);
  } catch {
    // The service does not answer while it starts again: the next turn does.
  }
  setTimeout(follow, PERIOD);
};

setTimeout(follow, PERIOD);
