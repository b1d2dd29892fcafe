// The writing screen. The form of Markdown that the page came with stays in its place until everything here stands.
import {EditorState, TextSelection, NodeSelection} from "prosemirror-state";
import {EditorView} from "prosemirror-view";
import {history} from "prosemirror-history";
import {keymap} from "prosemirror-keymap";
import {dropCursor} from "prosemirror-dropcursor";
import {gapCursor} from "prosemirror-gapcursor";
import {tableEditing} from "prosemirror-tables";
import {schema, toJSON, fromJSON} from "./schema.js";
import {keys, baseKeymap, shortcuts, put, newTable, newFigure, within} from "./commands.js";
import {tools} from "./tools.js";
import {hints, comments, found, flat} from "./marks.js";
import {Comments, Find} from "./panels.js";
import {ask, suggest} from "./dialogs.js";
import {clean} from "./paste.js";
import {Store} from "./store.js";
import {t, el} from "./words.js";

const root = document.getElementById("write");
if (root) start().catch(e => { reportError(e); });

async function start() {
  const path = root.dataset.path, state = document.getElementById("write-state"), plain = document.getElementById("write-plain");
  const answer = await fetch(path + "/document", {headers: {Accept: "application/json"}});
  if (!answer.ok) return;
  const copy = await answer.json();
  const textLabel = document.querySelector("label[for=text]").textContent;
  const title = el("textarea", {class: "write-title", rows: 1, placeholder: document.querySelector("label[for=title]").textContent, maxlength: 1000});
  const standfirst = el("textarea", {class: "write-standfirst", rows: 1, placeholder: document.querySelector("label[for=standfirst]").textContent});
  title.setAttribute("aria-label", title.placeholder);
  standfirst.setAttribute("aria-label", standfirst.placeholder);
  const place = el("div", {class: "prose write-text"}), notice = el("div", {class: "write-notice", role: "alert", hidden: true});
  const page = el("div", {class: "article write-page"}, el("article", {}, el("header", {class: "opening"}, el("h1", {}, title), el("div", {class: "standfirst"}, standfirst)), place));
  title.value = copy.title;
  standfirst.value = copy.standfirst;
  plain.replaceWith(notice, page);
  [title, standfirst].forEach(grow);
  const acts = {};
  let view, store, readOnly = true;

  const make = doc => EditorState.create({doc, plugins: [shortcuts(), keymap({"Mod-k": acts.link, "Mod-Alt-f": acts.note, "Mod-Alt-m": acts.comment, "Mod-s": () => (store.flush(true), true),
    "Mod-f": () => finder.open()}), keymap(keys), keymap(baseKeymap), history(), dropCursor({class: "drop-here", color: false}), gapCursor(), tableEditing(), hints(), comments.plugin(), found.plugin(), tools(acts)]});

  const say = (text, ...more) => { notice.replaceChildren(el("p", {}, text, ...more.flatMap(m => [" ", m]))); notice.hidden = !text; };
  const saw = s => { state.textContent = s; };
  const counts = () => {
    const words = (flat(view.state.doc).text.match(/[\p{L}\p{N}][^\s]*/gu) || []).length;
    document.getElementById("write-count").textContent = `${t("words", words)} · ${t("minutes", Math.max(1, Math.floor((words + 119) / 240)))}`;
  };
  const changed = () => { counts(); store.changed(); };
  // Of an article that readers have, what was saved waits until it is published; what is not saved yet is, before that.
  const waits = document.getElementById("write-waits");
  waits?.addEventListener("submit", async e => {
    e.preventDefault();
    do { await store.flush(); await new Promise(done => setTimeout(done, 50)); } while (store.busy);
    if (!store.dirty) waits.submit();
  });

  // What the tools do that asks for something.
  acts.link = (st, dispatch) => {
    if (!dispatch) return true;
    const mark = schema.marks.link, {$from, from, to, empty} = st.selection, has = mark.isInSet($from.marks()) || st.doc.nodeAt(from)?.marks.find(m => m.type === mark);
    let [a, b] = [from, to];
    if (empty && has) [a, b] = extent($from, has);
    ask(t("link"), [{name: "href", label: t("href"), value: has?.attrs.href, ready: suggest(path)}], has ? [["unlink", t("unlink")]] : []).then(said => {
      if (said === "unlink") dispatch(view.state.tr.removeMark(a, b, mark));
      else if (said?.href?.trim()) {
        let href = said.href.trim();
        if (/^[\w.-]+@[\w.-]+$/.test(href)) href = "mailto:" + href;
        else if (!/^(https?:\/\/|mailto:|\/|#)/i.test(href)) href = "https://" + href;
        if (href.startsWith(location.origin + "/")) href = href.slice(location.origin.length);
        const m = mark.create({href});
        dispatch(a === b ? view.state.tr.insert(a, schema.text(said.href.trim(), [m])) : view.state.tr.removeMark(a, b, mark).addMark(a, b, m));
      }
      view.focus();
    });
    return true;
  };
  acts.note = (st, dispatch) => {
    const s = st.selection, has = s instanceof NodeSelection && s.node.type === schema.nodes.footnote ? s.node : null;
    if (!has && !s.$from.parent.inlineContent) return false;
    if (dispatch) editNote(view, has ? s.from : null);
    return true;
  };
  acts.comment = (st, dispatch) => !st.selection.empty && (!dispatch || talk.begin());
  acts.describe = (st, dispatch) => {
    const figure = within(st, "figure");
    if (!figure || !dispatch) return Boolean(figure);
    ask(t("describe"), [{name: "alt", label: t("alt"), value: figure.node.attrs.alt, lines: 3}]).then(said => {
      if (said) dispatch(view.state.tr.setNodeMarkup(figure.pos, null, {...figure.node.attrs, alt: said.alt.trim()}));
      view.focus();
    });
    return true;
  };
  acts.table = (st, dispatch) => put(newTable())(st, dispatch);
  acts.picture = (st, dispatch) => {
    if (dispatch) ask(t("picture"), [{name: "file", label: t("picture"), type: "file", accept: "image/jpeg,image/png,image/gif,image/webp", required: true},
      {name: "alt", label: t("alt"), lines: 2}, {name: "caption", label: t("caption")}, {name: "credit", label: t("credit")}]).then(said => said?.file && upload(said.file, said));
    return true;
  };
  acts.card = (st, dispatch) => {
    if (dispatch) ask(t("card"), [{name: "url", label: t("card-url"), required: true}]).then(async said => {
      if (!said?.url) return view.focus();
      say(t("wait"));
      const got = await fetch(path + "/cards", {method: "POST", body: JSON.stringify({url: said.url.trim()}), headers: {Accept: "application/json"}}).catch(() => null);
      if (!got?.ok) return say(got ? await got.text() : t("offline"));
      say("");
      put(schema.nodes.card.create(await got.json()))(view.state, view.dispatch);
      view.focus();
    });
    return true;
  };
  async function upload(file, said = {}) {
    say(t("uploading"));
    const got = await fetch(path + "/pictures", {method: "POST", body: file, headers: {Accept: "application/json"}}).catch(() => null);
    if (!got?.ok) return say(got ? await got.text() : t("offline"));
    say("");
    const n = newFigure({...await got.json(), alt: (said.alt || "").trim()}), words = s => s?.trim() ? schema.text(s.trim()) : null;
    put(n.type.create(n.attrs, [schema.nodes.caption.create(null, words(said.caption)), schema.nodes.credit.create(null, words(said.credit))]))(view.state, view.dispatch);
    view.focus();
  }

  const files = list => [...list || []].filter(f => f.type.startsWith("image/"));
  const read = copy => {
    title.value = copy.title;
    standfirst.value = copy.standfirst;
    return fromJSON(copy.document);
  };
  store = new Store(path, () => ({title: title.value, standfirst: standfirst.value, document: toJSON(view.state.doc)}), (what, more) => {
    if (what === "saved") {
      saw(t("saved", more.said));
      if (waits) waits.hidden = false;
    }
    else if (what === "aside") aside(more);
    else if (what === "refused") saw(t("refused", more.text));
    else saw(t(what));
  });
  store.base = copy.version;
  view = new EditorView(place, {
    state: EditorState.create({doc: read(copy)}), editable: () => !readOnly,
    attributes: {"aria-label": textLabel, "aria-multiline": "true", role: "textbox", spellcheck: "true"},
    dispatchTransaction(tr) {
      view.updateState(view.state.apply(tr));
      if (tr.docChanged && !tr.getMeta("loaded")) changed();
    },
    transformPastedHTML: html => clean(html, say),
    handlePaste(_, event) { const f = files(event.clipboardData?.files); if (!f.length || event.clipboardData.getData("text/html")) return false; f.forEach(x => upload(x)); return true; },
    handleDrop(_, event) { const f = files(event.dataTransfer?.files); if (!f.length) return false; event.preventDefault(); f.forEach(x => upload(x)); return true; },
    handleDoubleClickOn(_, pos, node, nodePos) { if (node.type !== schema.nodes.footnote || readOnly) return false; editNote(view, nodePos); return true; },
    handleKeyDown(v, event) {
      const s = v.state.selection;
      if (event.key === "Enter" && s instanceof NodeSelection && s.node.type === schema.nodes.footnote && !readOnly) { editNote(v, s.from); return true; }
      return false;
    },
  });
  const finder = new Find(view, root.querySelector(".write-bar"));
  const talk = new Comments(path, view, document.getElementById("write-comments"));
  root.append(talk.panel);
  document.getElementById("write-find").addEventListener("click", () => finder.open());
  view.updateState(make(view.state.doc));
  for (const field of [title, standfirst]) {
    field.addEventListener("input", () => { grow(field); store.changed(); });
    field.addEventListener("keydown", e => { if (e.key === "Enter") { e.preventDefault(); field === title ? standfirst.focus() : view.focus(); } });
  }
  const load = (copy, note = "") => {
    view.updateState(make(read(copy)));
    store.base = copy.version;
    [title, standfirst].forEach(grow);
    counts();
    talk.load();
    if (note) saw(note);
  };
  const fresh = async () => { const got = await fetch(path + "/document", {headers: {Accept: "application/json"}}); return got.ok ? got.json() : null; };
  const see = kept => el("a", {href: `${path}/revisions/${kept}?aside=1`}, t("see"));
  const takeOver = el("button", {type: "button", class: "word", onclick: () => hold(true)}, t("take"));
  const setReadOnly = yes => {
    readOnly = store.paused = yes;
    title.readOnly = standfirst.readOnly = yes;
    root.classList.toggle("reading", yes);
    view.setProps({editable: () => !readOnly});
  };
  function aside(answer) { // what was sent is kept as a revision; the newest text is another's
    setReadOnly(true);
    say(t("put-aside", holder || "…"), see(answer.kept), takeOver);
    saw("");
  }

  // The lock: a sign every twenty seconds. Who has lost it may read, and is told what became of their words.
  let holder = "", had = false;
  async function hold(take = false) {
    const got = await fetch(path + "/lock", {method: "POST", body: JSON.stringify({token: store.token, take}), headers: {Accept: "application/json"}, redirect: "manual"}).catch(() => null);
    if (!got?.ok) return;
    const lock = await got.json();
    if (lock.mine && readOnly) {
      const copy = lock.version !== store.base || had ? await fresh() : null;
      holder = "";
      if (copy) load(copy);
      setReadOnly(false);
      say("");
      had = true;
    } else if (!lock.mine && !readOnly) {
      holder = lock.name;
      await store.flush(); // it is put aside, and says so
      if (!readOnly) { setReadOnly(true); say(lock.same ? t("took-you") : t("took", lock.name), takeOver); }
    } else if (!lock.mine && !had) {
      holder = lock.name;
      say(lock.same ? t("writes-you") : t("writes", lock.name), takeOver);
      had = true;
    }
  }
  await hold();
  const mine = store.mine();
  load(copy);
  await recover(mine);
  setInterval(hold, 20000);
  addEventListener("pagehide", () => {
    store.leave();
    fetch(path + "/lock", {method: "POST", body: JSON.stringify({token: store.token, leave: true}), headers: {Accept: "application/json"}, keepalive: true}).catch(() => {});
  });
  addEventListener("pageshow", e => { if (e.persisted) hold(); });
  root.dataset.ready = "true";

  // recover brings back what this window, or one that is no more, could not send.
  async function recover(mine) {
    if (mine?.document) {
      if (mine.base === store.base && !readOnly) {
        load({...mine, version: mine.base}, t("recovered"));
        store.changed();
      } else {
        const sent = await store.send(mine);
        if (sent.kept) { localStorage.removeItem(store.name); say(t("put-aside", ""), see(sent.kept)); }
      }
    }
    for (const {name, record} of store.others()) {
      const sent = await store.send(record);
      if (!sent.kept) continue;
      localStorage.removeItem(name);
      if (sent.kept === sent.version) load(await fresh(), t("recovered")); else say(t("put-aside", ""), see(sent.kept));
    }
  }
}

// grow makes a field as high as what is in it.
function grow(field) {
  field.style.blockSize = "auto";
  field.style.blockSize = field.scrollHeight + "px";
}

// extent is the run of text around a position that has a mark.
function extent($pos, mark) {
  let i = $pos.index();
  const parent = $pos.parent, has = n => n >= 0 && n < parent.childCount && mark.isInSet(parent.child(n).marks);
  if (!has(i)) i--;
  let first = i, last = i;
  while (has(first - 1)) first--;
  while (has(last + 1)) last++;
  let at = $pos.start();
  for (let n = 0; n < first; n++) at += parent.child(n).nodeSize;
  let end = at;
  for (let n = first; n <= last; n++) end += parent.child(n).nodeSize;
  return [at, end];
}

// editNote edits the words of a footnote in a small editor of their own; without a position it makes a new one at the caret.
function editNote(view, pos) {
  const node = pos === null ? schema.nodes.footnote.create() : view.state.doc.nodeAt(pos), place = el("div", {class: "note-text"});
  const dialog = el("dialog", {class: "ask", "aria-label": t("note")}, el("form", {method: "dialog", class: "stack"}, el("h2", {}, t("note")), place,
    el("p", {class: "actions"}, el("button", {class: "button", value: "yes"}, t("done")), pos === null ? "" : el("button", {class: "word", value: "remove"}, t("remove")), el("button", {class: "word", value: ""}, t("cancel")))));
  document.body.append(dialog);
  const inner = new EditorView(place, {state: EditorState.create({doc: node, plugins: [shortcuts(), keymap({"Mod-b": keys["Mod-b"], "Mod-i": keys["Mod-i"], "Mod-z": keys["Mod-z"], "Mod-y": keys["Mod-y"],
    Enter: () => (dialog.close("yes"), true), "Shift-Enter": keys["Shift-Enter"]}), keymap(baseKeymap), history()]}), attributes: {"aria-label": t("note-label"), role: "textbox"},
    transformPastedHTML: clean});
  dialog.addEventListener("close", () => {
    const content = inner.state.doc.content, said = dialog.returnValue;
    inner.destroy();
    dialog.remove();
    const tr = view.state.tr;
    if (said === "yes" && content.size) {
      const made = schema.nodes.footnote.create(null, content);
      if (pos === null) tr.setSelection(TextSelection.create(tr.doc, tr.selection.to)).replaceSelectionWith(made, false); else tr.replaceWith(pos, pos + node.nodeSize, made);
      view.dispatch(tr);
    } else if (said === "remove") view.dispatch(tr.delete(pos, pos + node.nodeSize));
    view.focus();
  });
  dialog.showModal();
  inner.focus();
}

