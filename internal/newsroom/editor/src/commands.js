// What can be done to a text.
import {toggleMark, setBlockType, wrapIn, lift, chainCommands, exitCode, baseKeymap} from "prosemirror-commands";
import {wrapInList, splitListItem, liftListItem, sinkListItem} from "prosemirror-schema-list";
import {undo, redo} from "prosemirror-history";
import {undoInputRule, inputRules, wrappingInputRule, textblockTypeInputRule, InputRule, smartQuotes, emDash, ellipsis} from "prosemirror-inputrules";
import {goToNextCell} from "prosemirror-tables";
import {Selection, TextSelection, NodeSelection} from "prosemirror-state";
import {Fragment} from "prosemirror-model";
import {schema} from "./schema.js";

const {nodes, marks} = schema;

// within reports the node of a type that the selection is in, with its position.
export function within(state, name) {
  const {$from} = state.selection;
  if (state.selection instanceof NodeSelection && state.selection.node.type.name === name) return {node: state.selection.node, pos: $from.pos};
  for (let d = $from.depth; d > 0; d--) if ($from.node(d).type.name === name) return {node: $from.node(d), pos: $from.before(d)};
  return null;
}

// put sets blocks in place of the empty paragraph the caret is in, or after the block it is in.
export const put = (...made) => (state, dispatch) => {
  const {$from} = state.selection;
  if (!dispatch) return true;
  const depth = $from.depth || 1, empty = $from.parent.type === nodes.paragraph && !$from.parent.content.size;
  const from = $from.depth ? (empty ? $from.before() : $from.after(Math.min(depth, 1))) : state.selection.to;
  const to = empty && $from.depth ? $from.after() : from;
  const last = made.at(-1), after = state.doc.resolve(to).nodeAfter || last.isTextblock ? [] : [nodes.paragraph.create()];
  const tr = state.tr.replaceWith(from, to, Fragment.from([...made, ...after]));
  dispatch(tr.setSelection(Selection.near(tr.doc.resolve(from + 1), 1)).scrollIntoView());
  return true;
};

const cell = (type, words) => type.createAndFill(null, nodes.paragraph.create(null, words ? schema.text(words) : null));
export const newTable = () => nodes.table_block.create(null, [nodes.table_caption.create(), nodes.table.create(null, [
  nodes.table_row.create(null, [0, 1, 2].map(() => cell(nodes.table_header))),
  ...[0, 1].map(() => nodes.table_row.create(null, [0, 1, 2].map(() => cell(nodes.table_cell))))])]);

export const newFigure = attrs => nodes.figure.create(attrs, [nodes.caption.create(), nodes.credit.create()]);

// remove takes out the block of a type that the selection is in.
export const remove = name => (state, dispatch) => {
  const found = within(state, name);
  if (found && dispatch) dispatch(state.tr.delete(found.pos, found.pos + found.node.nodeSize).scrollIntoView());
  return Boolean(found);
};

// turn makes a heading of the line, or a paragraph when it is that heading already.
export const turn = level => (state, dispatch) => {
  const is = within(state, "heading");
  return is && is.node.attrs.level === level ? setBlockType(nodes.paragraph)(state, dispatch) : setBlockType(nodes.heading, {level})(state, dispatch);
};

const toList = type => (state, dispatch) => within(state, "list_item") ? liftListItem(nodes.list_item)(state, dispatch) : wrapInList(type)(state, dispatch);
const toggleWrap = type => (state, dispatch) => within(state, type.name) ? lift(state, dispatch) : wrapIn(type)(state, dispatch);

export const commands = {
  bold: toggleMark(marks.strong), italic: toggleMark(marks.em), sup: toggleMark(marks.sup), sub: toggleMark(marks.sub), code: toggleMark(marks.code),
  heading: turn(2), subheading: turn(3), minor: turn(4), plain: setBlockType(nodes.paragraph), list: toList(nodes.bullet_list), numbers: toList(nodes.ordered_list),
  quote: toggleWrap(nodes.blockquote), pull: toggleWrap(nodes.pullquote),
  indent: sinkListItem(nodes.list_item), outdent: liftListItem(nodes.list_item),
};

// afterCaption goes from a caption to its credit, and from a credit to the text below.
const afterCaption = (state, dispatch) => {
  const {$from} = state.selection, name = $from.parent.type.name;
  if (!["caption", "credit", "table_caption"].includes(name)) return false;
  if (!dispatch) return true;
  if (name !== "credit") {
    dispatch(state.tr.setSelection(Selection.near(state.doc.resolve($from.after() + 1), 1)).scrollIntoView());
    return true;
  }
  const end = $from.after(-1);
  const tr = state.doc.resolve(end).nodeAfter?.isTextblock ? state.tr : state.tr.insert(end, nodes.paragraph.create());
  dispatch(tr.setSelection(TextSelection.near(tr.doc.resolve(end + 1))).scrollIntoView());
  return true;
};

const lineBreak = chainCommands(exitCode, (state, dispatch) => {
  if (state.selection.$from.parent.type === nodes.credit) return true;
  dispatch?.(state.tr.replaceSelectionWith(nodes.hard_break.create()).scrollIntoView());
  return true;
});

// keys of the text. What the tools open is added by them.
export const keys = {
  "Mod-z": undo, "Shift-Mod-z": redo, "Mod-y": redo, Backspace: undoInputRule, "Mod-b": commands.bold, "Mod-i": commands.italic, "Mod-`": commands.code,
  "Mod-.": commands.sup, "Mod-,": commands.sub, "Mod-Alt-2": commands.heading, "Mod-Alt-3": commands.subheading, "Mod-Alt-4": commands.minor,
  "Mod-Alt-0": commands.plain, "Mod-Shift-8": commands.list, "Mod-Shift-7": commands.numbers, "Mod-Shift-9": commands.quote,
  Enter: chainCommands(afterCaption, splitListItem(nodes.list_item)), "Shift-Enter": lineBreak, "Mod-Enter": lineBreak,
  Tab: chainCommands(goToNextCell(1), sinkListItem(nodes.list_item)), "Shift-Tab": chainCommands(goToNextCell(-1), liftListItem(nodes.list_item)),
};
export {baseKeymap};

// marked sets a mark on what was typed between signs.
const marked = (pattern, type) => new InputRule(pattern, (state, match, start, end) => {
  const lead = match[0].length - match[0].trimStart().length && match[1] !== undefined ? match[0].indexOf(match[0].trim()) : 0;
  const words = match.at(-1), tr = state.tr, $start = state.doc.resolve(start);
  if ($start.parent.type.spec.code || $start.parent.type.spec.marks === "") return null;
  tr.replaceWith(start + lead, end, schema.text(words, [...$start.marks(), type.create()]));
  return tr.removeStoredMark(type);
});

// shortcuts are those of Markdown.
export const shortcuts = () => inputRules({rules: [
  ...smartQuotes, ellipsis, emDash,
  textblockTypeInputRule(/^(#{1,4})\s$/, nodes.heading, m => ({level: Math.max(2, m[1].length)})),
  textblockTypeInputRule(/^```$/, nodes.code_block),
  wrappingInputRule(/^\s*([-*])\s$/, nodes.bullet_list),
  wrappingInputRule(/^(\d{1,4})\.\s$/, nodes.ordered_list, m => ({order: +m[1]}), (m, n) => n.childCount + n.attrs.order === +m[1]),
  wrappingInputRule(/^\s*>\s$/, nodes.blockquote),
  marked(/(?:^|\s)\*\*([^*\s](?:[^*]*[^*\s])?)\*\*$/, marks.strong),
  marked(/(?:^|\s)\*([^*\s](?:[^*]*[^*\s])?)\*$/, marks.em),
  marked(/(?:^|\s)_([^_\s](?:[^_]*[^_\s])?)_$/, marks.em),
  marked(/(?:^|\s)`([^`]+)`$/, marks.code),
  new InputRule(/\[([^\]]+)\]\(((?:https?:\/\/|mailto:|\/)[^\s)]+)\)$/, (state, m, start, end) =>
    state.tr.replaceWith(start, end, schema.text(m[1], [marks.link.create({href: m[2]})])).removeStoredMark(marks.link)),
  new InputRule(/^(?:\*\*\*|___|—-|---)$/, (state, m, start, end) => {
    const $start = state.doc.resolve(start);
    if ($start.depth !== 1) return null;
    return state.tr.replaceWith($start.before(), $start.after(), [nodes.horizontal_rule.create(), nodes.paragraph.create()])
      .setSelection(TextSelection.near(state.doc.resolve(start)));
  }),
]});
