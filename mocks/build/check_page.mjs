// Looks at HTML pages in a browser; see check_page.sh.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [binary, executablePath, root, scratch] = process.argv.slice(2);
const require = createRequire(join(root, ".node-page/"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const problems = [];
const fail = (page, what) => problems.push(`${page}: ${what}`);

// An account in which everything that people name is hostile. References stay whole.
function hostile() {
  const snapshot = JSON.parse(readFileSync(join(root, "tests/snapshots/worn-site.json"), "utf8"));
  const ends = [
    "\"><script>window.pwned=1</script>",
    "'><img src=x onerror=window.pwned=1>",
    "</title></style></script><svg onload=window.pwned=1>",
    "\u202e\u2066reversed\u200b",
    "W".repeat(200),
    "javascript:window.pwned=1",
    "]]><!--",
    "長い名前".repeat(40),
  ];
  const named = new Set(["name", "cluster_name", "service_name", "subnet_group_name", "description", "family", "container_name"]);
  const end = (text) => text + ends[[...text].reduce((sum, c) => sum + c.codePointAt(0), 0) % ends.length];
  const walk = (value, key) => {
    if (Array.isArray(value)) return value.map((one) => walk(one, key));
    if (value && typeof value === "object") {
      const isTags = key === "tags";
      return Object.fromEntries(Object.entries(value).map(([name, one]) =>
        [name, isTags && typeof one === "string" ? end(one) : walk(one, name)]));
    }
    return typeof value === "string" && value !== "" && named.has(key) ? end(value) : value;
  };
  const kept = { gaps: snapshot.gaps };
  for (const section of ["ecs", "elb", "rds", "ec2", "wafv2", "sns"]) kept[section] = walk(snapshot[section], section);
  const path = join(scratch, "hostile.json");
  writeFileSync(path, JSON.stringify({ ...snapshot, ...kept }), { mode: 0o600 });
  return path;
}

function write(name, args) {
  const path = join(scratch, `${name}.html`);
  try {
    execFileSync(binary, [...args, "--no-config", "--format", "html", "--output", path], { stdio: ["ignore", "ignore", "pipe"] });
  } catch (error) {
    // Findings are what the page is about.
    if (![1, 3].includes(error.status)) throw new Error(`${name}: ${error.stderr}`);
  }
  return { name, url: pathToFileURL(path).href, bytes: readFileSync(path).length };
}

const snapshot = (name) => join(root, `tests/snapshots/${name}.json`);
const bad = hostile();
const pages = [
  write("scan-en", ["scan", "--snapshot", snapshot("ec-site"), "--lang", "en"]),
  write("scan-ja", ["scan", "--snapshot", snapshot("worn-site"), "--lang", "ja"]),
  write("plan-ja", ["plan", "--snapshot", snapshot("ec-site"), "--lang", "ja", "--deadline", "4w"]),
  write("hostile-en", ["scan", "--snapshot", bad, "--lang", "en"]),
];

const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

// Opens a page and notes whatever leaves it or goes wrong.
async function open(page, options) {
  const context = await browser.newContext(options);
  const tab = await context.newPage();
  tab.on("request", (request) => { if (request.url().split("#")[0] !== page.url) fail(page.name, `asks for ${request.url()}`); });
  tab.on("console", (message) => { if (["error", "warning"].includes(message.type())) fail(page.name, `console: ${message.text()}`); });
  tab.on("pageerror", (error) => fail(page.name, `script: ${error.message}`));
  tab.on("dialog", (dialog) => { fail(page.name, "a dialog opens"); return dialog.dismiss(); });
  await tab.goto(page.url);
  return { context, tab };
}

// The pictures: texts that meet each other, leave the picture or cross the edge of a band.
const drawn = () => {
  const found = [];
  for (const svg of document.querySelectorAll("svg.tenken-diagram")) {
    const { width, height } = svg.viewBox.baseVal;
    const texts = [...svg.querySelectorAll("text")].map((text) => ({ text: text.textContent, box: text.getBBox() }));
    const bands = [...svg.querySelectorAll("rect.band")].map((one) => one.getBBox());
    const meets = (a, b) => a.x + 1 < b.x + b.width && b.x + 1 < a.x + a.width && a.y + 3 < b.y + b.height - 3 && b.y + 3 < a.y + a.height - 3;
    texts.forEach(({ text, box }, index) => {
      if (box.x < 0 || box.y < 0 || box.x + box.width > width || box.y + box.height > height) found.push(`«${text}» leaves the picture`);
      for (const other of texts.slice(0, index)) if (meets(box, other.box)) found.push(`«${text}» meets «${other.text}»`);
      for (const band of bands) {
        const isIn = band.x <= box.x && box.x + box.width <= band.x + band.width;
        if (meets(box, band) && !isIn) found.push(`«${text}» crosses a band`);
      }
    });
  }
  return found.slice(0, 5);
};

const shownProblems = () => [...document.querySelectorAll("details.problem")].filter((one) => one.checkVisibility()).map((one) => one.dataset.severity);

for (const page of pages) {
  if (page.bytes > 1_000_000) fail(page.name, `${page.bytes} bytes`);
  for (const [width, height] of [[390, 844], [820, 1180], [1440, 900]]) {
    for (const colorScheme of ["light", "dark"]) {
      const { context, tab } = await open(page, { viewport: { width, height }, colorScheme });
      const state = await tab.evaluate(() => ({
        overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        pwned: window.pwned,
        scripts: document.querySelectorAll("script").length,
        lang: document.documentElement.lang,
        paper: getComputedStyle(document.body).backgroundColor,
        pictures: document.querySelectorAll("svg.tenken-diagram").length,
      }));
      const where = `${page.name} ${width} ${colorScheme}`;
      if (state.overflow > 0) fail(where, `is ${state.overflow} px too wide`);
      if (state.pwned !== undefined || state.scripts !== 1) fail(where, "runs what the account says");
      if (state.lang !== page.name.slice(-2)) fail(where, `lang is ${state.lang}`);
      if ((colorScheme === "dark") === (state.paper === "rgb(255, 255, 255)")) fail(where, `paper is ${state.paper}`);
      if (state.pictures === 0) fail(where, "has no picture");
      if (width === 1440 && colorScheme === "light") for (const what of await tab.evaluate(drawn)) fail(where, what);
      await context.close();
    }
  }
  // Accessibility, all folds open; the checker's own script needs a context without the page's policy.
  for (const colorScheme of ["light", "dark"]) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme, bypassCSP: true });
    const tab = await context.newPage();
    await tab.goto(page.url);
    await tab.evaluate(() => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
    await tab.evaluate(axe);
    // Contrast within pictures and for thousands of elements would take minutes: pictures are judged by their style sheet.
    const result = await tab.evaluate(() => window.axe.run({ exclude: [["svg"]] }, { resultTypes: ["violations"] }));
    for (const violation of result.violations) {
      fail(`${page.name} ${colorScheme}`, `axe ${violation.id}: ${violation.help}: ${violation.nodes[0].html.slice(0, 200)} ${violation.nodes[0].failureSummary}`);
    }
    await context.close();
  }
}

// Filters and keyboard.
{
  const page = pages[1];
  const { context, tab } = await open(page, { viewport: { width: 1280, height: 900 } });
  await tab.keyboard.press("Tab");
  const first = await tab.evaluate(() => document.activeElement.className);
  if (first !== "skip") fail(page.name, `the first stop is «${first}»`);
  await tab.keyboard.press("Enter");
  if (!(await tab.evaluate(() => location.hash === "#main"))) fail(page.name, "the skip link leads nowhere");
  const all = await tab.evaluate(shownProblems);
  await tab.focus("#filters select[name=severity]");
  await tab.keyboard.press("ArrowDown");
  const some = await tab.evaluate(shownProblems);
  if (!(some.length > 0 && some.length < all.length && some.every((one) => one === some[0]))) {
    fail(page.name, `the severity filter shows ${some.length} of ${all.length}`);
  }
  await tab.keyboard.press("Home");
  for (const name of ["pillar", "service"]) {
    const value = await tab.evaluate((name) => document.querySelector(`#filters select[name=${name}] option:nth-child(2)`).value, name);
    await tab.selectOption(`#filters select[name=${name}]`, value);
    const left = await tab.evaluate((name) => [...document.querySelectorAll("details.problem")].filter((one) => !one.hidden).map((one) => one.dataset[name]), name);
    if (left.length === 0 || left.length === all.length || !left.every((one) => one.split(" ").includes(value))) fail(page.name, `the filter ${name} shows ${left.length}`);
    await tab.selectOption(`#filters select[name=${name}]`, "");
  }
  const summary = tab.locator("details.problem:not([open]) > summary").first();
  const id = await summary.evaluate((one) => one.parentElement.id);
  await summary.focus();
  await tab.keyboard.press("Enter");
  if (!(await tab.evaluate((id) => document.getElementById(id).open, id))) fail(page.name, "Enter opens no problem");
  await context.close();
}

// A history gives states; without script everything is there.
for (const page of pages) {
  const { context, tab } = await open(page, { javaScriptEnabled: false, viewport: { width: 1280, height: 900 } });
  const isForm = await tab.locator("#filters").isVisible().catch(() => false);
  if (isForm) fail(page.name, "shows filters that do nothing");
  const closed = tab.locator("details.problem:not([open]) > summary").first();
  if (await closed.count()) {
    await closed.click();
    if (!(await tab.locator("details.problem[open]").count())) fail(page.name, "no problem opens without script");
  }
  await context.close();
}

// On paper.
for (const page of pages.slice(0, 3)) {
  const { context, tab } = await open(page, { colorScheme: "dark" });
  await tab.emulateMedia({ media: "print" });
  const print = await tab.evaluate(() => ({
    paper: getComputedStyle(document.body).backgroundColor,
    form: document.querySelector("#filters")?.checkVisibility() ?? false,
    buttons: [...document.querySelectorAll(".copy-button")].some((one) => one.checkVisibility()),
    hidden: [...document.querySelectorAll("details .findings > li > p, .folded td")].filter((one) => !one.checkVisibility({ contentVisibilityAuto: true })).length,
  }));
  if (print.paper !== "rgb(255, 255, 255)") fail(page.name, `prints on ${print.paper}`);
  if (print.form || print.buttons) fail(page.name, "prints what can be clicked");
  if (print.hidden > 0) fail(page.name, `hides ${print.hidden} parts on paper`);
  const pdf = await tab.pdf({ format: "A4", printBackground: true });
  if (pdf.length < 50_000) fail(page.name, `is a PDF of ${pdf.length} bytes`);
  writeFileSync(join(scratch, `${page.name}.pdf`), pdf);
  await context.close();
}

await browser.close();
for (const page of pages) console.log(`${page.name}: ${page.bytes} bytes`);
if (problems.length > 0) {
  console.error([...new Set(problems)].join("\n"));
  process.exit(1);
}
console.log("pages: no request, no script of others, no overlap, no violation found by axe-core");
