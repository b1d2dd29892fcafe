// What documents are made of: the browser's half of package internal/library/document, which refuses anything else.
import {Schema} from "prosemirror-model";
import {t} from "./words.js";

const lang = dom => dom.getAttribute("lang") || "";
const withLang = attrs => attrs.lang ? {lang: attrs.lang} : {};
const number = (dom, name) => parseInt(dom.getAttribute(name), 10) || 0;

const cell = (tag, more = {}) => ({
  content: "block+", isolating: true, tableRole: tag === "th" ? "header_cell" : "cell",
  attrs: {colspan: {default: 1}, rowspan: {default: 1}, colwidth: {default: null}, align: {default: ""}, ...more},
  parseDOM: [{tag, getAttrs: dom => ({colspan: number(dom, "colspan") || 1, rowspan: number(dom, "rowspan") || 1,
    align: ["right", "center"].find(a => dom.classList.contains(a) || dom.getAttribute("align") === a) || "",
    ...(more.scope ? {scope: dom.getAttribute("scope") || ""} : {})})}],
  toDOM: n => [tag, {...(n.attrs.colspan > 1 ? {colspan: n.attrs.colspan} : {}), ...(n.attrs.rowspan > 1 ? {rowspan: n.attrs.rowspan} : {}),
    ...(n.attrs.align ? {class: n.attrs.align} : {})}, 0],
});

export const schema = new Schema({
  nodes: {
    doc: {content: "block+"},
    paragraph: {content: "inline*", group: "block", attrs: {lang: {default: ""}},
      parseDOM: [{tag: "p", getAttrs: dom => ({lang: lang(dom)})}], toDOM: n => ["p", withLang(n.attrs), 0]},
    heading: {content: "inline*", group: "block", defining: true, attrs: {level: {default: 2}},
      parseDOM: [1, 2, 3, 4, 5, 6].map(i => ({tag: `h${i}`, attrs: {level: Math.max(2, Math.min(4, i))}})),
      toDOM: n => [`h${n.attrs.level}`, 0]},
    bullet_list: {content: "list_item+", group: "block", attrs: {tight: {default: true}}, parseDOM: [{tag: "ul"}], toDOM: () => ["ul", 0]},
    ordered_list: {content: "list_item+", group: "block", attrs: {tight: {default: true}, order: {default: 1}},
      parseDOM: [{tag: "ol", getAttrs: dom => ({order: number(dom, "start") || 1})}],
      toDOM: n => ["ol", n.attrs.order > 1 ? {start: n.attrs.order} : {}, 0]},
    list_item: {content: "paragraph block*", defining: true, parseDOM: [{tag: "li"}], toDOM: () => ["li", 0]},
    blockquote: {content: "block+", group: "block", defining: true, attrs: {lang: {default: ""}},
      parseDOM: [{tag: "blockquote", getAttrs: dom => ({lang: lang(dom)})}], toDOM: n => ["blockquote", withLang(n.attrs), 0]},
    pullquote: {content: "paragraph+", group: "block", defining: true, parseDOM: [{tag: "aside.pullquote"}],
      toDOM: () => ["aside", {class: "pullquote"}, 0]},
    code_block: {content: "text*", group: "block", marks: "", code: true, defining: true,
      parseDOM: [{tag: "pre", preserveWhitespace: "full"}], toDOM: () => ["pre", ["code", 0]]},
    table_block: {content: "table_caption table", group: "block", isolating: true, parseDOM: [{tag: "div.table"}], toDOM: () => ["div", {class: "table"}, 0]},
    table_caption: {content: "inline*", parseDOM: [{tag: "div.table-caption"}], toDOM: () => ["div", {class: "table-caption"}, 0]},
    table: {content: "table_row+", tableRole: "table", isolating: true, parseDOM: [{tag: "table"}], toDOM: () => ["table", ["tbody", 0]]},
    table_row: {content: "(table_cell | table_header)*", tableRole: "row", parseDOM: [{tag: "tr"}], toDOM: () => ["tr", 0]},
    table_cell: cell("td"),
    table_header: cell("th", {scope: {default: ""}}),
    figure: {content: "caption credit", group: "block", isolating: true, draggable: true,
      attrs: {src: {}, alt: {default: ""}, width: {default: 0}, height: {default: 0}},
      parseDOM: [{tag: "figure", getAttrs: dom => {
        const img = dom.querySelector("img[src^='/media/']");
        return img ? {src: img.getAttribute("src"), alt: img.getAttribute("alt") || "", width: number(img, "width"), height: number(img, "height")} : false;
      }, contentElement: "figcaption"}],
      toDOM: n => ["figure", ["img", {src: n.attrs.src, alt: n.attrs.alt, ...(n.attrs.width ? {width: n.attrs.width, height: n.attrs.height} : {})}], ["figcaption", 0]]},
    caption: {content: "inline*", parseDOM: [{tag: "div.caption"}], toDOM: () => ["div", {class: "caption"}, 0]},
    credit: {content: "text*", marks: "", parseDOM: [{tag: "div.credit"}], toDOM: () => ["div", {class: "credit"}, 0]},
    card: {group: "block", atom: true, attrs: {href: {}, title: {default: ""}, description: {default: ""}, site: {default: ""}},
      parseDOM: [{tag: "aside.card[data-href]", getAttrs: dom => ({href: dom.dataset.href, title: dom.dataset.title || "",
        description: dom.dataset.description || "", site: dom.dataset.site || ""})}],
      toDOM: n => ["aside", {class: "card", "data-href": n.attrs.href, "data-title": n.attrs.title, "data-description": n.attrs.description, "data-site": n.attrs.site},
        ["p", ["span", {class: "card-title"}, n.attrs.title || n.attrs.href]],
        ...(n.attrs.description ? [["p", n.attrs.description]] : []), ...(n.attrs.site ? [["p", ["em", n.attrs.site]]] : [])]},
    horizontal_rule: {group: "block", parseDOM: [{tag: "hr"}], toDOM: () => ["hr"]},
    cut: {group: "block", atom: true, parseDOM: [{tag: "div.cut-line"}], toDOM: () => ["div", {class: "cut-line", "data-words": t("cut-line")}]},
    text: {group: "inline"},
    hard_break: {inline: true, group: "inline", selectable: false, parseDOM: [{tag: "br"}], toDOM: () => ["br"]},
    footnote: {inline: true, group: "inline", atom: true, content: "(text | hard_break)*",
      parseDOM: [{tag: "span.note-call"}], toDOM: () => ["span", {class: "note-call"}, 0]},
    cut_mark: {inline: true, group: "inline", atom: true, parseDOM: [{tag: "span.cut-mark"}], toDOM: () => ["span", {class: "cut-mark", title: t("cut-line")}]},
  },
  marks: {
    link: {inclusive: false, attrs: {href: {}, hreflang: {default: ""}, lang: {default: ""}},
      parseDOM: [{tag: "a[href]", getAttrs: dom => {
        const href = dom.getAttribute("href");
        return /^(https?:\/\/|mailto:|\/|#)/i.test(href) ? {href, hreflang: dom.getAttribute("hreflang") || "", lang: lang(dom)} : false;
      }}],
      toDOM: m => ["a", {href: m.attrs.href, title: m.attrs.href}, 0]},
    strong: {parseDOM: [{tag: "strong"}, {tag: "b"}, {style: "font-weight", getAttrs: v => /^(bold(er)?|[6-9]\d\d)$/.test(v) && null}], toDOM: () => ["strong", 0]},
    em: {attrs: {lang: {default: ""}}, parseDOM: [{tag: "em", getAttrs: dom => ({lang: lang(dom)})}, {tag: "i"}, {style: "font-style=italic"}],
      toDOM: m => ["em", withLang(m.attrs), 0]},
    sup: {excludes: "sup sub", parseDOM: [{tag: "sup"}, {style: "vertical-align=super"}], toDOM: () => ["sup", 0]},
    sub: {excludes: "sup sub", parseDOM: [{tag: "sub"}, {style: "vertical-align=sub"}], toDOM: () => ["sub", 0]},
    code: {code: true, parseDOM: [{tag: "code"}], toDOM: () => ["code", 0]},
  },
});

// Defaults that the server's JSON leaves out, and what its parser does not want to see.
const plain = {tight: false, order: 1, colspan: 1, rowspan: 1};

// toJSON writes a document without the attributes that say nothing.
export function toJSON(node) {
  const clean = n => {
    if (n.attrs) {
      n.attrs = Object.fromEntries(Object.entries(n.attrs).filter(([key, v]) => v !== null && v !== "" && v !== 0 && v !== false &&
        !(key in plain && key !== "tight" && v === plain[key])));
      if (!Object.keys(n.attrs).length) delete n.attrs;
    }
    n.content?.forEach(clean);
    n.marks?.forEach(clean);
    return n;
  };
  return clean(node.toJSON());
}

// fromJSON reads the server's, in which a list without "tight" is loose.
export function fromJSON(json) {
  const fill = n => {
    if (n.type === "bullet_list" || n.type === "ordered_list") n.attrs = {...n.attrs, tight: Boolean(n.attrs?.tight)};
    n.content?.forEach(fill);
    return n;
  };
  return schema.nodeFromJSON(fill(json));
}
