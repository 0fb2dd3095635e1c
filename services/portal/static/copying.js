// Copies an address, and hands it to what the device shares with; where neither can be, nothing is offered.
for (const buttons of document.querySelectorAll("[data-copy]")) {
  const address = document.getElementById(buttons.dataset.copy).textContent.trim();
  const [copy, share] = buttons.querySelectorAll("button");
  if (navigator.clipboard) {
    copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(address);
      copy.textContent = copy.dataset.done;
    });
  } else {
    copy.hidden = true;
  }
  if (share && navigator.share) {
    share.hidden = false;
    share.addEventListener("click", () => navigator.share({ title: share.dataset.share, url: address }).catch(() => {}));
  }
  buttons.hidden = false;
}
