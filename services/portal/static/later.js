// A review that is sent while there is no network stays in this browser, and goes out once there is one. Its
// form carries the key of the attempt: however often it is sent, it is posted once.
const KEPT = "cococity-kept";
const place = document.querySelector("[data-later]");
const form = place.querySelector("form");

const kept = () => JSON.parse(localStorage.getItem(KEPT) ?? "[]");
const keep = (posts) => localStorage.setItem(KEPT, JSON.stringify(posts));
const say = (name) => {
  for (const each of place.querySelectorAll("[data-said]")) each.hidden = each.dataset.said !== name;
};

// Where it led, or null where nobody was reached.
async function sent({ action, fields }) {
  try {
    return await fetch(action, { method: "POST", body: new URLSearchParams(fields) });
  } catch {
    return null;
  }
}

async function sendKept() {
  for (const post of kept()) {
    const answer = await sent(post);
    if (!answer) return;
    const isPosted = new URL(answer.url).pathname.startsWith("/contributions/");
    // Whoever has to sign in first, or to mend something, finds it here again.
    if (!isPosted && answer.redirected) return;
    keep(kept().filter((other) => other.action !== post.action));
    if (isPosted) {
      place.querySelector("[data-said=sent] a").href = answer.url;
      say("sent");
    }
  }
}

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const post = { action: form.action, fields: [...new FormData(form)] };
  const answer = await sent(post);
  if (!answer) {
    keep([...kept().filter((other) => other.action !== post.action), post]);
    say("kept");
  } else if (answer.redirected) {
    location.assign(answer.url);
  } else {
    form.submit(); // what is to be mended is said by the page that comes back
  }
});
addEventListener("online", sendKept);
sendKept();
