import assert from "node:assert/strict";
import type { CycleRecord } from "../../src/cycle/recommendation.ts";
import { FIRST_STATE } from "../../src/cycle/run_cycle.ts";
import type { Health } from "../../src/http/health.ts";
import { Cycles } from "../../src/cycle/cycles.ts";
import { informative, operative, strategyOf } from "../cycle/strategies.ts";
import { LARGE_PLANT, largePlan, plantCycle } from "../campaigns/dashboard_plant.ts";
import { posted, reading, sampleApp, samplePlan } from "./sample_app.ts";

const PAGES = [
  ...["/", "/dashboard/cycles", "/dashboard/trends", "/dashboard/what-if"],
  ...["/dashboard/strategy", "/dashboard/engineer"],
];

async function ended(sample = sampleApp()) {
  await sample.cycles.run({ trigger: "schedule", given: new Map() });
  return sample;
}

async function htmlOf({ app }: ReturnType<typeof sampleApp>, path: string): Promise<string> {
  const response = await app.request(path);
  assert.equal(response.status, 200, path);
  assert.match(response.headers.get("content-type") ?? "", /^text\/html/);
  return await response.text();
}

Deno.test("each page lets nothing in from elsewhere and has no script or style in it", async () => {
  const sample = await ended();
  for (const path of PAGES) {
    const response = await sample.app.request(path);
    const policy = response.headers.get("content-security-policy") ?? "";
    assert.match(policy, /^default-src 'self';/);
    assert.doesNotMatch(policy, /unsafe/);
    const html = await response.text();
    assert.doesNotMatch(html, /\sstyle="|\son\w+="|<style/, path);
    assert.doesNotMatch(html, /<script(?![^>]*\ssrc=)/, path);
    for (const [, address] of html.matchAll(/\s(?:src|href|action)="([^"]*)"/g)) {
      assert.match(address ?? "", /^(\/(?!\/)|#)/, `${path}: ${address}`);
    }
  }
});

Deno.test("every asset that a page or a script names is there, with its type and tag", async () => {
  const sample = await ended();
  const wanted = new Set<string>();
  for (const path of PAGES) {
    const html = await htmlOf(sample, path);
    for (const [, name] of html.matchAll(/\/dashboard\/assets\/([^"]+)"/g)) wanted.add(name!);
  }
  for (const name of wanted) {
    const response = await sample.app.request(`/dashboard/assets/${name}`);
    assert.equal(response.status, 200, name);
    const text = await response.text();
    for (const [, other] of text.matchAll(/from "\.\/([\w.]+)"/g)) wanted.add(other!);
    const etag = response.headers.get("etag") ?? "";
    const again = await sample.app.request(`/dashboard/assets/${name}`, {
      headers: { "if-none-match": etag },
    });
    assert.equal(again.status, 304, name);
  }
  assert.ok(wanted.size >= 14, [...wanted].join());
  assert.equal((await sample.app.request("/dashboard/assets/..%2fassets.ts")).status, 404);
});

Deno.test("the overview shows what was measured and recommended in the plan's own digits", async () => {
  const html = await htmlOf(await ended(), "/");
  assert.match(html, /id="setting-Kiln_Coal_PV"/);
  assert.match(html, /Kiln Coal PV/);
  assert.match(html, />8\.50?/);
  assert.match(html, /Unchanged/);
});

Deno.test("the overview says before the first cycle that there is none, and without a plan why", async () => {
  assert.match(await htmlOf(sampleApp(), "/"), /No recommendation yet/);
  const none = sampleApp({
    parts: {
      activePlan: () => undefined,
      health: () => ({
        ...sampleHealth(),
        version: null,
        output: "strategy: version 3 was refused",
      }),
    },
  });
  assert.match(await htmlOf(none, "/"), /No strategy is active.*version 3 was refused/s);
  for (const path of ["/dashboard/what-if", "/dashboard/strategy"]) {
    assert.equal((await none.app.request(path)).status, 503);
  }
});

function sampleHealth(): Health {
  let health: Health | undefined;
  sampleApp({ inspect: (parts) => health = parts.health() });
  return health!;
}

Deno.test("a held cycle, and one whose time has run out, cannot be taken for a good one", async () => {
  const held = await ended(sampleApp({
    read: () => Promise.reject(new Error("the database is away")),
    plan: {
      ...samplePlan,
      strategy: strategyOf(operative("Kiln_Coal_PV", { critical: true })),
    },
  }));
  const html = await htmlOf(held, "/");
  assert.match(html, /banner-bad/);
  assert.match(html, /leave the settings as they are/);
  assert.match(html, /overview is-old/);
  const sample = await ended();
  const late = new Date(Date.parse(sample.cycles.latest!.recommendation.valid_until) + 1);
  const expired = await htmlOf(
    sampleApp({ parts: { cycles: sample.cycles, now: () => late } }),
    "/",
  );
  assert.match(expired, /has expired: do not use it/);
  assert.match(expired, /overview is-old/);
});

Deno.test("what a strategy calls its parts cannot become a part of the page", async () => {
  const evil = '<img src=x onerror="alert(1)">';
  const plan = {
    ...samplePlan,
    strategy: strategyOf(
      operative(evil, { description: evil, unit: evil }),
      informative("Ambient_temperature", { description: evil }),
    ),
  };
  const sample = await ended(sampleApp({
    plan,
    read: () =>
      Promise.resolve(new Map([[evil, reading(8.5)], ["Ambient_temperature", reading(3)]])),
  }));
  for (const path of [...PAGES, `/dashboard/trends?show=${encodeURIComponent(evil)}`]) {
    const html = await htmlOf(sample, path);
    assert.doesNotMatch(html, /<img/, path);
  }
});

Deno.test("what changed since the cycle before stands out, also after the page is loaded anew", async () => {
  const plan = largePlan(LARGE_PLANT);
  const records = [0, 1].map((number) =>
    plantCycle(LARGE_PLANT, { number, time: new Date(Date.UTC(2026, 2, 1, 12, 5 * number)) })
  );
  const html = await htmlOf(overMade(plan, records), "/");
  const marks = html.match(/class="fresh"/g)?.length ?? 0;
  assert.ok(marks > 20, `${marks} marks`);
  assert.match(html, new RegExp(`${marks} settings are recommended otherwise`));
  assert.match(html, /now at its limit: limit \d/);
  const alone = await htmlOf(overMade(plan, records.slice(1)), "/");
  assert.doesNotMatch(alone, /class="fresh"/);
});

/** The app over records that nobody computed. */
function overMade(plan: typeof samplePlan, records: readonly CycleRecord[]) {
  class Made extends Cycles {
    override get latest() {
      return records.at(-1);
    }
  }
  const nothing = () => Promise.reject(new Error("Nothing runs here"));
  const cycles = new Made({
    activePlan: () => plan,
    solver: {
      ...{ load: nothing, solve: nothing, release: nothing, evaluateNative: nothing },
      close: () => Promise.resolve(),
    },
    ...{ state: FIRST_STATE, latest: undefined, requestsCount: false, mode: "advisory" },
    ...{ validForMs: 1, now: () => new Date(), cycleId: () => "1", read: nothing },
    ...{ commit: () => undefined, ended: () => {} },
  });
  return sampleApp({
    plan,
    parts: {
      cycles,
      cycleList: ({ limit, before }) =>
        records.filter(({ recommendation }) => before === undefined || recommendation.time < before)
          .slice(-limit).toReversed(),
    },
  });
}

Deno.test("the page of a cycle has its inputs and facts, and an unknown one is told so", async () => {
  const sample = await ended();
  const { cycle_id } = sample.cycles.latest!.recommendation;
  const html = await htmlOf(sample, `/dashboard/cycles/${cycle_id}`);
  for (const part of ["Inputs", "Times", "Facts", "Compute again", cycle_id]) {
    assert.ok(html.includes(part), part);
  }
  const missing = await sample.app.request("/dashboard/cycles/0190");
  assert.equal(missing.status, 404);
  assert.match(await missing.text(), /no longer stored/);
});

Deno.test("a trial leaves no record, no event and no newer recommendation", async () => {
  const sample = await ended();
  const [before] = [...sample.records.keys()];
  const response = await sample.app.request(
    "/what-if",
    posted('{"input_data": {"Kiln_Coal_PV": 9}}'),
  );
  assert.equal(response.status, 200);
  assert.equal((await response.json()).settings[0].measured, 9);
  assert.deepEqual([...sample.records.keys()], [before]);
  assert.equal(sample.cycles.latest?.recommendation.cycle_id, before);
});

Deno.test("what if refuses values that cannot be, as a problem and not as a page", async () => {
  const { app } = await ended();
  const response = await app.request(
    "/dashboard/what-if/expected",
    posted('{"input_data": {"Kiln_Coal_PV": 99}}'),
  );
  assert.equal(response.status, 422);
  assert.match((await response.json()).detail, /valid are 4 to 13/);
});

Deno.test("switching and mode are audited with before and after, and refuse what is no setting", async () => {
  const { app, audited } = await ended();
  const send = (path: string, body: string) => app.request(path, posted(body));
  await send("/controls/switch", '{"variable": "Kiln_Coal_PV", "on": false}');
  await send("/controls/mode", '{"mode": "active"}');
  const wrong = await send("/controls/switch", '{"variable": "Ambient_temperature", "on": false}');
  assert.equal(wrong.status, 404);
  assert.deepEqual(audited.map(({ what, before, after }) => [what, before, after]), [
    ["Kiln_Coal_PV switched", "on", "off"],
    ["mode set", "advisory", "active"],
  ]);
  const html = await (await app.request("/dashboard/engineer")).text();
  assert.match(html, /switched off/);
  assert.match(html, /mode set/);
});
