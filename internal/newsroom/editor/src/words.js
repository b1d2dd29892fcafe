// The texts of the newsroom's catalogue, which the page brings along.
const texts = new Map([...document.querySelectorAll("#write-words li")].map(li => [li.dataset.key, li.textContent]));

export const t = (key, ...values) => values.reduce((s, v, i) => s.replace(`{${i}}`, () => v), texts.get(key) ?? key);

// el makes an element: el("p", {class: "x", onclick: f}, "words", child).
export function el(name, attrs = {}, ...children) {
  const e = document.createElement(name);
  for (const [key, value] of Object.entries(attrs)) {
    if (key.startsWith("on")) e.addEventListener(key.slice(2), value);
    else if (value === true) e.setAttribute(key, "");
    else if (value !== false && value != null) e.setAttribute(key, value);
  }
  e.append(...children);
  return e;
}
