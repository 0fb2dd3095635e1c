// Forms on paper, entered by number keys alone. In a hall without signal they stay in this browser, and go out
// once there is some: each carries the key of its attempt, so however often it is sent, it is entered once.
const place = document.querySelector("[data-paper]");
const KEPT = `cococity-paper-${place.dataset.paper}`;
const shown = () => place.querySelector("#paper");
const form = () => shown().querySelector("form");
const numbers = () => [...form().querySelectorAll(".numbered input")];

const kept = () => JSON.parse(localStorage.getItem(KEPT) ?? "[]");
function keep(forms) {
  localStorage.setItem(KEPT, JSON.stringify(forms));
  const note = place.querySelector("[data-kept]");
  note.hidden = forms.length === 0;
  note.querySelector("[data-count]").textContent = forms.length;
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
  for (const fields of kept()) {
    const answer = await sent(fields);
    if (!answer) return;
    if (!answer.isEntered && !isUntouched()) return; // what is to be mended waits until the form is free
    keep(kept().filter((other) => JSON.stringify(other) !== JSON.stringify(fields)));
    if (isUntouched()) show(answer.html);
    if (!answer.isEntered) return;
  }
}

async function enter(event) {
  event.preventDefault();
  const fields = [...new FormData(form())];
  const answer = await sent(fields);
  if (answer) show(answer.html);
  else {
    keep([...kept(), fields]);
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
setInterval(() => kept().length && sendKept(), 20_000);
sendKept();
