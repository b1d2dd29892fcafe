// Keys, where nothing is being typed: g then d, b, c goes to the desk, the board, the calendar; n begins an article; / finds.
(() => {
  const paths = {d: "/newsroom", b: "/newsroom/board", c: "/newsroom/calendar", p: "/newsroom/people"};
  let going = 0;
  addEventListener("keydown", e => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input, textarea, select, [contenteditable]")) return;
    const rail = document.querySelector(".rail");
    if (!rail) return;
    if (e.timeStamp - going < 1500 && paths[e.key]) {
      const word = rail.querySelector(`a[href="${paths[e.key]}"]`);
      if (word) word.click();
    } else if (e.key === "g") {
      going = e.timeStamp;
    } else if (e.key === "n" || e.key === "/") {
      const field = document.querySelector(e.key === "n" ? "#title" : "[data-key='/']");
      if (field) { field.focus(); e.preventDefault(); }
    }
  });
})();
