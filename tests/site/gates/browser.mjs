// Looks at a served site with Chromium and prints what it saw as JSON: browser.mjs TOOLS BASE < {pages, board, entries}
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import path from "node:path";

const [tools, base] = process.argv.slice(2);
const require = createRequire(path.resolve(tools, "package.json"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const { pages, board } = JSON.parse(readFileSync(0, "utf8"));
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });

async function visit(options, name, look) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const problems = [];
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
  const requests = [];
  page.on("request", (request) => requests.push(request.url()));
  await page.addInitScript(() => {
    window.shifted = 0;
    new PerformanceObserver((list) => { for (const shift of list.getEntries()) window.shifted += shift.value; })
      .observe({ type: "layout-shift", buffered: true });
  });
  await page.goto(base + name, { waitUntil: "load" });
  const seen = await look(page, { problems, requests });
  await context.close();
  return seen;
}

const links = (page) => page.$eval(".board table", ({ tBodies }) => [...tBodies[0].querySelectorAll("th a")].filter((link) => link.offsetParent !== null).map((link) => link.getAttribute("href")));
const names = (page) => page.$eval(".board table", ({ tBodies }) => [...tBodies[0].querySelectorAll("th a")].map((link) => link.textContent.trim()));

async function accessible(page) {
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return violations.map((found) => `${found.id}: ${found.nodes.map((node) => node.target.join(" ")).slice(0, 3).join(" | ")}`);
}

const axes = {};
for (const name of pages) {
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1280, 360]) {
      axes[`${name} ${colorScheme} ${width}`] = await visit({ colorScheme, bypassCSP: true, viewport: { width, height: 900 } }, name, async (page) => {
        await page.addScriptTag({ content: axe });
        return accessible(page);
      });
    }
  }
}

const narrow = {};
const loads = {};
for (const name of pages) {
  narrow[name] = await visit({ viewport: { width: 360, height: 800 } }, name, (page) => page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]));
  loads[name] = await visit({}, name, async (page, { problems, requests }) => {
    await page.waitForTimeout(150);
    return { problems, requests, shifted: await page.evaluate(() => window.shifted) };
  });
}

const plain = await visit({ javaScriptEnabled: false }, board, links);
const sorted = await visit({}, board, async (page) => {
  const seen = { first: await links(page) };
  await page.click("th[data-k=lift] button");
  seen.lift = await links(page);
  seen.sort = await page.getAttribute("th[data-k=lift]", "aria-sort");
  seen.address = new URL(page.url()).search;
  await page.click("th[data-k=lift] button");
  seen.turned = await links(page);
  await page.selectOption("#s", "entry");
  seen.entry = await names(page);
  await page.selectOption("#s", "rank");
  seen.rank = await links(page);
  await page.fill("#q", "anchor");
  seen.found = await links(page);
  seen.told = await page.textContent("#n");
  seen.deep = new URL(page.url()).search;
  return seen;
});
const deep = await visit({}, `${board}?sort=-lift&q=anchor`, async (page) => ({ rows: await links(page), q: await page.inputValue("#q"), s: await page.inputValue("#s"), shifted: await page.evaluate(() => window.shifted) }));
const wrong = await visit({}, `${board}?sort=%22%3E%3Cscript%3E&q=%3Cimg%20src=x%3E`, async (page, { problems }) => ({ problems, rows: await links(page), tags: await page.$$eval("img, main script", (found) => found.length) }));

const keyboard = await visit({}, board, async (page) => {
  const stops = [];
  for (let step = 0; step < 40; step += 1) {
    await page.keyboard.press("Tab");
    stops.push(await page.evaluate(() => {
      const at = document.activeElement, box = at.getBoundingClientRect(), style = getComputedStyle(at);
      return { name: (at.textContent || at.id || "").trim().slice(0, 40), tag: at.tagName, id: at.id, seen: box.width > 1 && box.height > 1, ring: style.outlineStyle !== "none" || at.tagName === "INPUT" };
    }));
    if (step === 0) await page.screenshot();
  }
  await page.focus("th[data-k=lift] button");
  await page.keyboard.press("Enter");
  const sort = await page.getAttribute("th[data-k=lift]", "aria-sort");
  await page.focus("#q");
  await page.keyboard.type("anchor");
  const found = (await links(page)).length;
  await page.keyboard.press("Tab");
  return { stops, sort, found };
});

console.log(JSON.stringify({ axes, narrow, loads, plain, sorted, deep, wrong, keyboard }));
await browser.close();
