/**
 * The whole service under a wall clock that somebody sets (libfaketime; the monotonic clock stays
 * true): the next cycle comes within one interval and 30 s, and no id comes twice.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { RunningBox } from "./running_box.ts";
import { freePort } from "../storage/postgres_server.ts";
import { databaseYaml, type SmallSite, writeSmallSite } from "./small_site.ts";

const LIBRARIES = [
  "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
  "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
  "/usr/lib/faketime/libfaketime.so.1",
];
const library = LIBRARIES.find((path) => {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
});
if (library === undefined) {
  console.error(
    "IGNORED: no libfaketime here (apt-get install faketime): the service under a false clock",
  );
}

const INTERVAL_MS = 1_000;
const WITHIN_MS = INTERVAL_MS + 30_000;

/** Sets the clock of a running service: libfaketime reads the file again at each question. */
interface FalseClock {
  readonly env: Readonly<Record<string, string>>;
  set(offsetSeconds: number): Promise<void>;
}

async function falseClock(folder: string, offsetSeconds: number): Promise<FalseClock> {
  const path = join(folder, "clock");
  const set = (seconds: number) =>
    Deno.writeTextFile(path, `${seconds >= 0 ? "+" : ""}${Math.round(seconds)}\n`);
  await set(offsetSeconds);
  return {
    set,
    env: {
      LD_PRELOAD: library ?? "",
      FAKETIME_TIMESTAMP_FILE: path,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    },
  };
}

const secondsTo = (time: string) => (Date.parse(time) - Date.now()) / 1000;

/** A site on which nothing but the clock matters: no database answers, cycles are held, and they come. */
async function underClock(
  optimization: string,
  { start, work }: {
    readonly start: number;
    readonly work: (box: RunningBox, clock: FalseClock) => Promise<void>;
  },
) {
  const site = await writeSmallSite({ yaml: databaseYaml(freePort()), optimization });
  const clock = await falseClock(site.folder, start);
  let box: RunningBox | undefined;
  try {
    box = await RunningBox.start(site, { env: clock.env, startMs: 120_000 });
    await work(box, clock);
    await box.kill();
    holdsDistinctIds(site);
  } finally {
    await box?.kill();
    await Deno.remove(site.folder, { recursive: true });
  }
}

/** Waits for two more cycles; the milliseconds until the first. */
async function nextCycle(box: RunningBox): Promise<number> {
  const before = (await box.health()).last_cycle?.cycle_id;
  const ms = await box.healthBecomes(
    ({ last_cycle }) => last_cycle !== null && last_cycle.cycle_id !== before,
    WITHIN_MS,
  );
  const first = (await box.health()).last_cycle?.cycle_id;
  await box.healthBecomes(({ last_cycle }) => last_cycle?.cycle_id !== first, WITHIN_MS);
  return ms;
}

function holdsDistinctIds({ stateFolder }: SmallSite): void {
  const journal = new DatabaseSync(join(stateFolder, "setpoint.sqlite"), { readOnly: true });
  const ids = journal.prepare("select cycle_id from cycles order by rowid").all()
    .map(({ cycle_id }) => String(cycle_id));
  journal.close();
  assert.ok(ids.length > 2);
  assert.equal(new Set(ids).size, ids.length);
  assert.deepEqual(ids, ids.toSorted(), "ids do not sort in the order of the cycles");
}

Deno.test({
  name: "Setpoint by interval goes on when its clock goes back an hour, forward a day, and to 1970",
  ignore: library === undefined,
  fn: () =>
    underClock("interval_seconds: 1", {
      start: 0,
      work: async (box, clock) => {
        await nextCycle(box);
        for (const offset of [-3_600, 86_400, secondsTo("1970-01-02T00:00:00Z"), 0]) {
          await clock.set(offset);
          console.log(
            `clock set by ${Math.round(offset)} s: a cycle after ${
              Math.round(await nextCycle(box))
            } ms`,
          );
        }
      },
    }),
});

Deno.test({
  name: "Setpoint by cron starts in 1970 and goes on through both nights of three zones",
  ignore: library === undefined,
  fn: () =>
    underClock('cron: "* * * * * *", zone: Europe/Berlin', {
      start: secondsTo("1970-01-01T00:01:00Z"),
      work: async (box, clock) => {
        await nextCycle(box);
        const steps = [
          // The seconds around the change of clocks, in Berlin, New York and on Lord Howe.
          ...["2026-03-29T00:59:58Z", "2026-10-25T00:59:58Z", "2026-03-08T06:59:58Z"],
          ...["2026-11-01T05:59:58Z", "2026-10-03T15:29:58Z", "2026-04-04T14:59:58Z"],
        ];
        for (const time of steps) {
          await clock.set(secondsTo(time));
          console.log(`at ${time}: a cycle after ${Math.round(await nextCycle(box))} ms`);
        }
      },
    }),
});
