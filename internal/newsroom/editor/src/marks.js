// What is shown over the text and is no part of it: hints where something is empty, passages that were commented, what was found.
import {Plugin, PluginKey} from "prosemirror-state";
import {Decoration, DecorationSet} from "prosemirror-view";
import {t} from "./words.js";

// hints says what goes where nothing is yet.
export const hints = () => new Plugin({props: {decorations(state) {
  const out = [], hint = {caption: t("caption"), credit: t("credit"), table_caption: t("table-caption")};
  state.doc.descendants((n, pos) => {
    if (hint[n.type.name] && !n.content.size) out.push(Decoration.node(pos, pos + n.nodeSize, {class: "empty", "data-hint": hint[n.type.name]}));
    return !n.isTextblock;
  });
  const only = state.doc.firstChild;
  if (state.doc.childCount === 1 && only.type.name === "paragraph" && !only.content.size)
    out.push(Decoration.node(0, only.nodeSize, {class: "empty", "data-hint": t("begin")}));
  return DecorationSet.create(state.doc, out);
}}});

// layer is a plugin with decorations that are set from outside and move with the text.
function layer(name, make) {
  const key = new PluginKey(name);
  const plugin = () => new Plugin({key, state: {
    init: () => ({set: DecorationSet.empty, data: null}),
    apply(tr, old, _, state) {
      const meta = tr.getMeta(key);
      if (meta) return {set: DecorationSet.create(state.doc, make(state.doc, meta)), data: meta};
      return tr.docChanged ? {set: old.set.map(tr.mapping, tr.doc), data: old.data} : old;
    },
  }, props: {decorations: state => key.getState(state).set}});
  return {key, plugin};
}

// comments are passages with the id of a thread.
export const comments = layer("comments", (doc, list) => list.map(c => Decoration.inline(c.from, c.to, {class: "commented", "data-thread": c.id}, {thread: c.id})));

// found are the places that a search found; the one that is looked at stands out.
export const found = layer("found", (doc, f) => f.places.map((p, i) => Decoration.inline(p.from, p.to, {class: i === f.at ? "found here" : "found"})));

// flat is the text of a document with the position of every character.
export function flat(doc) {
  let text = "", at = [];
  doc.descendants((n, pos) => {
    if (n.isText) { for (let i = 0; i < n.text.length; i++) at.push(pos + i); text += n.text; }
    else if (n.isBlock && text && !text.endsWith("\n")) { text += "\n"; at.push(pos); }
    else if (n.type.name === "hard_break") { text += " "; at.push(pos); }
    return n.type.name !== "footnote";
  });
  return {text, at};
}

const loose = s => s.replace(/\s+/g, " ").trim();

// passage says which words are selected and what stands around them.
export function passage(doc, from, to) {
  const f = flat(doc), i = f.at.findIndex(p => p >= from);
  let j = f.at.findIndex(p => p >= to);
  if (j < 0) j = f.at.length;
  return {quote: loose(f.text.slice(i, j)).slice(0, 1500), before: loose(f.text.slice(Math.max(0, i - 60), i)), after: loose(f.text.slice(j, j + 60))};
}

// find finds a passage again: its words, where most of what stood around them stands.
export function find(doc, p) {
  if (!p.quote) return null;
  const f = flat(doc), words = p.quote.split(" ").map(w => w.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("\\s+");
  let best = null, most = -1;
  for (const m of f.text.matchAll(new RegExp(words, "g"))) {
    const before = loose(f.text.slice(Math.max(0, m.index - 60), m.index)), after = loose(f.text.slice(m.index + m[0].length, m.index + m[0].length + 60));
    const score = common(before, p.before, true) + common(after, p.after, false);
    if (score > most) { most = score; best = {from: f.at[m.index], to: f.at[m.index + m[0].length - 1] + 1}; }
  }
  return best;
}

function common(a, b, fromEnd) {
  let n = 0;
  while (n < a.length && n < b.length && a.at(fromEnd ? -1 - n : n) === b.at(fromEnd ? -1 - n : n)) n++;
  return n;
}
