// Shows what waits to be sent (waiting.js), has it sent, and lets it be discarded.
const place = document.querySelector("[data-waiting]");
const list = place.querySelector("ul");
const model = place.querySelector("template");
const { person } = place.dataset;

function entry(post) {
  const shown = model.content.cloneNode(true);
  for (const each of shown.querySelectorAll("[data-if]")) each.hidden = ![post.kind, post.state].includes(each.dataset.if);
  shown.querySelector("q").textContent = post.said;
  shown.querySelector("q").hidden = !post.said;
  shown.querySelector("time").dateTime = new Date(post.at).toISOString();
  shown.querySelector("time").textContent = new Date(post.at).toLocaleString(document.documentElement.lang);
  shown.querySelector("[data-form]").href = post.path;
  shown.querySelector("button").addEventListener("click", async () => {
    await self.waiting.discard(post.attempt);
    await show();
    place.focus();
  });
  return shown;
}

async function show() {
  const posts = await self.waiting.all();
  list.replaceChildren(...posts.map(entry));
  list.parentElement.hidden = posts.length === 0;
}

const send = async () => (await navigator.serviceWorker.ready).active.postMessage("send");

// A page for no network: the form of the shop that was asked for, or the ways to it.
function offer() {
  const [, shop, kind] = location.pathname.match(/^\/merchants\/([0-9a-f-]{36})(?:\/(review|photo))?$/) ?? [];
  const form = document.querySelector(`template[data-offline=${kind ?? "ways"}]`);
  if (!shop || !form) return;
  form.after(form.content.cloneNode(true));
  for (const link of document.querySelectorAll("[data-way]")) link.href = `/merchants/${shop}/${link.dataset.way}${location.search}`;
  const asked = document.querySelector("form[data-attempt]");
  if (!asked) return;
  const attempt = crypto.randomUUID();
  const query = new URLSearchParams({ attempt, lang: document.documentElement.lang });
  asked.action = `${location.pathname}?${query}`;
  for (const field of asked.querySelectorAll("[name=attempt]")) field.value = attempt;
  for (const field of asked.querySelectorAll("[name=merchant_id]")) field.value = shop;
}

if (navigator.serviceWorker) {
  navigator.serviceWorker.addEventListener("message", async ({ data }) => {
    const done = place.querySelector("[data-sent]");
    if (data.posted.length) {
      done.hidden = false;
      done.querySelector("a").href = data.posted.length === 1 ? data.posted[0] : "/contributions";
    }
    await show();
  });
  addEventListener("online", send);
  if (person) await self.waiting.belongTo(person);
  await show();
  offer();
  if (navigator.onLine) await send();
}
