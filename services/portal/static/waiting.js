// What somebody sent without network: kept in this browser, by the key of its attempt, until it was posted or
// they discard it. Shared by pages and the service worker; signing out empties it (Clear-Site-Data).
self.waiting = (() => {
  const REMEMBERED = 23 * 60 * 60 * 1000; // chassis/idempotency.py forgets the key of an attempt an hour later

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

  const whose = async () => settled((await store("readonly")).owner.get("person"));

  // Sent before, perhaps with success, and too long ago for its key: only its writer knows whether to send it again.
  const isOld = ({ tried }) => Boolean(tried) && Date.now() - tried > REMEMBERED;

  // When an attempt begins that may arrive although no answer does; null without network.
  const tryNow = () => (navigator.onLine ? Date.now() : null);

  // A form as it was sent: its own key, so that it is posted once however often it goes out. `tried` is when that
  // was first, null for never. False where nobody knows whose it is: then it is not kept.
  async function keep(address, fields, tried) {
    const values = new Map(fields);
    const attempt = values.get("attempt") ?? address.searchParams.get("attempt");
    const { posts, owner } = await store("readwrite");
    const person = await settled(owner.get("person"));
    if (!person) return false;
    const kind = address.pathname.endsWith("/photo") ? "photo" : "review";
    const said = values.get(kind === "photo" ? "alt" : "text") ?? "";
    const path = address.pathname + address.search;
    await settled(posts.put({ attempt, path, kind, said, fields, person, tried, at: Date.now(), state: "waiting" }));
    return true;
  }

  // Whose pages these are. What waits of anybody else goes.
  async function belongTo(person) {
    const { posts, owner } = await store("readwrite");
    for (const each of await settled(posts.getAll())) if (each.person !== person) posts.delete(each.attempt);
    await settled(owner.put(person, "person"));
  }

  // Somebody is about to sign in: whose pages come next is not known.
  const belongToNobody = async () => settled((await store("readwrite")).owner.delete("person"));

  async function note(attempt, what) {
    const { posts } = await store("readwrite");
    const each = await settled(posts.get(attempt)); // none where it was discarded meanwhile
    if (each) await settled(posts.put({ ...each, ...what }));
  }
  const sendAgain = (attempt) => note(attempt, { tried: null, state: "waiting" });

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
      if (isOld(each)) continue;
      let answer;
      try {
        await note(each.attempt, { tried: each.tried ?? tryNow() });
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
        await note(each.attempt, { state });
      }
    }
    return posted;
  }

  // One at a time, whoever asks: a page and the service worker may, at once.
  const send = () => navigator.locks.request("cococity-waiting", sendAll);
  return { all, belongTo, belongToNobody, discard, isOld, keep, send, sendAgain, tryNow, whose };
})();
