// At the door: what is typed narrows the list, Enter notes that the first one shown came, and the page stays.
const narrow = document.getElementById("narrow");
const list = () => document.getElementById("registrations");
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

function narrowed() {
  const wanted = plain(narrow.value.trim());
  for (const each of list().querySelectorAll("[data-name]")) {
    each.hidden = !plain(each.dataset.name).split(/\P{L}+/u).some((_, at, words) => words.slice(at).join(" ").startsWith(wanted));
  }
}

async function note(event) {
  if (!event.target.matches("#registrations form")) return;
  event.preventDefault();
  const { target, submitter } = event;
  const fields = new URLSearchParams(new FormData(target, submitter));
  try {
    const answer = await fetch(target.action, { method: "POST", body: fields });
    const newer = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("registrations");
    if (!newer) throw new Error("another page");
    list().replaceWith(newer);
    const again = document.getElementById(target.parentElement.id)?.querySelector(`[value="${submitter.value}"]`);
    if (narrow.value) {
      narrow.value = "";
      narrow.focus();
    } else (again ?? narrow).focus();
  } catch {
    target.append(Object.assign(document.createElement("input"), { type: "hidden", name: "do", value: submitter.value }));
    target.submit(); // what is wrong is said by the page that comes back
  }
}

document.querySelector("[data-narrow]").hidden = false;
narrow.addEventListener("input", narrowed);
narrow.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !narrow.value.trim()) return;
  list().querySelector("[data-name]:not([hidden]) [value=came]")?.click();
});
addEventListener("submit", note);
