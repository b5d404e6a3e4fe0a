"use strict";
(() => {
  const { runs, things } = JSON.parse(document.getElementById("ledger").textContent);
  const decode = (rows, columns) => rows.forEach((row, n) => columns.forEach((column) => {
    const [, shared, rest] = /^(\d+) ([^]*)$/.exec(row[column]);
    row[column] = (n ? Array.from(rows[n - 1][column]).slice(0, shared).join("") : "") + rest;
  }));
  decode(runs, [0, 1, 7]);
  decode(things, [0, 1]);
  const PAGE = 100, MOST_LISTED = 200;
  const STATUS = ["completed", "failed", ""];
  const whole = runs.reduce((most, r) => Math.max(most, r[2] + (r[3] || 0)), 1);
  const madeBy = new Map(), usedBy = new Map();
  const note = (map, thing, run) => map.has(thing) ? map.get(thing).push(run) : map.set(thing, [run]);
  runs.forEach((run, n) => {
    run[5].forEach((thing) => note(usedBy, thing, n));
    run[6].forEach((thing) => note(madeBy, thing, n));
  });
  const parts = (map, thing) => {
    const all = map.get(thing) || [], fine = all.filter((n) => !runs[n][8]);
    return fine.length ? fine : all;
  };

  const element = (name, words, style) => {
    const made = document.createElement(name);
    if (words !== undefined) made.textContent = words;
    if (style) made.className = style;
    return made;
  };
  const seconds = (ms) => ms === null ? "" : (ms / 1000).toFixed(ms < 100000 ? 2 : 0) + " s";
  const bytes = (size) => {
    if (size === null || size === undefined) return "";
    for (const unit of ["B", "kB", "MB", "GB"]) {
      if (size < 1000) return (unit === "B" ? size : size.toFixed(1)) + " " + unit;
      size /= 1000;
    }
    return size.toFixed(1) + " TB";
  };
  const button = (words, act, style) => {
    const made = element("button", words, style);
    made.type = "button";
    made.addEventListener("click", act);
    return made;
  };
  const opener = (words, hash) => button(words, () => { location.hash = hash; }, "link");
  const cell = (content, style) => {
    const made = element("td", undefined, style);
    made.append(content);
    return made;
  };

  const runRow = (n) => {
    const [name, , start, length, status] = runs[n];
    const row = element("tr"), bar = element("div", undefined, status === 1 ? "bar failed" : "bar");
    const part = element("i");
    part.style.left = 100 * start / whole + "%";
    part.style.width = 100 * (length || 0) / whole + "%";
    bar.append(part);
    row.append(cell(opener(name, "run-" + n)), cell(seconds(length), "n"), cell(bar));
    return row;
  };
  const fileRow = (n) => {
    const [name, place, size, sum] = things[n];
    const row = element("tr"), link = element("a", "open");
    link.href = place;
    row.append(cell(opener(name, "thing-" + n)), cell(bytes(size), "n"),
      cell(element("code", sum || "")), cell(link));
    return row;
  };

  const paged = (id, numbers, words, makeRow) => {
    const section = document.getElementById(id);
    if (!section) return;
    const body = section.querySelector("tbody"), bar = element("div", undefined, "pager");
    const search = element("input"), count = element("span", "", "soft");
    const before = button("Back", () => { page -= 1; draw(); });
    const after = button("Next", () => { page += 1; draw(); });
    search.type = "search";
    search.placeholder = "Search";
    search.setAttribute("aria-label", "Search " + section.querySelector("h2").textContent);
    let shown = numbers, page = 0;
    const draw = () => {
      const last = Math.max(0, Math.ceil(shown.length / PAGE) - 1);
      page = Math.min(Math.max(page, 0), last);
      const from = page * PAGE, part = shown.slice(from, from + PAGE);
      body.replaceChildren(...part.map(makeRow));
      count.textContent = shown.length
        ? (from + 1) + " to " + (from + part.length) + " of " + shown.length : "none";
      before.disabled = page === 0;
      after.disabled = page === last;
    };
    search.addEventListener("input", () => {
      const wanted = search.value.toLowerCase();
      shown = numbers.filter((n) => words(n).toLowerCase().includes(wanted));
      page = 0;
      draw();
    });
    if (numbers.length > 10) {
      bar.append(search, count, before, after);
      section.querySelector("table").before(bar);
    }
    section.querySelectorAll(".more").forEach((hint) => hint.remove());
    draw();
    section.find = (wanted) => {
      search.value = wanted;
      search.dispatchEvent(new Event("input"));
      section.scrollIntoView();
    };
  };

  const panel = element("dialog");
  panel.addEventListener("close", () => history.replaceState(null, "", location.pathname));
  panel.addEventListener("click", (event) => { if (event.target === panel) panel.close(); });
  document.body.append(panel);
  const list = (title, numbers, make) => {
    if (!numbers || !numbers.length) return [];
    const made = element("ul");
    numbers.slice(0, MOST_LISTED).forEach((n) => {
      const item = element("li");
      item.append(make(n));
      made.append(item);
    });
    if (numbers.length > MOST_LISTED) made.append(element("li", "and " + (numbers.length - MOST_LISTED) + " more"));
    return [element("h3", title), made];
  };
  const toRun = (n) => opener(runs[n][0], "run-" + n);
  const toThing = (n) => opener(things[n][0], "thing-" + n);
  const closer = () => button("Close", () => panel.close());
  const showRun = (n) => {
    const [name, step, start, length, status, used, made, command] = runs[n];
    const facts = [step && "step " + step, STATUS[status], "after " + seconds(start),
      length !== null && "took " + seconds(length)].filter(Boolean);
    panel.replaceChildren(element("h2", name), element("p", facts.join(" · "), "soft"),
      ...(command ? [element("pre", command)] : []),
      ...list("Used", used, toThing), ...list("Made", made, toThing), closer());
  };
  const showThing = (n) => {
    const [name, place, size, sum] = things[n];
    const facts = [bytes(size), sum && "SHA-256 " + sum + " ..."].filter(Boolean);
    const link = element("a", "open " + place.replace("./", ""));
    link.href = place || "#";
    const before = new Set(), walk = parts(madeBy, n).slice();
    const seen = new Set(walk);
    while (walk.length) {
      for (const thing of runs[walk.pop()][5]) {
        const makers = parts(madeBy, thing);
        if (!makers.length) before.add(thing);
        makers.forEach((run) => { if (!seen.has(run)) { seen.add(run); walk.push(run); } });
      }
    }
    panel.replaceChildren(element("h2", name), element("p", facts.join(" · "), "soft"),
      ...(place ? [link] : []), ...list("Made by", parts(madeBy, n), toRun),
      ...list("Comes from", [...before].sort((a, b) => things[b].length - things[a].length || a - b), toThing),
      ...list("Used by", parts(usedBy, n), toRun), closer());
  };
  const follow = () => {
    const [, kind, number] = /^#(run|thing)-(\d+)$/.exec(location.hash) || [];
    const n = Number(number);
    if (kind === "run" && runs[n]) showRun(n);
    else if (kind === "thing" && things[n]) showThing(n);
    else return;
    if (!panel.open) panel.showModal();
    panel.scrollTop = 0;
  };

  paged("executions", runs.map((_, n) => n), (n) => runs[n][0] + " " + runs[n][1] + " " + STATUS[runs[n][4]], runRow);
  const files = things.map((_, n) => n).filter((n) => things[n].length > 2 && things[n][1]);
  paged("files", files, (n) => things[n][0] + " " + things[n][1], fileRow);
  document.querySelectorAll("[data-find]").forEach((place) => {
    const executions = document.getElementById("executions");
    if (executions) place.replaceChildren(
      button(place.textContent, () => executions.find(place.dataset.find), "link"));
  });
  const numbers = new Map(things.map((thing, n) => [thing[1], n]));
  document.querySelectorAll("#inputs td a, #outputs td a").forEach((link) => {
    const n = numbers.get(link.getAttribute("href"));
    if (n !== undefined) link.after(" ", opener(madeBy.has(n) ? "origin" : "uses", "thing-" + n));
  });
  addEventListener("hashchange", follow);
  follow();
})();
