"use strict";
// Filter, search and the card of a sentence. The page works without: links lead on, everything is shown.
(() => {
  const $ = (id) => document.getElementById(id);
  const controls = $("controls"), card = $("card"), find = $("find"), found = $("found");
  const filters = [...document.querySelectorAll("#filters button")];
  const statements = [...document.querySelectorAll(".doc")];
  const sentences = [...document.querySelectorAll(".s")];
  const names = filters.map((button) => button.textContent.trim().replace(/^\S+\s+/, ""));
  const codes = filters.map((button) => button.firstElementChild.textContent);
  let wanted = new Set(), hits = [], at = -1, words = null;

  const make = (name, text, parent) => {
    const element = document.createElement(name);
    element.textContent = text;
    if (parent) parent.append(element);
    return element;
  };

  // The words of a sentence without the letters of its themes.
  const own = (sentence) => {
    const button = sentence.querySelector("button");
    const text = sentence.textContent;
    return button ? text.slice(0, text.length - button.textContent.length) : text;
  };
  const plain = (text) => text.toLowerCase().replace(/\s+/g, " ").trim();

  function apply(state) {
    const query = plain(find.value);
    if (query && !words) words = sentences.map((sentence) => plain(own(sentence)));
    const active = wanted.size > 0 || query !== "";
    hits = [];
    sentences.forEach((sentence, number) => {
      const themes = sentence.dataset.t;
      const fits = (!wanted.size || (themes !== undefined && themes.split(" ").some((theme) => wanted.has(theme))))
        && (!query || words[number].includes(query));
      sentence.classList.toggle("x", active && !fits);
      if (active && fits) hits.push(sentence);
    });
    const kept = new Set(hits.map((sentence) => sentence.closest(".doc")));
    statements.forEach((statement) => { statement.hidden = active && !kept.has(statement); });
    filters.forEach((button) => button.setAttribute("aria-pressed", wanted.has(button.dataset.f)));
    const count = (number, noun) => number + " " + noun + (number === 1 ? "" : "s");
    found.textContent = active ? count(hits.length, "sentence") + " in " + count(kept.size, "statement") : "";
    at = -1;
    mark(query);
    if (state !== false) remember(query);
  }

  // Marks what was searched for, where the browser can.
  function mark(query) {
    if (!window.Highlight || !CSS.highlights) return;
    const ranges = [];
    if (query) {
      for (const sentence of hits.slice(0, 2000)) {
        const walker = document.createTreeWalker(sentence, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
          const text = walker.currentNode.data.toLowerCase();
          for (let from = text.indexOf(query); from >= 0; from = text.indexOf(query, from + query.length)) {
            const range = new Range();
            range.setStart(walker.currentNode, from);
            range.setEnd(walker.currentNode, from + query.length);
            ranges.push(range);
          }
        }
      }
    }
    CSS.highlights.set("found", new Highlight(...ranges));
  }

  // What is shown stands in the address, so that a view can be passed on: #theme=climate&find=solar
  function remember(query) {
    const state = new URLSearchParams();
    filters.forEach((button) => { if (wanted.has(button.dataset.f)) state.append("theme", button.dataset.id); });
    if (query) state.set("find", find.value.trim());
    const text = state.toString();
    try { history.replaceState(null, "", text ? "#" + text : location.pathname + location.search); } catch { /* not every place allows it */ }
  }
  function recall() {
    const hash = location.hash.slice(1);
    if (!/^(theme|find)=/.test(hash)) return;
    const state = new URLSearchParams(hash);
    const ids = state.getAll("theme");
    wanted = new Set(filters.filter((button) => ids.includes(button.dataset.id)).map((button) => button.dataset.f));
    find.value = state.get("find") || "";
    apply(false);
  }

  function go(sentence) {
    document.querySelectorAll(".s.at").forEach((other) => other.classList.remove("at"));
    sentence.classList.add("at");
    sentence.scrollIntoView({ block: "center" });
  }
  function step(by) {
    if (!hits.length) return;
    at = at < 0 ? (by > 0 ? 0 : hits.length - 1) : (at + by + hits.length) % hits.length;
    go(hits[at]);
  }

  const bar = (percent, colour) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "bar " + colour);
    svg.setAttribute("viewBox", "0 0 100 10");
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("aria-hidden", "true");
    for (const [name, width] of [["track", 100], ["fill", percent]]) {
      const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      rect.setAttribute("class", name);
      rect.setAttribute("width", width);
      rect.setAttribute("height", 10);
      svg.append(rect);
    }
    return svg;
  };

  function show(sentence) {
    card.textContent = "";
    const kind = sentence.dataset.k || sentence.parentElement.className;
    make("p", kind.replace("_", " ") + ": how probable each theme is", card);
    const table = make("table", "", card);
    sentence.dataset.p.split(" ").forEach((percent, number) => {
      const row = make("tr", "", table);
      const head = make("th", "", row);
      head.scope = "row";
      const letters = make("b", codes[number], head);
      letters.className = "k t" + number % 8;
      head.append(" " + names[number]);
      make("td", "", row).append(bar(percent, "t" + number % 8));
      make("td", percent + "%", row).className = "num";
    });
    const marks = [...sentence.querySelectorAll(".e")];
    if (marks.length) {
      const list = make("ul", "", card);
      for (const mark of marks) {
        const { e, n, c } = mark.dataset;
        const item = make("li", "", list);
        make("b", mark.textContent.replace(/\s+/g, " "), item);
        item.append([n ? " = " + n : "", c ? " (" + c + ")" : "", ", " + e].join(""));
      }
    }
    card.hidden = false;
    const box = sentence.getClientRects()[0];
    const below = box.bottom + window.scrollY + 8, above = box.top + window.scrollY - card.offsetHeight - 8;
    const fits = box.bottom + 8 + card.offsetHeight < window.innerHeight || above < window.scrollY;
    card.style.top = (fits ? below : above) + "px";
    card.style.left = Math.max(8, Math.min(box.left, document.documentElement.clientWidth - card.offsetWidth - 8)) + "px";
    document.querySelectorAll(".s.at").forEach((other) => other.classList.remove("at"));
    sentence.classList.add("at");
  }
  function hide() {
    card.hidden = true;
    document.querySelectorAll(".s.at").forEach((other) => other.classList.remove("at"));
  }

  let pinned = false, waiting = 0;
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-f]");
    if (link) {
      // From a bar to its sentences: the theme alone is shown, at its first sentence.
      event.preventDefault();
      wanted = new Set([link.dataset.f]);
      find.value = "";
      apply();
      hide();
      const first = $(link.getAttribute("href").slice(1));
      at = hits.indexOf(first);
      go(first);
      return;
    }
    if (event.target.closest("#card, #controls")) return;
    const plainLink = event.target.closest("a[href^='#']");
    if (plainLink) {
      const target = $(plainLink.getAttribute("href").slice(1));
      if (target && target.closest(".doc[hidden]")) { wanted.clear(); find.value = ""; apply(false); }
      return;
    }
    const sentence = event.target.closest(".s");
    if (!sentence) { pinned = false; hide(); return; }
    if (window.getSelection().toString()) return;
    pinned = true;
    show(sentence);
  });
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse" || pinned) return;
    clearTimeout(waiting);
    const sentence = event.target.closest(".s");
    if (sentence) waiting = setTimeout(() => show(sentence), 350);
    else if (!event.target.closest("#card")) waiting = setTimeout(hide, 200);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { pinned = false; hide(); }
  });

  filters.forEach((button) => button.addEventListener("click", () => {
    const theme = button.dataset.f;
    if (!wanted.delete(theme)) wanted.add(theme);
    apply();
  }));
  let typing = 0;
  find.addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(apply, 150); });
  controls.addEventListener("submit", (event) => { event.preventDefault(); step(1); });
  $("before").addEventListener("click", () => step(-1));
  $("after").addEventListener("click", () => step(1));
  $("all").addEventListener("click", () => { wanted.clear(); find.value = ""; apply(); });
  window.addEventListener("hashchange", recall);

  // On paper everything is shown.
  window.addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((details) => { details.open = true; }));

  controls.hidden = false;
  recall();
  document.documentElement.dataset.ready = "yes";
})();
