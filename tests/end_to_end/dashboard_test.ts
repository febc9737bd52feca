/** The dashboard as people see it: a real Chromium before the kiln's running service. */

import assert from "node:assert/strict";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { chromiumPath, openBrowser, SCREENS, seriousFaults, watchTheWayOut } from "./browser.ts";
import { dashboardSite } from "./dashboard_site.ts";
import type { DashboardSite, TestRole } from "./dashboard_site.ts";
import { startBox, until } from "./running_box.ts";

const chromium = chromiumPath();

/** Every view; `ready` is there when it shows what it is for. */
const VIEWS = [
  { path: "/", ready: ".settings tbody tr" },
  { path: "/dashboard/cycles", ready: ".cycles tbody tr" },
  { path: "/dashboard/cycles/:newest", ready: "#inputs-title" },
  {
    path: "/dashboard/trends?show=Kiln_Coal_PV&show=Predicted_Free_lime&hours=1",
    ready: ".chart canvas",
  },
  { path: "/dashboard/what-if", ready: "#response canvas" },
  { path: "/dashboard/strategy", ready: "svg.graph .node" },
  { path: "/dashboard/engineer", ready: "[data-action]" },
] as const;

/** Only against what never comes: a busy machine may take its time. */
const PATIENCE_MS = 90_000;

const LOOKS = [
  ["control room", "light"],
  ["control room", "dark"],
  ["phone", "light"],
  ["phone", "dark"],
] as const;

Deno.test({
  name:
    "the dashboard shows each view, stays true through a restart, and lets each role do its own",
  ignore: chromium === undefined,
  fn: async (t) => {
    const site = await dashboardSite();
    let box = await startBox(site.configPath, site.folder);
    const browser = await openBrowser(chromium!);
    try {
      await waitForCycles(site, 2);

      await t.step("a stranger is sent to sign in, and a wrong token is told so", async () => {
        await seen(browser, { site }, async ({ page }) => {
          await page.goto(`${site.url}/dashboard/trends?hours=6`);
          assert.match(page.url(), /\/dashboard\/sign-in\?next=/);
          await page.fill("#token", "stp_wrong");
          await page.click("button[type=submit]");
          assert.match(await page.textContent("[role=alert]") ?? "", /no token of this box/);
          assert.deepEqual(await seriousFaults(page), []);
          await page.fill("#token", site.tokens.read);
          await page.click("button[type=submit]");
          await page.waitForURL(/\/dashboard\/trends\?hours=6/);
          const [cookie] = await page.context().cookies();
          assert.deepEqual([cookie?.httpOnly, cookie?.sameSite], [true, "Strict"]);
          await page.click("form.who button");
          await page.waitForURL(/sign-in/);
          await page.goto(site.url);
          assert.match(page.url(), /sign-in/, "signed out");
        });
      });

      for (const [screen, colorScheme] of LOOKS) {
        const viewport = SCREENS[screen];
        await t.step(`each view is whole and accessible: ${screen}, ${colorScheme}`, async () => {
          const options = { site, role: "engineer" as const, viewport, colorScheme };
          await seen(browser, options, async ({ page }) => {
            const newest = await newestCycle(site);
            for (const { path, ready } of VIEWS) {
              await page.goto(site.url + path.replace(":newest", newest));
              await page.waitForSelector(ready);
              const wider = await page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth",
              ) as number;
              assert.ok(wider <= 0, `${path} is ${wider} pixels wider than the screen`);
              assert.deepEqual(await seriousFaults(page), [], path);
            }
          });
        });
      }

      await t.step("the overview shows the newest cycle by itself", async () => {
        await seen(browser, { site, role: "operate" }, async ({ page }) => {
          await page.goto(site.url);
          const shown = await page.getAttribute("[data-cycle]", "data-cycle");
          await page.waitForSelector(otherCycle(shown));
          await page.waitForSelector('body[data-link="live"]');
        });
      });

      await t.step("an operator tries what if, and nothing of it is kept", async () => {
        await seen(browser, { site, role: "operate" }, (seen) => triesWhatIf(seen, site));
      });

      await t.step("an operator is refused what is the engineer's", async () => {
        await seen(browser, { site, role: "operate" }, (seen) => isRefused(seen, site));
      });

      await t.step("an engineer puts another version in force, and goes back", async () => {
        await seen(browser, { site, role: "engineer" }, (seen) => activates(seen, site));
      });

      await t.step("an engineer is told where a change takes longer than an answer", async () => {
        await seen(browser, { site, role: "engineer" }, async ({ page }) => {
          await page.route("**/strategy/activate", (route) =>
            route.fulfill({
              status: 202,
              contentType: "application/json",
              body: '{"wanted": "2", "state": "being tried"}',
            }));
          await page.goto(`${site.url}/dashboard/engineer`);
          await page.click(activateTo("2"));
          await page.click("dialog.confirm .act");
          await page.waitForSelector('dialog.confirm:has-text("takes longer than usual")');
          assert.equal(await page.isVisible("dialog.confirm .act"), false);
          assert.notEqual(await page.textContent("#announce"), "Done.");
        });
      });

      await t.step("an engineer switches a setting off and changes the mode", async () => {
        await seen(browser, { site, role: "engineer" }, (seen) => switches(seen, site));
      });

      await t.step("a chart gives its table and its picture", async () => {
        await seen(browser, { site, role: "read" }, async ({ page }) => {
          await page.goto(`${site.url}/dashboard/trends?show=Kiln_Coal_PV&hours=1`);
          await page.waitForSelector(".chart canvas");
          for (
            const [word, start] of [["CSV", /^time,Kiln_Coal_PV measured/], [
              "PNG",
              /^.PNG/,
            ]] as const
          ) {
            const [download] = await Promise.all([
              page.waitForEvent("download"),
              page.click(`.chart-buttons button:text("${word}")`),
            ]);
            const bytes = await Deno.readFile(await download.path());
            assert.match(new TextDecoder("latin1").decode(bytes.slice(0, 40)), start);
          }
        });
      });

      await t.step("a recorded cycle is computed again, and the same comes out", async () => {
        await seen(browser, { site, role: "operate" }, async ({ page }) => {
          await page.goto(`${site.url}/dashboard/cycles/${await newestCycle(site)}`);
          await page.click("[data-replay]");
          await page.waitForSelector("#replay-answer .strong", { timeout: 120_000 });
          assert.match(await page.textContent("#replay-answer") ?? "", /same recommendation/);
        });
      });

      await t.step(
        "the page tells that the box is away, and is right again after its restart",
        async () => {
          await seen(browser, { site, role: "read", mayLoseBox: true }, async ({ page }) => {
            await page.goto(site.url);
            await page.waitForSelector('body[data-link="live"]');
            const before = await page.getAttribute("[data-cycle]", "data-cycle");
            await box.kill();
            await page.waitForSelector("#link-banner:not([hidden])", { timeout: 20_000 });
            assert.match(await page.textContent("#link-banner") ?? "", /No connection to the box/);
            box = await startBox(site.configPath, site.folder);
            await page.waitForSelector("#link-banner", { state: "hidden" });
            await page.waitForSelector(otherCycle(before));
            // At one instant: the next cycle may come between two questions.
            const { shown, cells } = await page.evaluate(SHOWN_NOW) as ShownNow;
            const record = await asked(site, `/cycles/${shown}`) as {
              recommendation: { settings: { variable: string; recommended: number }[] };
            };
            const [setting] = record.recommendation.settings;
            const cell = cells[`setting-${setting!.variable}`] ?? "";
            const written = cell.replace(/[^\d.]/g, "");
            const digits = written.split(".")[1]?.length ?? 0;
            assert.equal(written, setting!.recommended.toFixed(digits));
          });
        },
      );
    } finally {
      await browser.close();
      await box.kill();
      await Deno.remove(site.folder, { recursive: true });
    }
  },
});

interface ShownNow {
  readonly shown: string;
  /** What is recommended, by the ids of the settings' rows. */
  readonly cells: Readonly<Record<string, string>>;
}

const SHOWN_NOW = `({
  shown: document.querySelector("[data-cycle]").dataset.cycle,
  cells: Object.fromEntries([...document.querySelectorAll('[id^="setting-"]')].map((row) =>
    [row.id, row.querySelector(".recommended")?.textContent ?? ""])),
})`;

/** Matches the overview once it shows another cycle than this one. */
const otherCycle = (cycleId: string | null) => `[data-cycle]:not([data-cycle="${cycleId}"])`;

interface Seen {
  readonly page: Page;
  readonly context: BrowserContext;
}

/** A page of its own, signed in; nothing may leave the box and no script may fail meanwhile. */
async function seen(
  browser: Browser,
  { site, role, viewport = SCREENS["control room"], colorScheme = "light", mayLoseBox = false }: {
    readonly site: DashboardSite;
    readonly role?: TestRole;
    readonly viewport?: { readonly width: number; readonly height: number };
    readonly colorScheme?: "light" | "dark";
    readonly mayLoseBox?: boolean;
  },
  look: (seen: Seen) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({ viewport, colorScheme, reducedMotion: "reduce" });
  context.setDefaultTimeout(PATIENCE_MS);
  const outside = await watchTheWayOut(context, site.url);
  const broken: string[] = [];
  const page = await context.newPage();
  page.on("pageerror", (error) => broken.push(error.message));
  page.on("console", (message) => {
    const isOfNetwork = /Failed to load resource|ERR_CONNECTION|ERR_INCOMPLETE/.test(
      message.text(),
    );
    if (message.type() === "error" && !isOfNetwork) broken.push(message.text());
  });
  try {
    if (role !== undefined) {
      await page.goto(`${site.url}/dashboard/sign-in`);
      await page.fill("#token", site.tokens[role]);
      await page.click("button[type=submit]");
      await page.waitForSelector("#status");
    }
    await look({ page, context });
    assert.deepEqual(outside, [], "requests to elsewhere");
    if (!mayLoseBox) assert.deepEqual(broken, [], "faults in the page");
  } finally {
    await context.close();
  }
}

async function asked(site: DashboardSite, path: string): Promise<unknown> {
  const response = await fetch(site.url + path, {
    headers: { authorization: `Bearer ${site.tokens.engineer}` },
  });
  return await response.json();
}

interface ListedCycles {
  readonly cycles: readonly { readonly cycle_id: string; readonly trigger: string }[];
}

async function newestCycle(site: DashboardSite): Promise<string> {
  return (await asked(site, "/cycles?limit=1") as ListedCycles).cycles[0]!.cycle_id;
}

async function waitForCycles(site: DashboardSite, count: number): Promise<void> {
  await until(
    async () => (await asked(site, "/cycles?limit=10") as ListedCycles).cycles.length,
    (found) => found >= count,
  );
}

async function triesWhatIf({ page }: Seen, site: DashboardSite): Promise<void> {
  await page.goto(`${site.url}/dashboard/what-if`);
  const objective = "tr.tried-objective .expected";
  const before = await page.textContent(objective);
  // The first slider of the page goes to its end, whatever it is called.
  await page.locator(".slider input").first().focus();
  await page.keyboard.press("Home");
  await until(() => page.textContent(objective), (text) => text !== before);
  await page.selectOption("#response-y", { index: 2 });
  await page.waitForSelector("canvas.map");
  await page.click("#optimise");
  await page.waitForSelector("#optimum-answer > *");
  await page.click("#take");
  const { cycles } = await asked(site, "/cycles?limit=200") as ListedCycles;
  assert.deepEqual(cycles.filter(({ trigger }) => trigger === "request"), []);
}

async function isRefused({ page }: Seen, site: DashboardSite): Promise<void> {
  await page.goto(site.url);
  assert.equal(await page.locator('nav a[href="/dashboard/engineer"]').count(), 0);
  const response = await page.goto(`${site.url}/dashboard/engineer`);
  assert.equal(response?.status(), 403);
  assert.match(await page.textContent("main") ?? "", /needs the role engineer/);
  for (const path of ["/strategy/activate", "/controls/mode", "/controls/switch"]) {
    const status = await page.evaluate(async (path) => {
      const answer = await fetch(path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: '{"version": "2", "mode": "advisory", "variable": "x", "on": true}',
      });
      return answer.status;
    }, path);
    assert.equal(status, 403, path);
  }
}

/** Clicks a button that asks, says yes, and waits until the box has done it, which `isDone` tells. */
async function act(
  page: Page,
  selector: string,
  isDone: () => Promise<boolean> = () => Promise.resolve(false),
): Promise<void> {
  await page.click(selector);
  const [answer] = await Promise.all([
    page.waitForResponse((one) => one.request().method() === "POST", { timeout: 60_000 }),
    page.click("dialog.confirm .act"),
  ]);
  if (answer.status() === 202) {
    // On a busy machine a version is tried for longer than a client waits.
    await page.click("dialog.confirm button:not(.act)");
    await until(isDone, Boolean);
  } else assert.equal(answer.status(), 200, await answer.text());
  await page.waitForSelector("dialog.confirm", { state: "hidden" });
}

const activateTo = (version: string) =>
  `button[data-action="/strategy/activate"][data-body='{"version":"${version}"}']`;

async function activates({ page }: Seen, site: DashboardSite): Promise<void> {
  await page.goto(`${site.url}/dashboard/engineer`);
  const runs = async (version: string) =>
    (await asked(site, "/strategy") as { version: string }).version === version;
  await act(page, activateTo("2"), () => runs("2"));
  assert.ok(await runs("2"));
  await page.waitForSelector('main:has-text("version activated")');
  await act(page, activateTo("previous"), () => runs("1"));
  assert.ok(await runs("1"));
  const mine = await until(async () => {
    const { lines } = await asked(site, "/audit?limit=20") as {
      lines: { who: string; what: string; after: unknown }[];
    };
    return lines.filter(({ who, what }) => who === "a-engineer" && what === "version activated");
  }, ({ length }) => length >= 2);
  assert.deepEqual(mine.map(({ after }) => after), ["1", "2"]);
}

async function switches({ page }: Seen, site: DashboardSite): Promise<void> {
  await page.goto(`${site.url}/dashboard/engineer`);
  const [first] = (await asked(site, "/recommendations/latest") as {
    settings: { variable: string }[];
  }).settings;
  const name = first!.variable;
  const button = (on: boolean) => `button[data-body='${JSON.stringify({ variable: name, on })}']`;
  await act(page, button(false));
  await act(page, 'button[data-action="/controls/mode"]');
  await until(
    async () =>
      await asked(site, "/recommendations/latest") as {
        settings: { variable: string; limited_by: string }[];
        mode: { requested: string };
      },
    ({ settings, mode }) =>
      mode.requested === "advisory" &&
      settings.find(({ variable }) => variable === name)?.limited_by === "switched off",
  );
  await act(page, button(true));
  const file = await Deno.readTextFile(join(site.folder, "state", "choices.json"));
  assert.match(file, /"mode": "advisory"/);
  assert.match(file, /"switched_off": \[\]/);
}
