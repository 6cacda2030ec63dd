"use strict";
// SECURITY: whatever strangers have chosen (names, paths) goes into the page by
// textContent only, with controls shown as what they are.
const $ = id => document.getElementById(id);
const clean = s => String(s ?? "").replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g, "?");
const sessions = new Map();
const events = [];
const rowHeight = () => ($("rows").rows[0]?.offsetHeight || 39);

function bytes(n) {
  for (const unit of ["", "K", "M", "G", "T"]) {
    if (n < 1000) return (unit && n < 100 ? n.toFixed(1) : Math.round(n)) + unit;
    n /= 1024;
  }
  return Math.round(n) + "P";
}
function ago(from) {
  const s = Math.max(0, Math.round((Date.now() - new Date(from)) / 1000));
  return s < 60 ? s + "s" : s < 3600 ? Math.floor(s / 60) + "m" : Math.floor(s / 3600) + "h";
}
function note(text) {
  $("note").textContent = clean(text);
  clearTimeout(note.timer);
  note.timer = setTimeout(() => { $("note").textContent = ""; }, 6000);
}
async function get(path) {
  const r = await fetch(path);
  if (r.status === 401) location.reload();
  return r.json();
}
async function post(path, what) {
  const r = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json", "X-Ferry": "page" }, body: JSON.stringify(what ?? {}) });
  const v = await r.json();
  if (!r.ok) { note(v.error); return null; }
  return v;
}
// ask resolves with the answer to this question only: a browser may tell of the
// end of the last question when the next one is open already.
function ask(question) {
  const box = $("ask");
  $("question").textContent = clean(question);
  box.returnValue = "no";
  box.showModal();
  return new Promise(done => { box.onclose = () => box.open || done(box.returnValue === "yes"); });
}
async function act(question, path, what, after) {
  if (question && !await ask(question)) return;
  if (await post(path, what)) { note("Done."); if (after) after(); }
}
function cell(row, text, title) {
  const td = row.insertCell();
  td.textContent = clean(text);
  if (title) td.title = clean(title);
  return td;
}
function button(td, text, name, run) {
  const b = document.createElement("button");
  b.type = "button"; b.textContent = text; b.ariaLabel = clean(name); b.onclick = run;
  td.append(b, " ");
}

// Sessions: only the rows that can be seen are in the page.
const orders = {
  rate: (a, b) => (b.transfer?.rate ?? -1) - (a.transfer?.rate ?? -1) || a.id - b.id,
  id: (a, b) => a.id - b.id,
  user: (a, b) => a.user < b.user ? -1 : a.user > b.user ? 1 : a.id - b.id,
  bytes: (a, b) => b.in + b.out - a.in - a.out || a.id - b.id,
};
let list = [], dirty = true;
function choose() {
  const find = $("find").value.toLowerCase();
  list = [...sessions.values()].filter(s => !find || (s.user + " " + s.peer + " " + (s.transfer?.path ?? s.place)).toLowerCase().includes(find));
  list.sort(orders[$("sort").value]);
  $("shown").textContent = list.length + " of " + sessions.size;
  dirty = true;
}
// draw keeps the rows that it has: one that is clicked or has the focus must not
// be taken away in between.
const kept = new Map();
function newRow(s) {
  const row = document.createElement("tr"), addr = s.peer.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  for (let i = 0; i < 9; i++) row.insertCell();
  const td = row.insertCell();
  button(td, "Kick", "Kick session " + s.id, () => act("End session " + s.id + " of " + (sessions.get(s.id)?.user || "nobody yet") + "?", "/v1/kick", { who: "id:" + s.id }));
  button(td, "Ban", "Ban " + addr, () => act("Ban " + addr + " for an hour?", "/v1/ban", { who: "addr:" + addr, for: "1h" }));
  return row;
}
function fill(row, s) {
  const t = s.transfer, where = t ? t.path : s.place;
  [s.id, s.user, s.peer.replace(/:\d+$/, ""), s.tls.replace("TLS ", ""), t ? t.verb : s.command, where,
    t && bytes(t.rate) + "/s", t && (t.total ? Math.min(100, Math.floor(100 * t.bytes / t.total)) + "%" : bytes(t.bytes)), !t && ago(s.last)].forEach((v, i) => {
    const td = row.cells[i], text = clean(v || "–");
    if (td.textContent !== text) td.textContent = text;
  });
  row.cells[2].title = s.peer; row.cells[5].title = clean(where);
}
function draw() {
  if (!dirty || $("who").hidden) return;
  dirty = false;
  const h = rowHeight(), box = $("scroll"), first = Math.max(0, Math.min(Math.floor(box.scrollTop / h) - 5, list.length - 1));
  const some = list.slice(first, first + Math.ceil(box.clientHeight / h) + 12), shown = new Set(some.map(s => s.id)), rows = $("rows");
  $("room").style.height = (list.length + 1) * h + "px";
  $("room").firstElementChild.style.top = first * h + "px";
  for (const [id, row] of kept) if (!shown.has(id)) { row.remove(); kept.delete(id); }
  some.forEach((s, i) => {
    if (!kept.has(s.id)) kept.set(s.id, newRow(s));
    const row = kept.get(s.id);
    if (rows.rows[i] !== row) {
      const held = row.contains(document.activeElement) && document.activeElement;
      rows.insertBefore(row, rows.rows[i] ?? null);
      if (held) held.focus();
    }
    fill(row, s);
  });
}
setInterval(() => { dirty = true; draw(); }, 1000); // times grow
$("find").oninput = $("sort").onchange = () => { choose(); draw(); };
$("scroll").onscroll = () => { dirty = true; draw(); };

function stats(s) {
  $("sessions").textContent = s.sessions; $("transfers").textContent = s.transfers;
  $("up").textContent = bytes(s.in); $("down").textContent = bytes(s.out); $("bans").textContent = s.bans;
  const state = (s.draining ? "draining: nobody is let in" : "up for " + ago(s.since)) + (s.former ? "; the server before it has sessions left (ferry ctl servers)" : "");
  if ($("state").textContent !== state) $("state").textContent = state; // it is read out when it changes
  $("drain").textContent = s.draining ? "Resume" : "Drain";
  $("drain").dataset.on = s.draining ? "1" : "";
}
function follow(path, open, kind, heard) {
  const from = new EventSource(path);
  from.onopen = open;
  from.addEventListener(kind, e => heard(JSON.parse(e.data)));
  from.onerror = () => {
    $("state").textContent = "the server doesn't answer";
    if (from.readyState !== EventSource.CLOSED) return; // it tries again by itself
    setTimeout(() => { get("/v1/about").catch(() => {}); follow(path, open, kind, heard); }, 3000);
  };
}
// forget is for a connection that begins: it may lead to another process, whose
// numbers of sessions mean others, and which may have none to tell of.
function forget() {
  sessions.clear(); kept.clear(); $("rows").replaceChildren();
  choose(); draw();
  if ($("ask").open) { $("ask").close("no"); note("The server was connected to again: nothing was done."); }
}
follow("/v1/live", forget, "live", c => {
  stats(c.stats);
  for (const s of c.changed ?? []) sessions.set(s.id, s);
  for (const id of c.gone ?? []) sessions.delete(id);
  if (c.changed || c.gone) { choose(); requestAnimationFrame(draw); }
});
$("drain").onclick = () => $("drain").dataset.on ? act("", "/v1/resume") : act("Let nobody in any more? Transfers finish.", "/v1/drain");
$("logout").onclick = async () => { await post("/logout"); location.reload(); };

// The log.
function line(e) {
  const li = document.createElement("li");
  const took = e.took && e.bytes ? " in " + (e.took / 1e9).toFixed(2) + "s" : "";
  li.textContent = clean([new Date(e.time).toLocaleTimeString(), e.event, e.session, e.user, e.peer && "from " + e.peer, e.event === "act" && e.verb, e.path, e.to && "to " + e.to, e.bytes && bytes(e.bytes) + took,
    e.outcome && e.outcome !== "done" && "– " + e.outcome, e.reason && "(" + e.reason + ")"].filter(Boolean).join(" "));
  if (failed(e)) li.className = "bad";
  return li;
}
const failed = e => e.event === "ban" || e.event !== "connected" && (e.event === "disconnect" ? !["quit", "gone", "idle", "drained"].includes(e.outcome) : e.outcome !== "done");
function passes(e) {
  const find = $("logfind").value.toLowerCase();
  return (!$("logkind").value || e.event === $("logkind").value) && (!$("logfailed").checked || failed(e)) &&
    (!find || [e.user, e.peer, e.path, e.to].join(" ").toLowerCase().includes(find));
}
function redraw() { $("lines").replaceChildren(...events.filter(passes).slice(-500).map(line)); $("lines").scrollTop = 1e9; }
follow("/v1/events?follow=1&last=500", () => { events.length = 0; $("lines").replaceChildren(); }, "event", e => {
  const ol = $("lines");
  events.push(e);
  if (events.length > 2000) events.shift();
  if (![...$("logkind").options].some(o => o.value === e.event)) $("logkind").add(new Option(e.event));
  if (e.event === "ban" || e.event === "act") refresh();
  if (!passes(e)) return;
  const end = ol.scrollTop + ol.clientHeight > ol.scrollHeight - 40;
  ol.append(line(e));
  if (ol.children.length > 500) ol.firstChild.remove();
  if (end) ol.scrollTop = 1e9;
});
$("logfind").oninput = $("logkind").onchange = $("logfailed").onchange = redraw;

// Bans and users.
// latest is an answer if nothing has been asked for since at the same place: answers may
// overtake each other. null: it is out of date.
const asked = new Map();
async function latest(path) {
  const mine = (asked.get(path) ?? 0) + 1;
  asked.set(path, mine);
  const v = await get(path);
  return asked.get(path) === mine ? v : null;
}
// refill leaves rows alone that say the same as before, and gives the focus back:
// every act of anybody comes by here, and a button must not go away while it is pressed.
const said = new Map();
function refill(rows, all, fill) {
  const text = JSON.stringify(all);
  if (said.get(rows) === text) return;
  said.set(rows, text);
  const held = rows.contains(document.activeElement) && document.activeElement.ariaLabel;
  rows.replaceChildren();
  all.forEach(fill);
  if (!held) return;
  const now = [...rows.querySelectorAll("button")], of = held.slice(held.indexOf(" ")); // Disable NAME has become Enable NAME
  (now.find(b => b.ariaLabel === held) ?? now.find(b => b.ariaLabel.endsWith(of)))?.focus();
}
async function showBans() {
  const bans = await latest("/v1/bans");
  if (bans) refill($("banrows"), bans, b => {
    const row = $("banrows").insertRow(), who = b.address ? "addr:" + b.address : "user:" + b.user;
    cell(row, b.address || "everywhere"); cell(row, b.user || "–"); cell(row, b.until ? new Date(b.until).toLocaleString() : "for good"); cell(row, b.by);
    button(row.insertCell(), "Unban", "Unban " + (b.address || b.user), () => act("", "/v1/unban", { who }, showBans));
  });
}
async function showUsers() {
  const u = await latest("/v1/users");
  if (!u) return;
  $("userform").hidden = !u.editable;
  $("userfile").textContent = u.editable ? "Kept in " + clean(u.file) : "Users are changed by ferry users or ferry ctl.";
  refill($("userrows"), u.users, r => {
    const row = $("userrows").insertRow();
    cell(row, r.name); cell(row, r.root || "–"); cell(row, r.may); cell(row, r.disabled ? "disabled" : "");
    const td = row.insertCell();
    if (!u.editable || r.fixed) return;
    button(td, r.disabled ? "Enable" : "Disable", (r.disabled ? "Enable " : "Disable ") + r.name, () => act("", "/v1/users/change", { name: r.name, disabled: !r.disabled }, showUsers));
    button(td, "Remove", "Remove " + r.name, () => act("Remove " + r.name + "?", "/v1/users/remove", { name: r.name }, showUsers));
  });
}
$("banform").onsubmit = e => { e.preventDefault(); act("", "/v1/ban", { who: $("banwho").value, for: $("banfor").value }, showBans); };
$("userform").onsubmit = async e => {
  e.preventDefault();
  await act("", "/v1/users/add", { name: $("username").value, password: $("userpass").value, set: { perm: $("userperm").value } }, showUsers);
  $("userpass").value = "";
};
function refresh() { if (!$("banned").hidden) showBans(); if (!$("users").hidden) showUsers(); }

// Tabs, as the ARIA practices have them.
const tabs = [...document.querySelectorAll("[role=tab]")];
function open(tab) {
  for (const t of tabs) {
    const on = t === tab;
    t.ariaSelected = String(on); t.tabIndex = on ? 0 : -1; $(t.getAttribute("aria-controls")).hidden = !on;
  }
  dirty = true; draw(); refresh();
  $("lines").scrollTop = 1e9;
}
for (const t of tabs) {
  t.onclick = () => open(t);
  t.onkeydown = e => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    if (!step) return;
    const next = tabs[(tabs.indexOf(t) + step + tabs.length) % tabs.length];
    next.focus(); open(next);
  };
}

// Throughput of the last hour.
async function chart() {
  const all = await get("/v1/history"), c = $("chart"), g = c.getContext("2d"), css = getComputedStyle(document.documentElement);
  const w = c.width = c.clientWidth * devicePixelRatio, h = c.height = 90 * devicePixelRatio;
  const top = Math.max(1024, ...all.map(s => Math.max(s.in, s.out)));
  $("peak").textContent = "last hour, peak " + bytes(top) + "/s";
  for (const [key, color] of [["in", "--in"], ["out", "--out"]]) {
    g.strokeStyle = css.getPropertyValue(color); g.lineWidth = 1.5 * devicePixelRatio; g.beginPath();
    all.forEach((s, i) => g.lineTo(w - (all.length - 1 - i) * w / 719, h - 4 - s[key] / top * (h - 8)));
    g.stroke();
  }
}
chart(); setInterval(chart, 5000);
get("/v1/about").then(a => { $("name").textContent = clean(a.name + " " + a.dir); document.title = "ferry " + clean(a.name); });
