// Shows what waits to be sent (waiting.js), has it sent, and lets it be discarded.
const place = document.querySelector("[data-waiting]");
const list = place.querySelector("ul");
const model = place.querySelector("template");
const { person } = document.body.dataset;
const locale = `${document.documentElement.lang}-${document.documentElement.lang === "en" ? "GB" : "BE"}`;

function entry(post) {
  const shown = model.content.cloneNode(true);
  const state = post.state !== "refused" && self.waiting.isOld(post) ? "old" : post.state;
  for (const each of shown.querySelectorAll("[data-if]")) each.hidden = ![post.kind, state].includes(each.dataset.if);
  shown.querySelector("q").textContent = post.said;
  shown.querySelector("q").hidden = !post.said;
  shown.querySelector("time").dateTime = new Date(post.at).toISOString();
  shown.querySelector("time").textContent = new Date(post.at).toLocaleString(locale);
  shown.querySelector("[data-form]").href = post.path;
  shown.querySelector("[data-again]").addEventListener("click", async () => {
    await self.waiting.sendAgain(post.attempt);
    await show();
    place.focus();
    await send();
  });
  shown.querySelector("[data-discard]").addEventListener("click", async () => {
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
  place.hidden = !posts.length && place.querySelector("[data-sent]").hidden;
  return posts;
}

const send = async () => (await navigator.serviceWorker.ready).active.postMessage("send");

// A page for no network: the form of the shop that was asked for, or the ways to it; not the form just sent.
function offer(posts, isSomebodys) {
  const query = new URLSearchParams(location.search);
  const isSent = ({ attempt, kind, path }) =>
    kind === "photo" ? attempt === query.get("attempt") : path.startsWith(`${location.pathname}?`);
  if (posts.some(isSent)) return;
  const [, shop, kind] = location.pathname.match(/^\/merchants\/([0-9a-f-]{36})(?:\/(review|photo))?$/) ?? [];
  const form = document.querySelector(`template[data-offline=${kind ?? "ways"}]`);
  if (!shop || !form) return;
  document.querySelector("[data-kept]").hidden = !isSomebodys;
  document.querySelector("[data-not-kept]").hidden = isSomebodys;
  if (!isSomebodys) return;
  form.after(form.content.cloneNode(true));
  for (const link of document.querySelectorAll("[data-way]")) link.href = `/merchants/${shop}/${link.dataset.way}${location.search}`;
  const asked = document.querySelector("form[data-attempt]");
  if (!asked) return;
  const attempt = crypto.randomUUID();
  asked.action = `${location.pathname}?${new URLSearchParams({ attempt, lang: document.documentElement.lang })}`;
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
  offer(await show(), Boolean(await self.waiting.whose()));
  if (navigator.onLine) await send();
}
