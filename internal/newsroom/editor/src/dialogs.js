// Small windows that ask for one thing, beside what they are about: <dialog>, so that Escape closes and focus comes back.
import {t, el} from "./words.js";

// ask shows fields and resolves with their values, null when it was called off, or the name of an extra button.
export function ask(title, fields, extra = []) {
  return new Promise(resolve => {
    const inputs = fields.map(f => el(f.lines ? "textarea" : "input", {id: "ask-" + f.name, name: f.name, rows: f.lines, type: f.lines ? null : f.type || "text",
      autocomplete: "off", required: f.required, accept: f.accept}));
    inputs.forEach((input, i) => { if (fields[i].type !== "file") input.value = fields[i].value ?? ""; });
    const below = el("div", {class: "ask-below"});
    const form = el("form", {method: "dialog", class: "stack"}, el("h2", {}, title),
      ...fields.map((f, i) => el("div", {class: "field"}, el("label", {for: "ask-" + f.name}, f.label), inputs[i])), below,
      el("p", {class: "actions"}, el("button", {class: "button", value: "yes"}, t("done")),
        ...extra.map(([value, label]) => el("button", {class: "word", value, formnovalidate: true}, label)),
        el("button", {class: "word", value: "", formnovalidate: true}, t("cancel"))));
    const dialog = el("dialog", {class: "ask", "aria-label": title}, form);
    document.body.append(dialog);
    dialog.addEventListener("close", () => {
      dialog.remove();
      const said = dialog.returnValue;
      resolve(said === "yes" ? Object.fromEntries(inputs.map(i => [i.name, i.type === "file" ? i.files[0] : i.value])) : said || null);
    });
    dialog.showModal();
    inputs[0]?.focus();
    fields.forEach((f, i) => f.ready?.(inputs[i], below, () => dialog.close("yes")));
  });
}

// suggest shows places of the library below a field, as words are typed into it.
export function suggest(path) {
  return (input, below, done) => {
    const list = el("ul", {class: "ask-list", "aria-live": "polite"});
    below.append(list);
    let timer, asked = 0;
    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(async () => {
        const q = input.value.trim(), mine = ++asked;
        if (!q || /^(https?:|mailto:|\/|#)/i.test(q)) return list.replaceChildren();
        try {
          const found = await (await fetch(`${path}/links?q=${encodeURIComponent(q)}`, {headers: {Accept: "application/json"}})).json();
          if (mine !== asked) return;
          list.replaceChildren(...found.map(f => el("li", {}, el("button", {type: "button", class: "word", onclick: () => { input.value = f.href; done(); }}, f.title),
            " ", el("span", {class: "meta"}, f.href))));
        } catch { list.replaceChildren(); }
      }, 200);
    });
  };
}
