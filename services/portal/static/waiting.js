// What somebody sent without network: kept in this browser, by the key of its attempt, until it was posted or
// they discard it. Shared by pages and the service worker; signing out empties it (Clear-Site-Data).
self.waiting = (() => {
  const settled = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });

  async function store(mode) {
    const opening = indexedDB.open("cococity", 1);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore("waiting", { keyPath: "attempt" });
      opening.result.createObjectStore("owner");
    };
    const database = await settled(opening);
    const change = database.transaction(["waiting", "owner"], mode);
    change.oncomplete = change.onabort = () => database.close();
    return { posts: change.objectStore("waiting"), owner: change.objectStore("owner") };
  }

  const all = async () => (await settled((await store("readonly")).posts.getAll())).sort((a, b) => a.at - b.at);
  const discard = async (attempt) => settled((await store("readwrite")).posts.delete(attempt));

  // A form as it was sent: its own key, so that it is posted once however often it goes out.
  async function keep(address, fields) {
    const values = new Map(fields);
    const attempt = values.get("attempt") ?? address.searchParams.get("attempt");
    const { posts, owner } = await store("readwrite");
    const person = (await settled(owner.get("person"))) ?? "";
    const kind = address.pathname.endsWith("/photo") ? "photo" : "review";
    const said = values.get(kind === "photo" ? "alt" : "text") ?? "";
    const path = address.pathname + address.search;
    await settled(posts.put({ attempt, path, kind, said, fields, person, at: Date.now(), state: "waiting" }));
  }

  // Whose pages these are. What waits is another's where somebody else signs in, and goes.
  async function belongTo(person) {
    const { posts, owner } = await store("readwrite");
    const before = await settled(owner.get("person"));
    if (before && before !== person) await settled(posts.clear());
    await settled(owner.put(person, "person"));
  }

  async function post({ path, kind, fields, person }) {
    const body = kind === "photo" ? new FormData() : new URLSearchParams();
    for (const [name, value] of fields) body.append(name, value);
    const address = new URL(path, location.origin);
    address.searchParams.set("person", person);
    return fetch(address, { method: "POST", body });
  }

  // Returns the addresses of what was posted.
  async function sendAll() {
    const posted = [];
    for (const each of await all()) {
      let answer;
      try {
        answer = await post(each);
      } catch {
        return posted; // there is no network still
      }
      const { pathname } = new URL(answer.url);
      if (pathname.startsWith("/contributions/")) {
        posted.push(answer.url);
        await discard(each.attempt);
      } else if (answer.status < 500 && answer.status !== 429) {
        const state = pathname === "/sign-in" ? "signed-out" : "refused";
        const { posts } = await store("readwrite");
        if (await settled(posts.getKey(each.attempt))) await settled(posts.put({ ...each, state }));
      }
    }
    return posted;
  }

  // One at a time, whoever asks: a page and the service worker may, at once.
  const send = () => navigator.locks.request("cococity-waiting", sendAll);
  return { all, belongTo, discard, keep, send };
})();
