// Keys for what the page offers anyway (data-key), where nobody is typing; a tick turns them off, and that is kept.
const tick = document.querySelector("[data-shortcuts]");
const typed = "input:not([type=checkbox], [type=radio]), select, textarea";

if (tick) {
  tick.checked = localStorage.getItem("shortcuts") !== "off";
  tick.closest(".shortcuts").hidden = false;
  tick.addEventListener("change", () => localStorage.setItem("shortcuts", tick.checked ? "on" : "off"));
  document.addEventListener("keydown", (event) => {
    if (!tick.checked || event.ctrlKey || event.metaKey || event.altKey || event.target.matches(typed)) return;
    const found = [...document.querySelectorAll("[data-key]")].find((each) => each.dataset.key === event.key);
    if (!found) return;
    event.preventDefault();
    if (found.matches(typed)) found.focus();
    else found.click();
  });
}
