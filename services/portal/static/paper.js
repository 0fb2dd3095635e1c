// Forms on paper, entered by number keys alone. In a hall without signal they stay in this browser, and go out
// once there is some: each carries the key of its attempt, so however often it is sent, it is entered once.
const place = document.querySelector("[data-paper]");
const KEPT = `cococity-paper-${place.dataset.paper}`;
const shown = () => place.querySelector("#paper");
const form = () => shown().querySelector("form");
const numbers = () => [...form().querySelectorAll(".numbered input")];

// Each is its `fields`, and when it was first `tried` (null: never). An older one is its fields alone.
const kept = () =>
  JSON.parse(localStorage.getItem(KEPT) ?? "[]").map((each) => (Array.isArray(each) ? { fields: each, tried: 1 } : each));
const REMEMBERED = 23 * 60 * 60 * 1000; // chassis/idempotency.py forgets the key of an attempt an hour later
const isOld = ({ tried }) => Boolean(tried) && Date.now() - tried > REMEMBERED;
const keyOf = ({ fields }) => new Map(fields).get("attempt");
const tryNow = () => (navigator.onLine ? Date.now() : null); // it may arrive although no answer does
const others = (form) => kept().filter((each) => keyOf(each) !== keyOf(form));

function keep(forms) {
  localStorage.setItem(KEPT, JSON.stringify(forms));
  const old = forms.filter(isOld);
  const note = place.querySelector("[data-kept]");
  note.hidden = forms.length === old.length;
  note.querySelector("[data-count]").textContent = forms.length - old.length;
  const asked = place.querySelector("[data-old]");
  asked.hidden = old.length === 0;
  asked.querySelector("ul").replaceChildren(...old.map(question));
}

// It may have been entered already, too long ago to tell: the consultant says what becomes of it.
function question(form) {
  const shown = place.querySelector("[data-old] template").content.cloneNode(true);
  const typed = form.fields.filter(([name]) => numbers().some((each) => each.name === name)).map(([, value]) => value || "–");
  shown.querySelector("[data-typed]").textContent = `${new Map(form.fields).get("at")}: ${typed.join(" · ")}`;
  shown.querySelector("[data-again]").addEventListener("click", () => {
    keep([...others(form), { ...form, tried: null }]);
    return sendKept();
  });
  shown.querySelector("[data-discard]").addEventListener("click", () => keep(others(form)));
  return shown;
}

// The page that came back, or null where nobody was reached, or somebody has to sign in again first.
async function sent(fields) {
  try {
    const answer = await fetch(location.pathname + location.search, { method: "POST", body: new URLSearchParams(fields) });
    const isHere = new URL(answer.url).pathname === location.pathname;
    return isHere && (answer.ok || answer.status === 422) ? { isEntered: answer.ok, html: await answer.text() } : null;
  } catch {
    return null;
  }
}

function show(html) {
  const newer = new DOMParser().parseFromString(html, "text/html").getElementById("paper");
  shown().replaceWith(newer);
  begin();
  (newer.querySelector("[role=alert]") ?? newer.querySelector("select")).focus();
}

function empty() {
  for (const each of numbers()) each.value = "";
  for (const each of form().querySelectorAll("select")) each.selectedIndex = 0;
  form().elements.attempt.value = crypto.randomUUID();
  form().querySelector("select").focus();
}

async function sendKept() {
  const isUntouched = () => numbers().every((each) => each.value === "");
  for (const form of kept()) {
    if (isOld(form)) continue;
    const tried = form.tried ?? tryNow();
    keep(kept().map((each) => (keyOf(each) === keyOf(form) ? { ...each, tried } : each)));
    const answer = await sent(form.fields);
    if (!answer) return;
    if (!answer.isEntered && !isUntouched()) return; // what is to be mended waits until the form is free
    keep(others(form));
    if (isUntouched()) show(answer.html);
    if (!answer.isEntered) return;
  }
}

async function enter(event) {
  event.preventDefault();
  const fields = [...new FormData(form())];
  const tried = tryNow();
  const answer = await sent(fields);
  if (answer) show(answer.html);
  else {
    keep([...kept(), { fields, tried }]);
    empty();
  }
  if (answer) await sendKept();
}

function onward(input) {
  const all = numbers();
  const next = all[all.indexOf(input) + 1];
  if (next) next.focus();
  return Boolean(next);
}

function begin() {
  shown().querySelector("[data-keys]").hidden = false;
  form().addEventListener("submit", enter);
  for (const input of numbers()) {
    input.addEventListener("input", () => {
      const most = Number(input.dataset.digit ?? 0);
      if (input.value.length === 1 && input.value >= "1" && Number(input.value) <= most) onward(input);
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && onward(input)) event.preventDefault();
    });
  }
}

begin();
keep(kept());
addEventListener("online", sendKept);
setInterval(() => {
  if (!kept().length) return;
  keep(kept()); // one may have grown old meanwhile
  sendKept();
}, 20_000);
sendKept();
