// The tools stand where the caret is: marks above words that are selected, blocks beside an empty line, rows and columns at a
// table. On a phone they stand above the keyboard. Alt-F10 goes into them, Escape back to the text.
import {Plugin, NodeSelection} from "prosemirror-state";
import {addRowAfter, addColumnAfter, deleteRow, deleteColumn, toggleHeaderRow} from "prosemirror-tables";
import {commands, within, remove, put} from "./commands.js";
import {schema} from "./schema.js";
import {t, el} from "./words.js";

const {nodes, marks} = schema;

// groups are what is offered, by where the caret is: [key of the word, command, whether it is on].
function groups(state, acts) {
  const s = state.selection, mark = name => ({on: st => active(st, marks[name])});
  if (within(state, "figure")) return [["describe", acts.describe, {on: st => Boolean(within(st, "figure")?.node.attrs.alt)}], ["drop-picture", remove("figure")]];
  if (s instanceof NodeSelection) return s.node.type === nodes.footnote ? [["note", acts.note]] : s.node.isBlock ? [["remove", st => (acts.view.dispatch(st.tr.deleteSelection()), true)]] : [];
  if (!s.empty) return [["bold", commands.bold, mark("strong")], ["italic", commands.italic, mark("em")], ["link", acts.link, mark("link")], ["comment", acts.comment],
    ["heading", commands.heading, block("heading", 2)], ["subheading", commands.subheading, block("heading", 3)], ["quote", commands.quote, block("blockquote")], ["pull", commands.pull, block("pullquote")],
    ["list", commands.list, block("bullet_list")], ["numbers", commands.numbers, block("ordered_list")], ["sup", commands.sup, mark("sup")], ["sub", commands.sub, mark("sub")], ["code", commands.code, mark("code")]];
  if (within(state, "table")) return [["row", addRowAfter], ["column", addColumnAfter], ["drop-row", deleteRow], ["drop-column", deleteColumn],
    ["heads", toggleHeaderRow], ["note", acts.note], ["drop-table", remove("table_block")]];
  if (!s.$from.parent.content.size && s.$from.parent.type === nodes.paragraph) {
    if (within(state, "list_item")) return [["indent", commands.indent], ["outdent", commands.outdent]];
    return [["heading", commands.heading], ["subheading", commands.subheading], ["list", commands.list], ["numbers", commands.numbers], ["quote", commands.quote],
      ["pull", commands.pull], ["picture", acts.picture], ["table", acts.table], ["card", acts.card], ["cut", put(nodes.cut.create())], ["rule", put(nodes.horizontal_rule.create())]];
  }
  if (active(state, marks.link)) return [["link", acts.link, mark("link")], ["note", acts.note]];
  if (within(state, "heading")) return [["heading", commands.heading, block("heading", 2)], ["subheading", commands.subheading, block("heading", 3)], ["minor", commands.minor, block("heading", 4)], ["plain", commands.plain]];
  return s.$from.parent.type === nodes.credit || s.$from.parent.type.spec.code ? [] : [["note", acts.note], ["link", acts.link]];
}

const block = (name, level) => ({on: state => { const b = within(state, name); return Boolean(b && (!level || b.node.attrs.level === level)); }});

function active(state, type) {
  const {from, to, $from, empty} = state.selection;
  return empty ? Boolean(type.isInSet(state.storedMarks || $from.marks())) : state.doc.rangeHasMark(from, to, type);
}

export const tools = acts => new Plugin({view: view => new Tools(view, acts), props: {handleKeyDown(view, event) {
  if (event.altKey && event.key === "F10") { acts.tools.enter(); return true; }
  return false;
}}});

class Tools {
  constructor(view, acts) {
    this.view = view;
    this.acts = acts;
    acts.tools = this;
    this.bar = el("div", {class: "tools", role: "toolbar", "aria-label": t("tools"), hidden: true, onkeydown: e => this.key(e), onmousedown: e => e.preventDefault()});
    view.dom.parentNode.append(this.bar);
    this.onFocus = () => setTimeout(() => this.update(view));
    view.dom.addEventListener("focus", this.onFocus);
    view.dom.addEventListener("blur", this.onFocus);
    addEventListener("resize", this.onFocus);
    this.update(view);
  }

  destroy() { this.bar.remove(); removeEventListener("resize", this.onFocus); }

  update(view) {
    const list = view.editable ? groups(view.state, this.acts) : [];
    const shown = list.length && (view.hasFocus() || this.bar.contains(document.activeElement));
    this.bar.hidden = !shown;
    if (!shown) return;
    const keys = list.map(([key]) => key).join();
    if (keys !== this.keys) {
      this.keys = keys;
      this.bar.replaceChildren(...list.map(([key], i) => el("button", {type: "button", "data-key": key, tabindex: i ? -1 : 0, onclick: () => this.run(i)}, t(key))));
    }
    this.list = list;
    list.forEach(([, , is], i) => {
      if (is?.on) this.bar.children[i].setAttribute("aria-pressed", is.on(view.state));
    });
    this.place(view);
  }

  run(i) {
    const [, command] = this.list[i];
    const back = this.view.hasFocus() || this.bar.contains(document.activeElement);
    command(this.view.state, this.view.dispatch, this.view);
    if (back && !document.querySelector("dialog[open]")) this.view.focus();
  }

  // place sets the bar above the caret, or below it where there is no room above.
  place(view) {
    if (matchMedia("(max-width: 40rem)").matches) { this.bar.style.cssText = ""; return; }
    const {from, to} = view.state.selection, box = this.bar.offsetParent?.getBoundingClientRect();
    if (!box) return;
    const a = view.coordsAtPos(from), b = view.coordsAtPos(to), high = this.bar.offsetHeight, wide = this.bar.offsetWidth;
    let top = Math.min(a.top, b.top) - high - 8;
    if (top < 56) top = Math.max(a.bottom, b.bottom) + 8;
    const left = Math.max(0, Math.min((a.left + (from === to ? a.left : b.left)) / 2 - wide / 2, box.right - wide) - box.left);
    this.bar.style.translate = `${Math.min(left, Math.max(0, box.width - wide))}px ${top - box.top}px`; // moves nothing else
  }

  enter() { if (!this.bar.hidden) (this.bar.querySelector("[tabindex='0']") || this.bar.firstChild).focus(); }

  key(e) {
    const all = [...this.bar.children], i = all.indexOf(document.activeElement);
    const to = {ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: all.length - 1}[e.key];
    if (to !== undefined) { all.forEach(b => { b.tabIndex = -1; }); const b = all[(to + all.length) % all.length]; b.tabIndex = 0; b.focus(); e.preventDefault(); }
    if (e.key === "Escape") { this.view.focus(); e.preventDefault(); }
  }
}
