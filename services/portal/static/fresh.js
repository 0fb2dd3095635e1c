// Looks at the page again now and then, while somebody looks at it, and puts what changed in place.
const part = document.querySelector("[data-fresh-seconds]");

async function look() {
  // Not under somebody's hands: what they opened, or have the focus in, stays.
  if (document.hidden || part.contains(document.activeElement) || part.querySelector("details[open]")) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const newer = page.getElementById(part.id);
  if (newer) part.replaceChildren(...newer.childNodes);
}

if (part) setInterval(() => look().catch(() => {}), Number(part.dataset.freshSeconds) * 1000);
