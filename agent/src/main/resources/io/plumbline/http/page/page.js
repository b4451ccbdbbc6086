// Everything that a workload can choose reaches the document as text nodes only.

const SEVERITIES = ["critical", "high", "medium", "low", "info"];
const PAGE = 100;
const MOST = 500;
const SHOWN_VALUES = 14;

const byId = (id) => document.getElementById(id);

/** An element with attributes and children; strings become text. */
function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

async function ask(path) {
  const response = await fetch(path, { headers: { Accept: "application/json" }, cache: "no-store" });
  const body = await response.json();
  if (!response.ok) throw Object.assign(new Error(body.detail ?? response.statusText), { status: response.status });
  return body;
}

const state = {
  node: null,
  /** Who may see some namespaces alone sees nothing of the node. */
  tenant: false,
  nodeAt: 0,
  connected: false,
  limits: { findings: PAGE, pods: PAGE },
  open: new Set(),
  seen: null,
  drawn: new Map(),
};

// ---- small pieces ----

function when(iso) {
  const time = new Date(iso);
  return el("time", { datetime: iso, title: iso }, time.toLocaleString([], { dateStyle: "medium", timeStyle: "short" }));
}

function seconds(count) {
  if (count < 90) return `${count} s`;
  if (count < 5400) return `${Math.round(count / 60)} min`;
  if (count < 172800) return `${Math.round(count / 3600)} h`;
  return `${Math.round(count / 86400)} days`;
}

const plural = (count, one, many = one + "s") => `${count} ${count === 1 ? one : many}`;

function who(item) {
  if (item.profile) return `profile ${item.profile}`;
  if (!item.pod) return item.container ?? item.containerId ?? "the node";
  return `${item.namespace}/${item.pod}${item.container ? ", container " + item.container : ", sandbox"}`;
}

function podLink(item) {
  const name = item.pod ?? item.containerId;
  if (!name) return null;
  return `#/pods/${encodeURIComponent(item.namespace ?? "-")}/${encodeURIComponent(name)}`;
}

/** Values as small marks; those that are beyond what is expected stand out, where both are told in the same words. */
function values(list, expected = null) {
  if (!list) return document.createTextNode("");
  const comparable = expected !== null && (expected.length === 0 || list.some((value) => expected.includes(value)));
  const allowed = comparable ? new Set(expected) : null;
  const beyond = (value) => allowed !== null && !allowed.has(value);
  const sorted = allowed === null ? list : [...list].sort((a, b) => Number(beyond(b)) - Number(beyond(a)));
  const mark = (value) => el("span", { class: beyond(value) ? "value beyond" : "value" }, value);
  const box = el("div", { class: "values" }, ...sorted.slice(0, SHOWN_VALUES).map(mark));
  if (sorted.length > SHOWN_VALUES) {
    const rest = el("div", { class: "values" }, ...sorted.slice(SHOWN_VALUES).map(mark));
    box.append(el("details", {}, el("summary", {}, `${sorted.length - SHOWN_VALUES} more`), rest));
  }
  return box;
}

/** Draws only what differs from what is drawn, so that nobody's place, selection or focus is lost without need. */
function draw(target, data, make) {
  const text = JSON.stringify(data);
  if (state.drawn.get(target.id) === text) return;
  state.drawn.set(target.id, text);
  const focused = document.activeElement?.closest?.("[data-key]")?.dataset.key;
  target.replaceChildren(...make());
  if (focused) {
    const again = [...target.querySelectorAll("[data-key]")].find((one) => one.dataset.key === focused);
    (again?.querySelector("summary") ?? again)?.focus?.({ preventScroll: true });
  }
}

// ---- the node ----

async function refreshNode() {
  try {
    state.node = await ask("/api/v1/node");
    state.tenant = false;
    state.nodeAt = Date.now();
    const node = state.node;
    byId("node-name").textContent = node.name;
    byId("version").textContent = `version ${node.agent.version}`;
    document.title = `Plumbline · ${node.name}`;
    drawCounts(node.summary.findings);
    drawNode(node);
    drawTrouble(troubles(node));
  } catch (failure) {
    state.tenant = failure.status === 403;
    drawTrouble(state.tenant ? [] : [String(failure.message)]);
    if (state.tenant) draw(byId("node"), [], () => [el("dt", {}, "Yours"), el("dd", {}, "You see the pods of your namespaces. What is the node's own takes more rights.")]);
  }
  tick();
}

function troubles(node) {
  const list = [];
  if (node.agent.scanTrouble) list.push(`No scan since ${node.agent.lastScan.endedAt}: ${node.agent.scanTrouble}`);
  if (node.kubelet.stale) list.push(`The kubelet's answer is ${seconds(node.kubelet.ageSeconds ?? 0)} old: ${node.kubelet.trouble}`);
  for (const warning of node.kubelet.stale ? [] : node.kubelet.warnings ?? []) list.push(warning);
  if (node.agent.stateTrouble) list.push(`Findings will not outlive a restart: ${node.agent.stateTrouble}`);
  return list;
}

function drawTrouble(list) {
  const box = byId("trouble");
  box.hidden = list.length === 0;
  draw(box, list, () => list.map((text) => el("p", {}, text)));
}

function drawCounts(counts) {
  draw(byId("counts"), counts, () =>
    SEVERITIES.map((severity) =>
      el("li", { class: counts[severity] ? severity : `${severity} none` }, el("b", {}, String(counts[severity])), severity)));
}

function drawNode(node) {
  const facts = [
    ["Kernel", `Linux ${node.kernel}`],
    ["Control groups", node.cgroups],
    ["AppArmor", node.appArmor],
    ["SELinux", node.seLinux],
    ["Capabilities at most", node.capabilityCeiling],
    ["Declared by", node.kubelet.source ? `${node.kubelet.source}, ${plural(node.kubelet.pods ?? 0, "pod")}` : "the container runtimes' bundles; no kubelet is asked"],
    ["Kubelet's configuration", node.kubelet.configuration ?? "not asked"],
    ["Bundles read", String(node.bundles.read)],
    ["Bundles not readable", node.bundles.unreadable.length ? node.bundles.unreadable.join("; ") : "none"],
    ["Processes", `${node.processes.pod} in containers, ${node.processes.host} of the node, ${node.processes.unattributed} unattributed`],
    ["Containers", String(node.summary.containers)],
    ["Could not be told", plural(node.summary.undetermined, "reading")],
    ["Reads /proc by", `${node.reader}, as uid ${node.readerUid}`],
    ["Scans", `every ${node.agent.scanIntervalSeconds} s, the last took ${node.agent.lastScan.tookSeconds.toFixed(2)} s`],
    ["Seen once, open if seen again", String(node.agent.lastScan.pendingFindings)],
    ["Remembers in", node.agent.stateDirectory ?? "memory only"],
    ["Runs since", node.agent.startedAt],
  ];
  draw(byId("node"), facts, () => facts.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}

async function refreshProfiles() {
  const answer = await ask(`/api/v1/apparmor/profiles?limit=${MOST}`);
  const from = answer.directory ? `wanted from ${answer.directory}` : "no directory of profiles is watched";
  const parser = answer.parser ? `, compiled by apparmor_parser ${answer.parser}` : "";
  byId("profiles-about").textContent = `${plural(answer.total, "profile")}; ${from}${parser}`;
  draw(byId("profiles"), answer.profiles, () => answer.profiles.map((profile) => {
    const state = profile.removing ? "is removed when it is free" : PROFILE_STATES[profile.state] ?? profile.state;
    const users = profile.processes ? `; ${plural(profile.processes, "process", "processes")}: ${profile.usedBy.join(", ")}` : "";
    return el("li", {},
      el("code", {}, profile.name),
      ` ${profile.mode ?? "not loaded"}, ${state}${users}${happened(profile.events)}`,
      el("ul", { class: "plain" }, ...profile.errors.map((error) =>
        el("li", { class: "quiet" }, `${error.file}${error.line ? `:${error.line}:${error.column ?? 0}` : ""}: ${error.text}`))));
  }));
}

function happened(events) {
  if (!events || !(events.allowed + events.denied)) return "";
  const least = events.whole ? "" : "at least ";
  return `; ${least}${events.denied} denied, ${least}${events.allowed} would be in enforce mode, since ${events.since}`;
}

const PROFILE_STATES = {
  verified: "as it was loaded",
  unverified: "its content could not be compared",
  rejected: "its source is refused",
  missing: "wanted and not in the kernel",
  content: "replaced by other content",
  mode: "in another mode than it was loaded in",
  foreign: "its name is taken by another one",
  other: "not from here",
};

function tick() {
  const line = byId("freshness");
  if (state.tenant) {
    line.className = state.connected ? "freshness live" : "freshness late";
    line.textContent = state.connected ? "Live, your namespaces" : "Not connected";
    return;
  }
  if (!state.node) {
    line.className = "freshness late";
    line.textContent = "No scan yet";
    return;
  }
  const age = state.node.agent.lastScan.ageSeconds + Math.round((Date.now() - state.nodeAt) / 1000);
  const late = !state.connected || age > 4 * state.node.agent.scanIntervalSeconds + 2;
  line.className = late ? "freshness late" : "freshness live";
  line.textContent = `${state.connected ? "Live" : "Not connected"}, last scan ${seconds(age)} ago`;
}

// ---- findings ----

function chosen() {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(byId("filters"))) if (value.trim() !== "") query.set(name, value.trim());
  return query;
}

async function refreshFindings() {
  const query = chosen();
  query.set("limit", String(state.limits.findings));
  const answer = await ask(`/api/v1/findings?${query}`);
  const shown = answer.findings.length;
  byId("findings-total").textContent = answer.total === 0
    ? chosen().size === 0 ? "Everything that could be read hangs true." : "None of these."
    : shown < answer.total ? `${shown} of ${answer.total}, worst first` : `${plural(answer.total, "finding")}, worst first`;
  byId("more-findings").hidden = shown >= answer.total || state.limits.findings >= MOST;
  const before = state.seen;
  const stable = answer.findings.map((finding) => ({ ...finding, lastSeen: null }));
  draw(byId("findings"), stable, () => answer.findings.map((finding) => drawFinding(finding, before !== null && !before.has(finding.id))));
  state.seen = new Set([...(before ?? []), ...answer.findings.map((finding) => finding.id)]);
}

function drawFinding(finding, fresh) {
  const link = podLink(finding);
  const rows = [
    ["What", finding.message],
    ["Declared", finding.declared],
    ["Expected", values(finding.expected)],
    finding.exception ? ["Accepted", finding.exception] : null,
    finding.granted ? ["Granted", values(finding.granted)] : null,
    ["Effective", values(finding.effective, finding.expected)],
    ["Cause", finding.cause],
    ["Remedy", finding.remedy],
    ["Read from", el("ul", { class: "plain" }, ...finding.evidence.map((line) => el("li", {}, el("code", {}, `${line.source}: ${line.line}`))))],
    ["Processes", el("ul", { class: "plain" },
      ...finding.processes.map((process) => el("li", {}, el("code", {}, `${process.pid}  ${process.command}`))),
      finding.processCount > finding.processes.length ? el("li", {}, `and ${finding.processCount - finding.processes.length} more`) : null)],
    ["Open since", when(finding.firstSeen)],
  ];
  const details = el("details", { class: `finding ${finding.severity}${fresh ? " fresh" : ""}`, "data-key": finding.id, open: state.open.has(finding.id) },
    el("summary", {},
      el("span", { class: "severity" }, finding.severity),
      el("span", { class: "title" }, finding.title),
      el("span", { class: "since" }, when(finding.firstSeen)),
      el("span", { class: "who" }, `${who(finding)} · ${finding.check}`)),
    el("div", { class: "body" },
      el("dl", {}, ...rows.filter((row) => row !== null).flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])),
      link ? el("a", { href: link }, "Plumb table") : null));
  details.addEventListener("toggle", () => (details.open ? state.open.add(finding.id) : state.open.delete(finding.id)));
  return details;
}

// ---- pods ----

async function refreshPods() {
  const answer = await ask(`/api/v1/pods?limit=${state.limits.pods}`);
  byId("pods-total").textContent = answer.total === 0 ? "No container runs here." : plural(answer.total, "pod or container", "pods and containers");
  byId("more-pods").hidden = answer.pods.length >= answer.total || state.limits.pods >= MOST;
  draw(byId("pods"), answer.pods, () => answer.pods.map((pod) => {
    const out = SEVERITIES.filter((severity) => pod.findings[severity] > 0);
    const counts = out.length
      ? out.map((severity) => el("span", { class: `severity ${severity}` }, `${pod.findings[severity]} ${severity}`))
      : [el("span", { class: "fine" }, "true")];
    return el("li", {}, el("a", { href: `#/pods/${encodeURIComponent(pod.namespace)}/${encodeURIComponent(pod.name)}`, "data-key": `${pod.namespace}/${pod.name}/${pod.podUid ?? ""}` },
      el("span", {}, pod.kind === "pod" ? `${pod.namespace}/${pod.name}` : `${pod.containers[0] ?? pod.name}`),
      el("span", { class: "quiet" }, `${pod.containers.join(", ")}${pod.containers.length ? ", " : ""}${plural(pod.processes, "process", "processes")}`),
      el("span", { class: "counts-line" }, ...counts)));
  }));
}

const VERDICTS = { conforms: "in true", violates: "out of true", undetermined: "could not be told" };

async function refreshPod(namespace, name) {
  const title = byId("pod-title");
  title.textContent = `${namespace}/${name}`;
  let pod;
  try {
    pod = await ask(`/api/v1/pods/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`);
  } catch (failure) {
    byId("pod-about").textContent = String(failure.message);
    draw(byId("tables"), [], () => []);
    return;
  }
  byId("pod-about").textContent = [pod.workload ? `of ${pod.workload}` : null, plural(pod.processes, "process", "processes"), pod.podUid ? `UID ${pod.podUid}` : null].filter(Boolean).join(" · ");
  const out = (table) => table.attributes.filter((row) => row.verdict === "violates").length;
  draw(byId("tables"), pod.tables, () => [...pod.tables].sort((a, b) => out(b) - out(a)).flatMap(drawTable));
}

function drawTable(table) {
  const name = table.container ?? "(sandbox)";
  const head = ["Check", "Declared", "Expected", "Granted", "Effective", "Verdict"];
  const rank = (row) => (row.verdict === "violates" ? 0 : 1);
  const rows = [...table.attributes].sort((a, b) => rank(a) - rank(b) || (rank(a) === 0 ? SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) : 0));
  return [
    el("h3", {}, `${name} `, el("span", { class: "quiet" }, [table.kind, table.runtime, table.containerId?.slice(0, 12)].filter(Boolean).join(" · "))),
    el("div", { class: "scroll", role: "region", "aria-label": `Plumb table of ${name}`, tabindex: "0" },
      el("table", {},
        el("thead", {}, el("tr", {}, ...head.map((text) => el("th", { scope: "col" }, text)))),
        el("tbody", {}, ...rows.map(drawRow)))),
  ];
}

function drawRow(row) {
  const out = row.verdict === "violates";
  const kind = out ? `out ${row.severity}` : row.verdict === "undetermined" ? "unknown" : "true";
  const cell = (label, ...content) => el("td", { "data-label": label }, ...content);
  const source = row.evidence.length ? row.evidence[0].source : null;
  return el("tr", { class: kind },
    el("th", { scope: "row" }, row.check),
    cell("Declared", row.declared),
    cell("Expected", values(row.expected)),
    cell("Granted", values(row.granted)),
    cell("Effective", values(row.effective, out ? row.expected : null)),
    el("td", { class: "verdict", "data-label": "Verdict" },
      el("b", {}, VERDICTS[row.verdict]),
      out ? el("span", { class: "note" }, row.severity) : null,
      source ? el("span", { class: "note", title: row.evidence[0].line }, `read from ${source}`) : null,
      ...row.undetermined.slice(0, 3).map((why) => el("span", { class: "note" }, why))));
}

// ---- views, and what keeps them up to date ----

function place() {
  const parts = location.hash.replace(/^#\/?/, "").split("/");
  let words;
  try {
    words = parts.map(decodeURIComponent);
  } catch {
    return { view: "findings" };
  }
  if (words[0] === "pods" && words.length === 3) return { view: "pod", namespace: words[1], name: words[2] };
  if (words[0] === "pods") return { view: "pods" };
  return { view: words[0] === "node" ? "node" : "findings" };
}

async function refresh() {
  const here = place();
  await refreshNode();
  if (!state.node && !state.tenant) return;
  try {
    if (here.view === "findings") await refreshFindings();
    if (here.view === "node") await refreshProfiles();
    if (here.view === "pods") await refreshPods();
    if (here.view === "pod") await refreshPod(here.namespace, here.name);
  } catch (failure) {
    drawTrouble([String(failure.message)]);
  }
}

function show(moved) {
  const here = place();
  for (const view of ["findings", "pods", "pod", "node"]) byId(`view-${view}`).hidden = view !== here.view;
  for (const link of document.querySelectorAll("nav a")) {
    const current = link.dataset.view === here.view || (link.dataset.view === "pods" && here.view === "pod");
    if (current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (moved) (here.view === "pod" ? byId("pod-title") : byId("main")).focus();
  soon(0);
}

let planned = 0;

/** Many events of one scan are one refresh. */
function soon(milliseconds = 150) {
  clearTimeout(planned);
  planned = setTimeout(refresh, milliseconds);
}

function announce(text) {
  byId("news").textContent = text;
}

function listen() {
  const stream = new EventSource("/api/v1/stream");
  stream.addEventListener("open", () => {
    state.connected = true;
    soon();
  });
  stream.addEventListener("error", () => {
    state.connected = false;
    tick();
    // A browser gives up for good after an answer that is no stream.
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 5000);
  });
  stream.addEventListener("opened", (event) => {
    const finding = JSON.parse(event.data);
    announce(`New: ${finding.severity}, ${finding.title}, ${who(finding)}`);
    soon();
  });
  stream.addEventListener("closed", (event) => {
    const finding = JSON.parse(event.data);
    announce(`Closed: ${finding.check} of ${who(finding)}`);
    soon();
  });
  stream.addEventListener("scan", () => soon());
}

async function fillChecks() {
  const answer = await ask("/api/v1/checks");
  byId("filters").elements.check.append(...answer.checks.map((check) => el("option", { title: check.promise }, check.id)));
}

byId("filters").addEventListener("input", () => soon(250));
byId("filters").addEventListener("reset", () => soon(0));
byId("filters").addEventListener("submit", (event) => {
  event.preventDefault();
  soon(0);
});
for (const name of ["findings", "pods"]) {
  byId(`more-${name}`).addEventListener("click", () => {
    state.limits[name] = MOST;
    soon(0);
  });
}
window.addEventListener("hashchange", () => show(true));
setInterval(tick, 1000);
fillChecks().catch((failure) => drawTrouble([String(failure.message)]));
listen();
show(false);
