// Fields that suggest while one types: a combobox with a listbox popup (WAI-ARIA 1.2; ARIA Authoring Practices,
// "Editable Combobox With List Autocomplete"). Without scripts the form is sent as it is.
for (const input of document.querySelectorAll("input.suggests")) {
  const frame = document.createElement("div");
  frame.className = "suggest-frame";
  input.replaceWith(frame);
  const list = document.createElement("ul");
  list.id = input.id + "-suggestions";
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.labels[0]?.textContent || input.getAttribute("aria-label"));
  frame.append(input, list);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false",
    "aria-controls": list.id, autocomplete: "off" })) input.setAttribute(name, value);
  if (input.autofocus) input.focus();

  let found = []; // paths of the options
  let chosen = -1;
  let asked = "";
  let timer, request;

  const choose = n => {
    chosen = n;
    [...list.children].forEach((option, i) => option.setAttribute("aria-selected", i === n));
    if (n < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", list.children[n].id);
    list.children[n].scrollIntoView({ block: "nearest" });
  };
  const close = () => {
    clearTimeout(timer);
    request?.abort(); // what is still on its way comes too late
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    choose(-1);
  };
  const show = all => {
    found = all.map(one => one.path);
    list.replaceChildren(...all.map((one, i) => {
      const option = document.createElement("li");
      option.id = list.id + "-" + i;
      option.setAttribute("role", "option");
      option.append(one.title);
      if (one.label) {
        const label = document.createElement("small");
        label.textContent = one.label;
        option.append(" ", label);
      }
      return option;
    }));
    choose(-1);
    list.hidden = all.length === 0;
    input.setAttribute("aria-expanded", String(all.length > 0));
  };
  const ask = async () => {
    request?.abort();
    request = new AbortController();
    try {
      const answer = await fetch("/search/suggest?q=" + encodeURIComponent(asked), { signal: request.signal });
      if (answer.ok && document.activeElement === input) show(await answer.json());
    } catch { } // no suggestions, then
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    asked = input.value;
    if (asked.trim().length < 2) return close();
    timer = setTimeout(ask, 80);
  });
  input.addEventListener("keydown", event => {
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    const open = !list.hidden, last = found.length - 1;
    if (event.key === "Escape") {
      close();
      if (!open) return; // the field is emptied, as browsers do
    }
    else if (event.key === "ArrowDown" && open) choose(chosen < last ? chosen + 1 : -1);
    else if (event.key === "ArrowUp" && open) choose(chosen < 0 ? last : chosen - 1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  input.form.addEventListener("submit", event => { // Enter, while a suggestion is chosen
    if (chosen < 0) return;
    event.preventDefault();
    location.assign(found[chosen]);
  });
  input.addEventListener("blur", close);
  list.addEventListener("mousedown", event => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", event => {
    const option = event.target.closest("[role=option]");
    if (option) location.assign(found[[...list.children].indexOf(option)]);
  });
}

// Arrow keys walk through what was found, from the field on; j and k do once one of the headlines has the focus.
{
  const field = document.querySelector(".find input[type=search]");
  const hits = [...document.querySelectorAll(".hits .headline a")];
  document.addEventListener("keydown", event => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const at = hits.indexOf(document.activeElement);
    const step = event.key === "ArrowDown" || at >= 0 && event.key === "j" ? 1 : event.key === "ArrowUp" || at >= 0 && event.key === "k" ? -1 : 0;
    if (!step || !hits.length || at < 0 && (document.activeElement !== field || step < 0)) return;
    const next = at + step < 0 ? field : hits[at + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
}

// What somebody who is not signed in searched for on this device stays on this device.
{
  const key = "searches", most = 8;
  const read = () => {
    try {
      const list = JSON.parse(localStorage.getItem(key));
      return Array.isArray(list) ? list.filter(one => typeof one === "string") : [];
    } catch {
      return [];
    }
  };
  const asked = document.querySelector(".find.remember input[type=search]")?.defaultValue.trim();
  if (asked && document.querySelector(".hits")) {
    try {
      localStorage.setItem(key, JSON.stringify([asked, ...read().filter(one => one !== asked)].slice(0, most)));
    } catch { } // the browser keeps nothing, then
  }
  const recent = document.querySelector(".recent");
  if (recent && read().length) {
    recent.querySelector("ul").append(...read().map(one => {
      const item = document.createElement("li"), link = document.createElement("a");
      link.href = "/search?q=" + encodeURIComponent(one);
      link.textContent = one;
      item.append(link);
      return item;
    }));
    recent.hidden = false;
    recent.querySelector("button").addEventListener("click", () => {
      try {
        localStorage.removeItem(key);
      } catch { }
      recent.hidden = true;
    });
  }
}
