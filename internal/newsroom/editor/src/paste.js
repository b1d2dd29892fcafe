// What comes from Word, Google Docs and web pages, made into what an article holds: headings, lists, emphasis, links, tables.
import {t} from "./words.js";

// clean takes HTML of the clipboard and gives HTML that the schema reads well.
export function clean(html, tell = () => {}) {
  if (html.includes("data-pm-slice")) return html; // from a text like this one
  const doc = new DOMParser().parseFromString(html, "text/html"), body = doc.body;
  for (const e of body.querySelectorAll("script, style, meta, link, title, xml, head, noscript, iframe, object, form input, button, select, svg")) e.remove();
  const walker = doc.createTreeWalker(body, NodeFilter.SHOW_COMMENT), comments = [];
  while (walker.nextNode()) comments.push(walker.currentNode);
  comments.forEach(c => c.remove()); // Word's conditions
  for (const e of body.querySelectorAll("b[id^='docs-internal-guid']")) unwrap(e); // Google Docs wraps all in a bold that is none
  for (const e of body.querySelectorAll("b, strong")) if (/^(normal|400)$/.test(css(e)["font-weight"])) unwrap(e);
  wordLists(body);
  for (const e of [...body.querySelectorAll("*")]) {
    if (e.localName.includes(":")) { e.textContent.trim() ? unwrap(e) : e.remove(); continue; } // <o:p>
    if (e.localName === "a") links(e);
    if (e.localName === "img") pictures(e, tell);
    if (/mso-element:\s*(footnote|endnote)-list/.test(e.getAttribute("style") || "")) e.remove();
  }
  for (const e of body.querySelectorAll("span")) spanMarks(e);
  for (const e of body.querySelectorAll("p.MsoTitle, p.Title")) rename(e, "h2");
  for (const e of body.querySelectorAll("[class], [style], [dir], [id], [align]")) {
    for (const a of ["class", "style", "dir", "id"]) e.removeAttribute(a);
  }
  for (const e of body.querySelectorAll("li > p:only-child")) unwrap(e);
  for (const e of body.querySelectorAll("p, h1, h2, h3, h4, h5, h6")) {
    if (!e.textContent.replace(/\u00a0/g, " ").trim() && !e.querySelector("img")) e.remove();
  }
  const texts = doc.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) { // Word and Docs put spaces that do not break where plain ones are meant
    const n = texts.currentNode;
    n.data = n.data.replace(/^\u00a0|\u00a0$|[\u00a0 ]{2,}/g, " ").replace(/[\u200b\ufeff]/g, "");
  }
  for (const table of body.querySelectorAll("table")) {
    const frame = doc.createElement("div"), caption = doc.createElement("div");
    frame.className = "table";
    caption.className = "table-caption";
    const has = table.querySelector("caption");
    if (has) { caption.append(...has.childNodes); has.remove(); }
    table.replaceWith(frame);
    frame.append(caption, table);
  }
  return body.innerHTML;
}

// css reads a style attribute. The page's policy allows none, so that the browser does not read it for us.
function css(e) {
  return Object.fromEntries((e.getAttribute("style") || "").split(";").map(rule => rule.split(":").map(s => s.trim().toLowerCase())).filter(rule => rule.length === 2));
}

function unwrap(e) { e.replaceWith(...e.childNodes); }

function rename(e, name) {
  const n = e.ownerDocument.createElement(name);
  n.append(...e.childNodes);
  e.replaceWith(n);
  return n;
}

function spanMarks(e) {
  const s = css(e), wrap = name => { const n = e.ownerDocument.createElement(name); n.append(...e.childNodes); e.append(n); };
  if (!e.closest("h1, h2, h3, h4, h5, h6") && (s["font-weight"] === "bold" || parseInt(s["font-weight"], 10) >= 600)) wrap("strong");
  if (s["font-style"] === "italic") wrap("em");
  if (s["vertical-align"] === "super") wrap("sup");
  if (s["vertical-align"] === "sub") wrap("sub");
  unwrap(e);
}

// links takes Google's detour out of an address, and drops anchors that are for Word alone.
function links(a) {
  const href = a.getAttribute("href") || "";
  const way = /^https:\/\/www\.google\.com\/url\?(.*)$/.exec(href);
  if (way) a.setAttribute("href", new URLSearchParams(way[1]).get("q") || href);
  if (/^#(_|cmnt|ftnt)|^file:|^about:/.test(href) || !href) unwrap(a);
}

function pictures(img, tell) {
  const src = img.getAttribute("src") || "";
  if (src.startsWith("/media/")) return;
  img.remove();
  tell(t("lost-picture"));
}

// wordLists makes lists of Word's paragraphs that look like items: their style says mso-list, their marker stands in a span.
function wordLists(body) {
  let stack = [], last = null;
  for (const p of [...body.querySelectorAll("p, h1, h2, h3, h4, h5, h6")]) {
    const style = p.getAttribute("style") || "", level = /mso-list:[^;]*level(\d+)/.exec(style);
    if (!level || p.localName !== "p") continue;
    let marker = "";
    for (const span of [...p.querySelectorAll("span")]) {
      if (/mso-list:\s*Ignore/i.test(span.getAttribute("style") || "")) { marker = span.textContent; span.remove(); }
    }
    const depth = +level[1], name = /^\s*(\d+|[a-z]{1,3}|[ivxlc]+)[.)]/i.test(marker) ? "ol" : "ul";
    let before = p.previousSibling;
    while (before && before.nodeType === 3 && !before.data.trim()) before = before.previousSibling;
    if (!last || before !== stack[0]?.list) stack = [];
    while (stack.length && stack.at(-1).depth > depth) stack.pop();
    if (!stack.length || stack.at(-1).depth < depth) {
      const list = p.ownerDocument.createElement(name);
      if (stack.length) last.append(list); else p.before(list);
      stack.push({depth, list});
    }
    const li = p.ownerDocument.createElement("li");
    li.append(...p.childNodes);
    stack.at(-1).list.append(li);
    p.remove();
    last = li;
  }
}
