// What the installed app does without network, and with push messages. `OFFLINE` is written before this by the portal: the version, the
// page for no network in each language, and the files that it loads. Nothing else is ever kept: no page of
// anybody who is signed in.
importScripts(OFFLINE.waiting);

const KEPT = `offline-${OFFLINE.version}`;
const FORM = /^\/merchants\/[0-9a-f-]{36}\/(review|photo)$/;

self.addEventListener("install", (event) => {
  const files = [...Object.values(OFFLINE.pages), ...OFFLINE.files];
  const asNobody = files.map((file) => new Request(file, { credentials: "omit" }));
  event.waitUntil(caches.open(KEPT).then((kept) => kept.addAll(asNobody)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const older = async () => {
    for (const name of await caches.keys()) if (name !== KEPT) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(older());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.mode === "navigate") event.respondWith(page(request, address));
  else if (OFFLINE.files.includes(address.pathname + address.search)) event.respondWith(file(request));
});

async function page(request, address) {
  const isPost = request.method === "POST" && FORM.test(address.pathname);
  const copy = isPost ? request.clone() : null;
  const tried = waiting.tryNow();
  try {
    return await fetch(request);
  } catch {
    if (copy && (await waiting.keep(address, [...(await copy.formData())], tried))) {
      await self.registration.sync?.register("waiting").catch(() => {}); // else the next page sends it
    }
    const asked = [address.searchParams.get("lang"), ...navigator.languages.map((each) => each.slice(0, 2)), "fr"];
    const language = asked.find((each) => each in OFFLINE.pages);
    return caches.match(OFFLINE.pages[language], { ignoreVary: true });
  }
}

const file = async (request) => (await caches.match(request, { ignoreVary: true })) ?? fetch(request);

async function send() {
  const posted = await waiting.send();
  for (const client of await self.clients.matchAll()) client.postMessage({ posted });
}

// What is left is a reason for the browser to try again by itself.
async function sendInTheBackground() {
  await send();
  if ((await waiting.all()).some((each) => each.state === "waiting" && !waiting.isOld(each))) throw new Error("some of it waits still");
}

self.addEventListener("sync", (event) => event.waitUntil(sendInTheBackground()));
self.addEventListener("message", (event) => event.waitUntil(send()));

// A message of services/notifications/channels/push.py; one that comes twice takes its own place.
self.addEventListener("push", (event) => {
  const { id, title, text, path, language } = event.data.json();
  const shown = { body: text, tag: id, lang: language, icon: "/static/icon-192.png", data: { path } };
  event.waitUntil(self.registration.showNotification(title, shown));
});

async function show(path) {
  const address = new URL(path, location.origin);
  if (address.origin !== location.origin) return;
  for (const client of await self.clients.matchAll({ type: "window" })) {
    if (new URL(client.url).pathname === address.pathname) return client.focus();
  }
  return self.clients.openWindow(address.href);
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show(event.notification.data.path));
});
