// Looks at the page again, while somebody looks at it, and puts what changed in place: now and then
// (data-fresh-seconds), or whenever its stream says that something is new (data-fresh-events).
const part = document.querySelector("[data-fresh-seconds], [data-fresh-events]");

async function look() {
  // Not under somebody's hands: what they opened, or have the focus in, stays.
  if (document.hidden || part.contains(document.activeElement) || part.querySelector("details[open]")) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const newer = page.getElementById(part.id);
  if (newer) part.replaceChildren(...newer.childNodes);
  if (newer && !newer.dataset.freshSeconds) clearInterval(looks); // it is done: nothing changes any more
}

const tried = () => look().catch(() => {});
const looks = part?.dataset.freshSeconds && setInterval(tried, Number(part.dataset.freshSeconds) * 1000);
if (part?.dataset.freshEvents) new EventSource(part.dataset.freshEvents).addEventListener("forms", tried);
