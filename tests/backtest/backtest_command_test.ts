import assert from "node:assert/strict";
import { join } from "node:path";
import { backtestHere, csvOf, figuresOf, rowsOf } from "./run_in_process.ts";
import { RECORD_START, valveRows, valveSite, writeValveRecord } from "./valve_site.ts";
import type { ValveSite } from "./valve_site.ts";

async function onSite(
  test: (site: ValveSite & { readonly csv: string }) => Promise<void>,
  { count = 40, ...options }: Parameters<typeof valveSite>[0] & { readonly count?: number } = {},
): Promise<void> {
  const site = await valveSite(options);
  try {
    const csv = join(site.folder, "record.csv");
    await writeValveRecord(csv, count);
    await test({ ...site, csv });
  } finally {
    await site.remove();
  }
}

/** The best valve within one move, by hand; beyond its knock as far back as the move goes. */
function bestValve(valve: number, load: number): number {
  const highest = Math.max(Math.min(valve + 5, 60), valve - 5);
  return Math.min(Math.max(load / 2, valve - 5), highest);
}

Deno.test("backtest optimises every recorded moment: one row each, with the settings and gains that follow by hand", async () => {
  await onSite(async ({ folder, csv, out }) => {
    const { code } = await backtestHere([folder, "--csv", csv, "--out", out, "--children", "1"]);
    assert.equal(code, 0);
    const rows = rowsOf(await csvOf(out));
    const recorded = valveRows(40);
    assert.deepEqual(
      rows.map((row) => row.get("time")),
      recorded.map(({ time }) => time.toISOString()),
    );
    for (const [i, row] of rows.entries()) {
      const { Valve } = recorded[i]!;
      // The window of ten minutes ends with the newest load and holds two rows, where both have one.
      const newest = recorded.slice(0, i + 1).findLastIndex(({ Load }) => Load !== undefined);
      const window = [newest, newest - 1].flatMap((row) => recorded[row]?.Load ?? []);
      const load = window.reduce((sum, value) => sum + value, 0) / window.length;
      const best = bestValve(Valve, load);
      const near = (name: string, value: number) => {
        const found = Number(row.get(name));
        assert.ok(Math.abs(found - value) < 1e-3, `${i} ${name}: ${found}, by hand ${value}`);
      };
      near("Valve recorded (%)", Valve);
      near("Valve recommended (%)", best);
      const loss = (valve: number) => (valve - load / 2) ** 2 + 1;
      near("objective now (EUR/h)", loss(Valve));
      near("gain (EUR/h)", loss(Valve) - loss(best));
    }
    assert.ok(rows.some((row) => row.get("limit valve below its knock binds") === "upper"));
  });
});

Deno.test("backtest gives byte by byte the same CSV and the same figures with one child and with two", async () => {
  await onSite(async ({ folder, csv, out }) => {
    const found = [];
    for (const [i, children] of ["1", "2", "2"].entries()) {
      const place = `${out}${i}`;
      await backtestHere([folder, "--csv", csv, "--out", place, "--children", children]);
      found.push({ csv: await csvOf(place), figures: await figuresOf(place) });
    }
    assert.deepEqual(found[1], found[0]);
    assert.deepEqual(found[2], found[0]);
    assert.ok(found[0]!.figures.length > 10_000);
  }, { count: 15 });
});

Deno.test("backtest stopped by Ctrl-C ends with 130, and the same command goes on without a lost or doubled moment", async () => {
  await onSite(async ({ folder, csv, out }) => {
    const args = [folder, "--csv", csv, "--out", out, "--children", "1"];
    const { code, said } = await backtestHere(args, { stopAt: /15 of 60/ });
    const [, at] = /Stopped at (\d+) of 60; the same command goes on/.exec(said) ?? [];
    assert.equal(code, 130, said);
    assert.ok(Number(at) >= 15 && Number(at) < 60, said);
    const again = await backtestHere(args);
    assert.equal(again.code, 0);
    assert.match(again.said, new RegExp(`${at} of 60 cycles are there already`));
    await backtestHere([...args.slice(0, 3), "--out", `${out}-whole`, "--children", "2"]);
    assert.equal(await csvOf(out), await csvOf(`${out}-whole`));
    assert.equal(await figuresOf(out), await figuresOf(`${out}-whole`));
  }, { count: 60 });
});

Deno.test("backtest refuses results of another strategy or record in its folder, and says the cure", async () => {
  await onSite(async ({ folder, csv, out }) => {
    const args = [folder, "--csv", csv, "--out", out, "--children", "1"];
    await backtestHere([...args, "--to", "2026-03-01T00:20Z"]);
    await assert.rejects(backtestHere(args), /moments: .* there, .* now[\s\S]*--out/);
    await assert.rejects(
      backtestHere([...args, "--to", "2026-03-01T00:20Z", "--every", "10m"]),
      /every 5m there, .*every 10m now/,
    );
    const strategy = join(folder, "strategy.yaml");
    const text = await Deno.readTextFile(strategy);
    await Deno.writeTextFile(strategy, text.replace("max_move: 5", "max_move: 4"));
    await assert.rejects(backtestHere([...args, "--to", "2026-03-01T00:20Z"]), /strategy: /);
  }, { count: 10 });
});

Deno.test("backtest --compare sets another strategy beside the first on the same moments", async () => {
  await onSite(async (site) => {
    const other = await valveSite({ change: (text) => text.replace("max_move: 5", "max_move: 2") });
    try {
      const { code } = await backtestHere([
        ...[site.folder, "--csv", site.csv, "--compare", other.folder],
        ...["--out", site.out, "--children", "1"],
      ]);
      assert.equal(code, 0);
      const own = rowsOf(await csvOf(site.out));
      const others = rowsOf(await csvOf(site.out, "compared.csv"));
      assert.equal(others.length, own.length);
      for (const [i, row] of others.entries()) {
        assert.equal(row.get("time"), own[i]!.get("time"));
        // Beyond its knock the valve has to go back, whatever that costs.
        if (Number(row.get("Valve recorded (%)")) > 60) continue;
        const [short, long] = [row, own[i]!].map((one) => Number(one.get("gain (EUR/h)")));
        assert.ok(short! <= long! + 1e-3, `${row.get("time")}: ${short}, ${long}`);
      }
      const page = await Deno.readTextFile(join(site.out, "report.html"));
      assert.match(page, /would have gained .* more on average than one of/);
      assert.match(page, /id="a-gain"[\s\S]*id="b-gain"/);
    } finally {
      await other.remove();
    }
  }, { count: 30 });
});

Deno.test("backtest --compare takes a version out of the site's store, and says where there is none", async () => {
  await onSite(async ({ folder, csv, out }) => {
    const text = await Deno.readTextFile(join(folder, "strategy.yaml"));
    await Deno.mkdir(join(folder, "store/versions/7"), { recursive: true });
    await Deno.writeTextFile(join(folder, "store/strategy_version.yaml"), 'version: "8"\n');
    await Deno.writeTextFile(
      join(folder, "store/versions/7/strategy.yaml"),
      text.replace("max_move: 5", "max_move: 1"),
    );
    const args = [folder, "--csv", csv, "--out", out, "--children", "1"];
    assert.equal((await backtestHere([...args, "--compare", "7"])).code, 0);
    const found = rowsOf(await csvOf(out, "compared.csv"));
    for (const row of found) {
      const [from, to] = ["recorded", "recommended"].map((what) =>
        Number(row.get(`Valve ${what} (%)`))
      );
      assert.ok(Math.abs(to! - from!) <= 1 + 1e-9);
    }
    assert.match(await figuresOf(out), /version 7, version 7, digest/);
    await assert.rejects(backtestHere([...args, "--compare", "9"]), /versions\/9|version 9/);
  }, { count: 5, config: "storage: { folder: store }" });
});

Deno.test("backtest names all tags that lack at once, and a range that holds nothing", async () => {
  await onSite(async ({ folder, csv, out }) => {
    await Deno.writeTextFile(csv, "time,Valv,Laod\n2026-03-01T00:00Z,1,2\n");
    const args = [folder, "--csv", csv, "--out", out, "--children", "1"];
    await assert.rejects(backtestHere(args), (error: Error) => {
      assert.match(error.message, /none of the strategy's tags/);
      assert.match(error.message, /Valve: .* but "Valv"/);
      assert.match(error.message, /Load: .* but "Laod"/);
      assert.doesNotMatch(error.message, /Room/);
      return true;
    });
    await writeValveRecord(csv, 3);
    await assert.rejects(
      backtestHere([...args, "--from", "2027-01-01", "--to", "2027-02-01"]),
      /Nothing was recorded.*2026-03-01T00:00:00.000Z to 2026-03-01T00:10:00.000Z/,
    );
    await Deno.writeTextFile(csv, "Valve,Load\n30,100\n31,100\n");
    await assert.rejects(backtestHere(args), /no column "time".*--first-row .* --row-every/);
    const told = [...args, "--first-row", "2026-03-01", "--row-every", "5m"];
    assert.equal((await backtestHere(told)).code, 0);
    assert.equal(rowsOf(await csvOf(out)).length, 2);
    await assert.rejects(
      backtestHere([...told, "--compare", "no/where", "--out", `${out}2`]),
      /--compare no\/where: neither a folder with strategy\.yaml nor a version/,
    );
  });
});

Deno.test("backtest maps the site's own names of tags, and tells of defaults that stood in", async () => {
  await onSite(async ({ folder, csv, out }) => {
    const text = await Deno.readTextFile(csv);
    await Deno.writeTextFile(csv, text.replace("Valve,Load", "KLN.V1,KLN.L"));
    await backtestHere([folder, "--csv", csv, "--out", out, "--children", "1"]);
    assert.equal(rowsOf(await csvOf(out)).length, 5);
    assert.match(await figuresOf(out), /The record has no Room: its default of 20/);
  }, { count: 5, config: "database: { values: { tags: { Valve: KLN.V1, Load: KLN.L } } }" });
});

Deno.test("backtest carries bias and doubts from before --from, and reads nothing of what comes after a moment", async () => {
  await onSite(async ({ folder, csv, out }) => {
    const from = new Date(RECORD_START + 10 * 300_000).toISOString();
    const to = new Date(RECORD_START + 20 * 300_000).toISOString();
    const run = async (place: string, file: string) => {
      await backtestHere([
        ...[folder, "--csv", file, "--from", from, "--to", to, "--out", place, "--children", "1"],
      ]);
      return await csvOf(place);
    };
    const whole = await run(out, csv);
    assert.equal(rowsOf(whole).length, 10);
    // The last good load of before --from stands in at the first moment, where it lacks.
    assert.equal(rowsOf(whole)[0]!.get("status"), "optimised");
    const cut = join(folder, "cut.csv");
    const lines = (await Deno.readTextFile(csv)).split("\n");
    await Deno.writeTextFile(cut, lines.slice(0, 21).join("\n"));
    assert.equal(await run(`${out}-cut`, cut), whole);
  });
});
