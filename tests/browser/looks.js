// What a person would see to be wrong with a page: words cut off, things on top of each other, things too small
// to hit, and nothing to tell where the keyboard is. Gives a list of sentences.
() => {
  const LEAST_TARGET = 24; // CSS pixels: WCAG 2.2, 2.5.8
  const wrong = [];
  const named = (element) => `<${element.tagName.toLowerCase()} class="${element.className}"> "${
    (element.innerText || element.value || element.getAttribute("aria-label") || "").trim().slice(0, 40)}"`;
  const isShown = (element) => {
    const box = element.getBoundingClientRect(), style = getComputedStyle(element);
    return box.width > 1 && box.height > 1 && style.visibility === "visible" && element.checkVisibility();
  };
  const hasWords = (element) => [...element.childNodes].some(
    (each) => each.nodeType === Node.TEXT_NODE && each.data.trim());

  for (const element of document.body.querySelectorAll("*")) {
    if (!hasWords(element) || !isShown(element)) continue;
    const style = getComputedStyle(element);
    const isCut = (flow, whole, seen) => ["hidden", "clip"].includes(flow) && whole > seen + 1;
    if (isCut(style.overflowX, element.scrollWidth, element.clientWidth)
      || isCut(style.overflowY, element.scrollHeight, element.clientHeight)) wrong.push(`cut off: ${named(element)}`);
  }

  const hit = [...document.querySelectorAll("button, select, textarea, summary, input:not([type=hidden]), nav a, a.button")]
    .filter(isShown);
  for (const element of hit) {
    // A box to tick is hit by its label, too.
    const box = [element, ...(element.labels ?? [])].map((each) => each.getBoundingClientRect());
    const widest = Math.max(...box.map((each) => each.width)), highest = Math.max(...box.map((each) => each.height));
    if (widest < LEAST_TARGET || highest < LEAST_TARGET) wrong.push(`too small to hit: ${named(element)}`);
  }
  hit.forEach((one, place) => hit.slice(place + 1).forEach((other) => {
    if (one.contains(other) || other.contains(one)) return;
    const a = one.getBoundingClientRect(), b = other.getBoundingClientRect();
    const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (wide > 2 && high > 2) wrong.push(`on top of each other: ${named(one)} and ${named(other)}`);
  }));

  for (const element of hit.filter((each) => !each.disabled)) {
    element.focus({ preventScroll: true });
    const style = getComputedStyle(element);
    const isMarked = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    if (document.activeElement === element && !isMarked && style.boxShadow === "none") {
      wrong.push(`no sign of the keyboard: ${named(element)}`);
    }
  }
  document.activeElement.blur();
  return wrong;
}
