// A map is looked at before it changes anything. The page with what it would change takes the place of this one
// without a new load, so that the file that was chosen is still there to be let in: no second choice of the same.
const place = document.querySelector("[data-same-file]");

async function look(event) {
  const [form, button] = [event.target, event.submitter];
  const chosen = form.querySelector("input[type=file]");
  if (button?.value !== "look" || !/\.(geo)?json$/i.test(chosen?.files[0]?.name ?? "")) return;
  event.preventDefault();
  button.disabled = true;
  const sent = new FormData(form);
  sent.set("do", "look");
  try {
    const answer = await fetch(form.action, { method: "POST", body: sent, headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const newer = page.querySelector("[data-same-file]");
    if (!newer) return location.assign(answer.url); // signed out meanwhile
    place.replaceChildren(...newer.childNodes);
    const again = place.querySelector("input[type=file]");
    again.files = chosen.files;
    if (place.querySelector("[value=confirm]")) again.closest(".field").hidden = true;
    const said = place.querySelector("[role=alert], #report-title");
    said?.setAttribute("tabindex", "-1");
    said?.focus();
  } catch {
    button.disabled = false; // nobody was reached: it is sent as without this script
    form.submit();
  }
}

place?.addEventListener("submit", look);
