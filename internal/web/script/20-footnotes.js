// Footnotes open where they are called, under the paragraph, and close by the same link or by Escape. Without scripts
// the link leads to the note at the end, as it does when the note cannot be found.
{
  const refs = ".prose a[role=doc-noteref]";
  const open = new Map(); // link → the note shown

  const noteOf = ref => document.getElementById(decodeURIComponent(ref.hash.slice(1)));

  const show = (ref, note) => {
    const aside = document.createElement("aside");
    aside.className = "note";
    aside.id = "open-" + note.id;
    aside.setAttribute("role", "note");
    aside.append(...note.cloneNode(true).childNodes);
    for (const back of aside.querySelectorAll("[role=doc-backlink]")) back.remove();
    const number = document.createElement("span");
    number.className = "number";
    number.textContent = ref.textContent;
    (aside.querySelector("p") || aside).prepend(number, " ");

    let block = ref.closest(".table, figure") || ref.closest("p, h2, h3, h4, pre, li, blockquote");
    if (block.matches("li, blockquote")) {
      block.append(aside);
    } else {
      while (block.nextElementSibling?.matches(".note")) block = block.nextElementSibling;
      block.after(aside);
    }
    open.set(ref, aside);
    ref.setAttribute("aria-expanded", "true");
    ref.setAttribute("aria-controls", aside.id);
  };

  const hide = ref => {
    open.get(ref).remove();
    open.delete(ref);
    ref.setAttribute("aria-expanded", "false");
    ref.removeAttribute("aria-controls");
  };

  for (const ref of document.querySelectorAll(refs)) if (noteOf(ref)) ref.setAttribute("aria-expanded", "false");

  document.addEventListener("click", event => {
    const ref = event.target.closest?.(refs);
    if (!ref || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const note = noteOf(ref);
    if (!note) return;
    event.preventDefault();
    open.has(ref) ? hide(ref) : show(ref, note);
  });

  document.addEventListener("keydown", event => {
    if (event.key !== "Escape") return;
    for (const [ref, aside] of open) {
      if (event.target !== ref && !aside.contains(event.target)) continue;
      hide(ref);
      ref.focus();
    }
  });
}
