/** A real Chromium without a screen, and what it is asked in every test of the dashboard. */

import { createRequire } from "node:module";
import { chromium } from "playwright-core";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { isFile } from "../programs.ts";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Where this machine has a Chromium; undefined, and said loudly, where it has none. */
export function chromiumPath(): string | undefined {
  const found = PLACES.find(isFile);
  if (found === undefined) {
    console.error(
      "IGNORED: no Chromium here, so the dashboard is not looked at: apt-get install chromium",
    );
  }
  return found;
}

export async function openBrowser(executablePath: string): Promise<Browser> {
  return await chromium.launch({
    executablePath,
    // In a container root has no user namespaces to build a sandbox from.
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
}

/** Sizes that the dashboard is read on. */
export const SCREENS = {
  "control room": { width: 1920, height: 1080 },
  phone: { width: 390, height: 844 },
} as const;

/** Notes every address outside the box that a page asks for, and does not let it out. */
export async function watchTheWayOut(context: BrowserContext, box: string): Promise<string[]> {
  const outside: string[] = [];
  await context.route("**/*", (route) => {
    const url = new URL(route.request().url());
    if (url.origin === new URL(box).origin || url.protocol === "blob:") return route.continue();
    outside.push(url.href);
    return route.abort();
  });
  return outside;
}

/** Faults of accessibility that axe calls serious or critical (deque.com/axe). */
export async function seriousFaults(page: Page): Promise<string[]> {
  const require = createRequire(import.meta.url);
  const source = await Deno.readTextFile(require.resolve("axe-core/axe.min.js"));
  // Past the policy of the page, which lets no script in that is not the box's.
  await page.evaluate(source);
  return await page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as {
      axe: { run(): Promise<{ violations: AxeViolation[] }> };
    }).axe.run();
    interface AxeViolation {
      readonly id: string;
      readonly impact: string;
      readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
    }
    return violations.filter(({ impact }) => impact === "serious" || impact === "critical")
      .flatMap(({ id, nodes }) =>
        nodes.slice(0, 4).map(({ html, failureSummary }) =>
          `${id}: ${html.slice(0, 160)} (${failureSummary?.split("\n")[1]?.trim() ?? ""})`
        )
      );
  });
}
