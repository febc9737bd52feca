/** The report as Chromium shows it: nothing from elsewhere, readable on a phone and without eyes. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromiumPath, openBrowser, SCREENS, seriousFaults } from "../end_to_end/browser.ts";
import { backtestHere } from "./run_in_process.ts";
import { valveSite, writeValveRecord } from "./valve_site.ts";

const chromium = chromiumPath();

Deno.test({
  name:
    "report.html asks for nothing, fits a phone, and axe finds no serious fault, light and dark",
  ignore: chromium === undefined,
  fn: async () => {
    const site = await valveSite();
    const other = await valveSite({ change: (text) => text.replace("max_move: 5", "max_move: 2") });
    const browser = await openBrowser(chromium!);
    try {
      const record = join(site.folder, "record.csv");
      await writeValveRecord(record, 30);
      await backtestHere([
        ...[site.folder, "--csv", record, "--compare", other.folder, "--out", site.out],
        ...["--children", "1"],
      ]);
      for (
        const [screen, colorScheme] of [["phone", "light"], ["control room", "dark"]] as const
      ) {
        const page = await browser.newPage({ viewport: SCREENS[screen], colorScheme });
        const asked: string[] = [];
        const said: string[] = [];
        page.on("request", (request) => void asked.push(request.url()));
        page.on("console", (message) => void said.push(message.text()));
        const report = pathToFileURL(join(site.out, "report.html")).href;
        await page.goto(report);
        const at = `${screen}, ${colorScheme}`;
        const [wide = 0, screenWide = 0] = await page.evaluate<number[]>(
          "[document.documentElement.scrollWidth, document.documentElement.clientWidth]",
        );
        assert.ok(wide <= screenWide, `${at}: ${wide} wide on a screen of ${screenWide}`);
        const background = await page.evaluate<string>(
          "getComputedStyle(document.body).backgroundColor",
        );
        assert.equal(background === "rgb(255, 255, 255)", colorScheme === "light", at);
        await page.click("a[href^='#a-'][href$='00000']");
        assert.equal(await page.locator(":target").count(), 1, at);
        assert.deepEqual(asked, [report], at);
        assert.deepEqual(said, [], at);
        assert.deepEqual(await seriousFaults(page), [], at);
        await page.close();
      }
    } finally {
      await browser.close();
      await site.remove();
      await other.remove();
    }
  },
});
