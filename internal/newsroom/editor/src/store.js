// Saving: what is typed goes into this browser at once and to the server a little later, one save at a time. What could not
// be sent stays here, survives a reload, and is sent when there is a connection again. Nothing is dropped before the server
// has answered that it is kept.

const wait = 2500, longest = 10000, again = 4000; // milliseconds

export class Store {
  constructor(path, take, tell) {
    this.path = path;       // of the article
    this.take = take;       // gives {title, standfirst, document} as they are now
    this.tell = tell;       // is told "saved", "saving", "unsaved", "offline", "signed-out", "refused", "aside"
    this.base = 0;
    this.paused = true;     // not ours to write
    this.dirty = this.busy = false;
    this.token = sessionStorage.getItem("gatefold-window") || crypto.randomUUID();
    sessionStorage.setItem("gatefold-window", this.token);
    this.name = `gatefold-write ${path} ${this.token}`;
    addEventListener("online", () => this.flush());
  }

  // changed is called with every change of the text.
  changed() {
    this.dirty = true;
    this.first ??= Date.now();
    this.keep();
    this.tell("unsaved");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), Math.max(0, Math.min(wait, this.first + longest - Date.now())));
  }

  // keep puts the text into this browser.
  keep() {
    this.sending ??= null;
    const record = {base: this.base, key: crypto.randomUUID(), token: this.token, at: Date.now(), ...this.take()};
    this.latest = record;
    try { localStorage.setItem(this.name, JSON.stringify(record)); } catch { /* full: the server is the only place then */ }
  }

  // flush sends what is not sent. It resolves when there is nothing left to send, or no way to.
  async flush(byHand = false) {
    clearTimeout(this.timer);
    if (this.busy) { this.more = true; return; }
    if (!this.dirty && !byHand || this.paused) return;
    if (!this.latest) this.keep();
    this.busy = true;
    this.dirty = false;
    this.first = undefined;
    const record = {...this.latest, base: this.base, keep: byHand};
    this.tell("saving");
    const answer = await this.send(record);
    this.busy = false;
    if (answer.kept) {
      if (answer.kept !== answer.version) {
        this.forget(record.key);
        this.paused = true;
        this.tell("aside", answer);
        return;
      }
      this.base = answer.version;
      this.forget(record.key);
      if (!this.dirty) this.tell("saved", answer);
    } else {
      this.dirty = true;
      this.tell(answer.state, answer);
      if (answer.state !== "refused") this.timer = setTimeout(() => this.flush(), again);
      return;
    }
    if (this.dirty || this.more) { this.more = false; this.timer = setTimeout(() => this.flush(), wait); }
  }

  // send gives the server a record: {kept, version, at}, or {state} that says why not.
  async send(record, options = {}) {
    const {at, ...body} = record;
    let answer;
    try {
      answer = await fetch(this.path + "/document", {method: "POST", body: JSON.stringify(body), redirect: "manual",
        headers: {"Content-Type": "application/json", Accept: "application/json"}, ...options});
    } catch {
      return {state: "offline"};
    }
    if (answer.type === "opaqueredirect") return {state: "signed-out"};
    if (answer.status >= 500) return {state: "offline"};
    if (!answer.ok) return {state: "refused", text: await answer.text()};
    return answer.json();
  }

  // forget drops what this browser keeps, unless more was typed meanwhile.
  forget(key) {
    if (this.latest?.key !== key) return;
    localStorage.removeItem(this.name);
    this.latest = null;
  }

  // mine is what this window kept before it was loaded again.
  mine() { return read(this.name); }

  // others are what windows kept that are no more: they have said nothing for a minute.
  others() {
    const prefix = `gatefold-write ${this.path} `;
    return Object.keys(localStorage).filter(k => k.startsWith(prefix) && k !== this.name).map(name => ({name, record: read(name)}))
      .filter(o => o.record && Date.now() - o.record.at > 60000);
  }

  // leave sends what is left when the window closes.
  leave() {
    if (this.dirty && !this.paused && this.latest) this.send({...this.latest, base: this.base}, {keepalive: true});
  }
}

function read(name) {
  try { return JSON.parse(localStorage.getItem(name)); } catch { return null; }
}
