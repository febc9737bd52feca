import assert from "node:assert/strict";
import fc from "fast-check";
import { startSchedule } from "../../src/cycle/cycle_clock.ts";
import type { Clocks, ScheduleOptions } from "../../src/cycle/cycle_clock.ts";
import { slotsOf, TimingError } from "../../src/cycle/schedule.ts";
import type { Timing } from "../../src/cycle/schedule.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const start = Date.parse("2026-06-01T12:02:00Z");
const fiveMinutes: Timing = { kind: "interval", intervalMs: 5 * MINUTE };
const everyFive = (zone = "UTC"): Timing => ({ kind: "cron", expression: "*/5 * * * *", zone });

/** Both clocks in the test's hand: time passes when it says so, and somebody may set the wall clock. */
class TestClocks implements Clocks {
  #wall: number;
  #monotonic = 5_000;
  #timers: { at: number; call: () => void }[] = [];

  constructor(wall: number) {
    this.#wall = wall;
  }

  wallMs = () => this.#wall;
  monotonicMs = () => this.#monotonic;
  after = (ms: number, call: () => void) => {
    const timer = { at: this.#monotonic + ms, call };
    this.#timers.push(timer);
    return () => this.#timers.splice(this.#timers.indexOf(timer), 1);
  };

  set(wall: number) {
    this.#wall = wall;
  }

  async pass(ms: number) {
    for (const end = this.#monotonic + ms;;) {
      this.#timers.sort((a, b) => a.at - b.at);
      const next = this.#timers[0];
      const at = next === undefined || next.at > end ? end : Math.max(next.at, this.#monotonic);
      this.#wall += at - this.#monotonic;
      this.#monotonic = at;
      if (next === undefined || next.at > end) return;
      this.#timers.shift();
      next.call();
      // Lets the cycle's promises run.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

interface Run {
  readonly trigger: string;
  readonly wall: number;
  readonly monotonic: number;
}

function watched(
  timing: Timing,
  options: Partial<ScheduleOptions> & { wall?: number; takesMs?: number } = {},
) {
  const clocks = new TestClocks(options.wall ?? start);
  const runs: Run[] = [];
  const faults: unknown[] = [];
  const schedule = startSchedule((trigger) => {
    runs.push({ trigger, wall: clocks.wallMs(), monotonic: clocks.monotonicMs() });
    const { takesMs = 0 } = options;
    return takesMs === 0
      ? Promise.resolve()
      : new Promise<void>((resolve) => clocks.after(takesMs, resolve));
  }, {
    slots: slotsOf(timing, new Date(clocks.wallMs())),
    clock: timing.kind === "cron" ? "wall" : "monotonic",
    runAtStart: true,
    failed: (error) => faults.push(error),
    clocks,
    ...options,
  });
  return { clocks, runs, faults, schedule };
}

const minutes = (runs: readonly Run[]) =>
  runs.map(({ wall }) => new Date(wall).toISOString().slice(11, 16));

Deno.test("startSchedule runs one cycle at the start and then one each interval", async () => {
  const { clocks, runs, schedule } = watched(fiveMinutes);
  await clocks.pass(16 * MINUTE);
  assert.deepEqual(runs.map(({ trigger }) => trigger), [
    "start",
    "schedule",
    "schedule",
    "schedule",
  ]);
  assert.deepEqual(minutes(runs), ["12:02", "12:07", "12:12", "12:17"]);
  assert.equal(schedule.next()?.toISOString(), "2026-06-01T12:22:00.000Z");
  schedule.stop();
  assert.equal(schedule.next(), null);
  await clocks.pass(HOUR);
  assert.equal(runs.length, 4);
});

Deno.test("startSchedule after a short restart keeps the rhythm, and runs at once when one was missed", async () => {
  const short = watched(fiveMinutes, { lastRun: new Date(start - 2_000) });
  await short.clocks.pass(6 * MINUTE);
  assert.deepEqual(short.runs.map(({ trigger, wall }) => [trigger, wall - start]), [
    ["schedule", 5 * MINUTE - 2_000],
  ]);
  const long = watched(fiveMinutes, { lastRun: new Date(start - DAY) });
  await long.clocks.pass(6 * MINUTE);
  assert.deepEqual(minutes(long.runs), ["12:02", "12:07"]);
  const future = watched(fiveMinutes, { lastRun: new Date(start + DAY) });
  await future.clocks.pass(1_000);
  assert.deepEqual(minutes(future.runs), ["12:02"]);
  const never = watched(fiveMinutes, { lastRun: new Date(start - DAY), runAtStart: false });
  await never.clocks.pass(6 * MINUTE);
  assert.deepEqual(minutes(never.runs), ["12:07"]);
});

Deno.test("startSchedule runs a cron expression at its slots in its zone", async () => {
  const timing: Timing = { kind: "cron", expression: "30 15 * * *", zone: "Europe/Berlin" };
  const { clocks, runs } = watched(timing, { runAtStart: false });
  await clocks.pass(2 * DAY);
  assert.deepEqual(minutes(runs), ["13:30", "13:30"]);
  const due = watched(timing, { lastRun: new Date(start - DAY) });
  await due.clocks.pass(1);
  assert.equal(due.runs[0]?.trigger, "start");
  const notDue = watched(timing, { lastRun: new Date(start - HOUR) });
  await notDue.clocks.pass(HOUR);
  assert.equal(notDue.runs.length, 0);
});

for (const timing of [fiveMinutes, everyFive()]) {
  for (
    const [name, step] of [["back one hour", -HOUR], ["forward one day", DAY], [
      "back to 1970",
      -start,
    ]] as const
  ) {
    Deno.test(`startSchedule by ${timing.kind} runs on when the clock goes ${name}`, async () => {
      const { clocks, runs } = watched(timing);
      await clocks.pass(7 * MINUTE);
      const before = runs.length;
      clocks.set(clocks.wallMs() + step);
      await clocks.pass(5 * MINUTE + 30_000);
      assert.ok(runs.length > before, "no cycle within one interval and 30 s");
      await clocks.pass(HOUR);
      const gaps = runs.slice(1).map((run, i) => run.monotonic - (runs[i]?.monotonic ?? 0));
      assert.ok(Math.max(...gaps) <= 5 * MINUTE + 1_000, `a gap of ${Math.max(...gaps)} ms`);
      assert.ok(runs.length <= 16, `${runs.length} cycles in 67 minutes`);
    });
  }
}

Deno.test("startSchedule by cron does not run a slot twice when the clock is corrected a little", async () => {
  const { clocks, runs } = watched(everyFive());
  for (let i = 0; i < 12; i++) {
    await clocks.pass(5 * MINUTE - 20_000);
    clocks.set(clocks.wallMs() - 700);
    await clocks.pass(20_000);
  }
  const gaps = runs.slice(2).map((run, i) => run.monotonic - (runs[i + 1]?.monotonic ?? 0));
  assert.ok(Math.min(...gaps) > 4 * MINUTE, `two cycles ${Math.min(...gaps)} ms apart`);
});

Deno.test("startSchedule from 1970 takes the jump to the present without counting every slot", async () => {
  const { clocks, runs, schedule } = watched(everyFive(), { wall: 1_000 });
  await clocks.pass(MINUTE);
  const began = performance.now();
  clocks.set(start);
  await clocks.pass(6 * MINUTE);
  assert.ok(performance.now() - began < 5_000);
  assert.deepEqual(minutes(runs).slice(1), ["12:02", "12:05"]);
  assert.ok(schedule.skipped() > 100);
});

Deno.test("startSchedule gives twelve cycles an hour on both nights of three zones", async () => {
  const nights: readonly (readonly [string, string])[] = [
    ["Europe/Berlin", "2026-03-28T23:02:00Z"],
    ["Europe/Berlin", "2026-10-24T23:02:00Z"],
    ["America/New_York", "2026-03-08T05:02:00Z"],
    ["America/New_York", "2026-11-01T04:02:00Z"],
    ["Australia/Lord_Howe", "2026-10-03T14:02:00Z"],
    ["Australia/Lord_Howe", "2026-04-04T13:02:00Z"],
  ];
  for (const [zone, night] of nights) {
    const { clocks, runs } = watched(everyFive(zone), { wall: Date.parse(night) });
    await clocks.pass(4 * HOUR);
    assert.equal(runs.length, 1 + 48, `${zone} ${night}`);
  }
});

Deno.test("startSchedule never runs two cycles at once, and counts the slots that this cost", async () => {
  const { clocks, runs, schedule } = watched(fiveMinutes, { takesMs: 7 * MINUTE });
  await clocks.pass(21 * MINUTE);
  assert.deepEqual(minutes(runs), ["12:02", "12:12", "12:22"]);
  assert.equal(schedule.overruns(), 2);
  schedule.trigger();
  assert.equal(runs.length, 3);
});

Deno.test("startSchedule goes on after a cycle that throws, and counts slots lost to a sleep", async () => {
  const clocks = new TestClocks(start);
  const faults: unknown[] = [];
  let runs = 0;
  const schedule = startSchedule(() => {
    runs++;
    throw new RangeError("broken");
  }, {
    slots: slotsOf(fiveMinutes, new Date(start)),
    clock: "monotonic",
    runAtStart: true,
    failed: (error) => faults.push(error),
    clocks: { ...clocks, after: (ms, call) => clocks.after(ms > 0 ? 16 * MINUTE : 0, call) },
  });
  await new Promise((resolve) => setImmediate(resolve));
  await clocks.pass(17 * MINUTE);
  assert.equal(runs, 2);
  assert.equal(faults.length, 2);
  assert.equal(schedule.skipped(), 2);
  assert.equal(schedule.next()?.getTime(), start + 20 * MINUTE);
});

Deno.test("startSchedule leaves no gap beyond the interval, however the clock is set", async () => {
  const steps = fc.array(
    fc.tuple(fc.integer({ min: 0, max: 900_000 }), fc.integer({ min: -3 * DAY, max: 3 * DAY })),
    { minLength: 1, maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(fc.boolean(), steps, async (byCron, steps) => {
      const { clocks, runs } = watched(byCron ? everyFive("Europe/Berlin") : fiveMinutes);
      for (const [ms, step] of steps) {
        await clocks.pass(ms);
        clocks.set(clocks.wallMs() + step);
      }
      await clocks.pass(11 * MINUTE);
      const times = [...runs.map(({ monotonic }) => monotonic), clocks.monotonicMs()];
      const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
      assert.ok(Math.max(...gaps) <= 5 * MINUTE + 1_000, `a gap of ${Math.max(...gaps)} ms`);
    }),
    { numRuns: 30 },
  );
});

Deno.test("slotsOf says what is wrong with an expression or a zone", () => {
  const wrong: readonly (readonly [string, string])[] = [
    ["every day", "UTC"],
    ["* * *", "UTC"],
    ["99 * * * *", "UTC"],
    ["0 0 30 2 *", "UTC"],
    ["0 0 * * *", "Mars/Olympus"],
  ];
  for (const [expression, zone] of wrong) {
    assert.throws(
      () => slotsOf({ kind: "cron", expression, zone }, new Date(start)),
      (error: unknown) => error instanceof TimingError && error.message.includes(expression),
      expression,
    );
  }
});
