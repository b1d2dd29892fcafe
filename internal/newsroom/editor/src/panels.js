// What stands beside the text: what colleagues say of it, and find and replace.
import {comments, found, find, flat, passage} from "./marks.js";
import {TextSelection} from "prosemirror-state";
import {t, el} from "./words.js";

// Comments shows the threads of an article, and where in the text they belong.
export class Comments {
  constructor(path, view, link) {
    Object.assign(this, {path, view, link, threads: []});
    this.panel = el("aside", {class: "write-panel", id: "write-panel", hidden: true, "aria-label": t("comment"), tabindex: -1});
    link.setAttribute("role", "button");
    link.setAttribute("aria-controls", "write-panel");
    link.addEventListener("click", e => { e.preventDefault(); this.open(this.panel.hidden); });
    view.dom.addEventListener("click", e => {
      const at = e.target.closest?.(".commented");
      if (at) { this.open(true); this.panel.querySelector(`[data-thread="${at.dataset.thread}"]`)?.scrollIntoView({block: "nearest"}); }
    });
  }

  open(yes) {
    this.panel.hidden = !yes;
    this.link.setAttribute("aria-expanded", yes);
    document.getElementById("write").classList.toggle("with-panel", yes);
  }

  async load() { await this.ask("/comments", {}); }

  // ask sends a form and shows the threads that come back.
  async ask(path, options) {
    try {
      const answer = await fetch(this.path + path, {headers: {Accept: "application/json"}, ...options});
      if (!answer.ok) return answer.text();
      this.show(await answer.json());
    } catch { return t("offline"); }
    return "";
  }

  send(path, fields) { return this.ask(path, {method: "POST", body: new URLSearchParams(fields)}); }

  show(all) {
    this.threads = all.filter(c => c.id === c.thread).map(c => ({...c, answers: all.filter(a => a.thread === c.id && a.id !== c.id)}));
    const open = this.threads.filter(c => !c.resolved);
    this.link.textContent = t("comments", open.length);
    const places = open.map(c => ({id: c.id, ...find(this.view.state.doc, c)})).filter(p => p.from);
    this.view.dispatch(this.view.state.tr.setMeta(comments.key, places).setMeta("addToHistory", false));
    this.panel.replaceChildren(el("p", {class: "panel-head"}, el("b", {}, t("comments", open.length)), el("button", {type: "button", class: "word", onclick: () => { this.open(false); this.view.focus(); }}, t("close"))),
      ...this.threads.map(c => this.thread(c, places.some(p => p.id === c.id))));
  }

  thread(c, placed) {
    const said = x => el("div", {class: "comment"}, el("p", {class: "meta"}, el("b", {}, x.name), " · ", x.when), el("p", {}, x.text));
    const head = c.quote ? el("blockquote", {}, el("p", {}, c.quote), c.resolved || placed ? "" : el("p", {class: "hint"}, t("gone"))) : "";
    const answer = el("textarea", {rows: 1, "aria-label": t("answer"), placeholder: t("answer")});
    const actions = c.resolved
      ? [el("button", {type: "button", class: "word", onclick: () => this.send(`/comments/${c.id}/resolve`, {open: 1})}, t("reopen"))]
      : [el("button", {type: "button", class: "word", onclick: async () => { if (answer.value.trim()) await this.send("/comments", {thread: c.id, text: answer.value}); }}, t("send")),
         el("button", {type: "button", class: "word", onclick: () => this.send(`/comments/${c.id}/resolve`, {})}, t("resolve"))];
    return el("section", {class: c.resolved ? "thread resolved" : "thread", "data-thread": c.id}, head, said(c), ...c.answers.map(said), c.resolved ? el("p", {class: "meta"}, t("resolved")) : answer,
      el("p", {class: "actions"}, ...actions));
  }

  // begin asks for words on the passage that is selected.
  begin() {
    const {from, to} = this.view.state.selection, p = passage(this.view.state.doc, from, to);
    const words = el("textarea", {rows: 3, required: true, "aria-label": t("comment")}), fault = el("p", {class: "fault", role: "alert"});
    const form = el("form", {class: "thread stack", onsubmit: async e => {
      e.preventDefault();
      fault.textContent = await this.send("/comments", {text: words.value, ...p});
      if (!fault.textContent) this.view.focus();
    }}, el("blockquote", {}, el("p", {}, p.quote)), words, fault, el("p", {class: "actions"}, el("button", {class: "button quiet"}, t("send")),
      el("button", {type: "button", class: "word", onclick: () => { form.remove(); this.view.focus(); }}, t("cancel"))));
    this.open(true);
    this.panel.querySelector("form")?.remove();
    this.panel.firstChild ? this.panel.firstChild.after(form) : this.panel.append(form);
    words.focus();
    return true;
  }
}

// Find is find and replace. Ctrl-F opens it; Escape closes it.
export class Find {
  constructor(view, bar) {
    this.view = view;
    this.words = el("input", {type: "search", "aria-label": t("find"), placeholder: t("find"), oninput: () => this.look(0)});
    this.other = el("input", {"aria-label": t("replace"), placeholder: t("replace")});
    this.count = el("span", {class: "meta", role: "status"});
    const button = (key, f) => el("button", {type: "button", class: "word", onclick: f}, t(key));
    this.bar = el("form", {class: "find", hidden: true, role: "search", onsubmit: e => { e.preventDefault(); this.step(1); },
      onkeydown: e => { if (e.key === "Escape") this.close(); }}, this.words, this.other, this.count, button("previous", () => this.step(-1)), button("next", () => this.step(1)),
      button("replace-one", () => this.replace(false)), button("replace-all", () => this.replace(true)), button("close", () => this.close()));
    bar.append(this.bar);
  }

  open() {
    const {from, to, empty} = this.view.state.selection;
    if (!empty) this.words.value = this.view.state.doc.textBetween(from, to, " ").slice(0, 100);
    this.bar.hidden = false;
    this.words.focus();
    this.words.select();
    this.look(0);
    return true;
  }

  close() {
    this.bar.hidden = true;
    this.view.dispatch(this.view.state.tr.setMeta(found.key, {places: [], at: -1}));
    this.view.focus();
  }

  look(at) {
    const words = this.words.value.toLowerCase(), f = flat(this.view.state.doc), text = f.text.toLowerCase(), places = [];
    if (words && text.length === f.text.length) for (let i = text.indexOf(words); i >= 0; i = text.indexOf(words, i + words.length)) places.push({from: f.at[i], to: f.at[i + words.length - 1] + 1});
    this.places = places;
    this.at = places.length ? (at + places.length) % places.length : -1;
    this.count.textContent = !words ? "" : places.length ? t("found", this.at + 1, places.length) : t("none");
    const tr = this.view.state.tr.setMeta(found.key, {places, at: this.at});
    if (this.at >= 0) tr.setSelection(TextSelection.create(tr.doc, places[this.at].from, places[this.at].to)).scrollIntoView();
    this.view.dispatch(tr);
  }

  step(by) { this.look(this.at + by); }

  replace(all) {
    if (!this.places?.length || !this.view.editable) return;
    const tr = this.view.state.tr;
    for (const p of all ? [...this.places].reverse() : [this.places[this.at]]) {
      const marks = this.view.state.doc.resolve(p.from + 1).marks();
      if (this.other.value) tr.replaceWith(p.from, p.to, this.view.state.schema.text(this.other.value, marks)); else tr.delete(p.from, p.to);
    }
    this.view.dispatch(tr);
    this.look(this.at);
  }
}
