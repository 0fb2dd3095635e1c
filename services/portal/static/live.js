// Looks at the page again whenever its stream says that something is new, and puts what changed in place.
const part = document.querySelector("[data-live]");

async function look() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(part.id);
  if (fresh) part.replaceChildren(...fresh.childNodes);
}

if (part) new EventSource(part.dataset.live).addEventListener(part.dataset.liveEvent, look);
