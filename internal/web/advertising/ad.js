// Chooses among the advertisements that may stand in a place, by their weights and by how often this browser was shown
// them today, and reports what was in view: the ticket of the advertisement, and nothing of who looks. How often a
// campaign with a cap was in view today is kept in this browser alone.
"use strict";
{
  const name = "gatefold-ads";
  const today = () => new Date().toISOString().slice(0, 10);

  // What is kept, null where a browser keeps nothing: a cap cannot be held there, and what has one is not shown.
  const kept = () => {
    try {
      const k = JSON.parse(localStorage.getItem(name) ?? "{}");
      return k?.day === today() && typeof k.shown === "object" ? k.shown : {};
    } catch { return null; }
  };
  const note = campaign => {
    const shown = kept() ?? {};
    shown[campaign] = (shown[campaign] || 0) + 1;
    try { localStorage.setItem(name, JSON.stringify({ day: today(), shown })); } catch { /* nothing is kept here */ }
  };
  const spent = one => {
    if (!one.dataset.cap) return false;
    const shown = kept();
    return !shown || (shown[one.dataset.campaign] || 0) >= Number(one.dataset.cap);
  };

  const onPage = new Set();
  const draw = all => {
    const fresh = all.filter(one => !onPage.has(one.dataset.campaign));
    const from = fresh.length ? fresh : all;
    let at = Math.random() * from.reduce((sum, one) => sum + Number(one.dataset.weight), 0);
    return from.find(one => (at -= Number(one.dataset.weight)) < 0) ?? from[0];
  };
  // What another company sends is shown to who asked for it, in place of the same campaign's own; to nobody else.
  const asked = document.querySelector(".ad-ask [data-shown]") !== null;
  const barred = (one, all) => asked
    ? !one.dataset.frame && all.some(other => other.dataset.frame && other.dataset.campaign === one.dataset.campaign)
    : Boolean(one.dataset.frame);
  const choose = room => {
    const every = [...room.querySelectorAll(".ad-one")];
    const all = every.filter(one => !spent(one) && !barred(one, every));
    const sold = all.filter(one => !("house" in one.dataset));
    return draw(sold.length ? sold : all);
  };
  const frame = (room, one) => {
    const f = document.createElement("iframe");
    f.setAttribute("sandbox", "allow-scripts allow-popups allow-popups-to-escape-sandbox");
    f.referrerPolicy = "no-referrer";
    f.loading = "lazy";
    f.title = room.parentElement.getAttribute("aria-label");
    f.src = one.dataset.frame;
    one.querySelector(".ad-frame").append(f);
  };
  const show = (room, one) => {
    for (const other of room.querySelectorAll(".ad-one")) other.classList.toggle("waits", other !== one);
    const img = one?.querySelector("img[data-src]");
    if (img) img.src = img.dataset.src;
    if (one?.dataset.frame) frame(room, one);
    room.dataset.chosen = "";
    if (!one) room.parentElement.classList.add("bare"); // its room stays
  };

  // In view is half of it, for a second, on a page that is looked at (MRC, Viewable Ad Impression Guidelines 2014).
  const watch = one => {
    let timer;
    const seen = () => {
      if (document.visibilityState !== "visible") return;
      watcher.disconnect();
      if (one.dataset.cap) note(one.dataset.campaign);
      navigator.sendBeacon("/ads/seen", one.dataset.ticket);
    };
    const watcher = new IntersectionObserver(entries => {
      clearTimeout(timer);
      if (entries.at(-1).isIntersecting) timer = setTimeout(seen, 1000);
    }, { threshold: .5 });
    watcher.observe(one);
    document.addEventListener("visibilitychange", () => {
      clearTimeout(timer);
      watcher.unobserve(one);
      watcher.observe(one);
    });
  };

  const begin = () => {
    for (const room of document.querySelectorAll(".ad-room")) {
      const one = choose(room);
      show(room, one);
      if (!one?.dataset.ticket) continue;
      onPage.add(one.dataset.campaign);
      if (!navigator.webdriver) watch(one);
    }
  };
  if (document.prerendering) document.addEventListener("prerenderingchange", begin, { once: true });
  else begin();
}
