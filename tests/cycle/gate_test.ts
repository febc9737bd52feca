import assert from "node:assert/strict";
import { FIRST_GATE, passGate, rStatistic } from "../../src/cycle/gate.ts";
import type { GateState } from "../../src/cycle/gate.ts";
import { takeSnapshot } from "../../src/cycle/snapshot.ts";
import { Random } from "../campaigns/random.ts";
import type { SteadyStateRule, Strategy } from "../../src/strategy/strategy.ts";
import { informative, operative, strategyOf } from "./strategies.ts";

const START = Date.parse("2026-01-01T12:00:00Z");
const MINUTE = 60_000;
const RULE: SteadyStateRule = {
  variables: ["T"],
  threshold: 2,
  filters: [0.2, 0.1, 0.1],
  readings: 3,
  maxWaitMs: undefined,
};

/** Passes the gate once a minute with one setting and one watched value. */
class Minutes {
  readonly #strategy: Strategy;
  #state: GateState = FIRST_GATE;
  #minute = 0;

  constructor(rule: SteadyStateRule | undefined) {
    const strategy = strategyOf(operative("Coal", { deadband: 0.1 }), informative("T"));
    this.#strategy = { ...strategy, steadyState: rule };
  }

  pass(coal: number, temperature: number) {
    const now = new Date(START + this.#minute++ * MINUTE);
    const reading = (value: number) => ({ value, time: now, quality: "good" as const });
    const snapshot = takeSnapshot(this.#strategy, {
      now,
      readings: new Map([["Coal", reading(coal)], ["T", reading(temperature)]]),
      ...{ lastGood: new Map(), seen: new Map(), given: new Map() },
    });
    const verdict = passGate(this.#strategy, { state: this.#state, snapshot });
    this.#state = verdict.state;
    return verdict;
  }

  get settling() {
    return this.#state.settling.get("T")!;
  }
}

Deno.test("passGate lets every cycle through where the strategy asks for no steady state", () => {
  const minutes = new Minutes(undefined);
  assert.equal(minutes.pass(8, 500).unsettled, undefined);
  assert.deepEqual(minutes.pass(9, 900), {
    state: FIRST_GATE,
    unsettled: undefined,
    waitedEnough: false,
  });
});

Deno.test("passGate waits after a move until the value has settled, and tells R", () => {
  const minutes = new Minutes(RULE);
  const random = new Random(1);
  const noise = () => random.normal();
  for (let i = 0; i < 100; i++) minutes.pass(8, 500 + noise());
  assert.equal(minutes.pass(8.05, 500).unsettled, undefined, "less than the deadband is no move");
  assert.match(
    String(minutes.pass(8.5, 500).unsettled),
    /Not settled since the move of 2026-01-01T13:41:00.000Z: T has 0 of 3 new readings/,
  );
  // First-order approach to 560 with a time constant of ten minutes.
  const reasons: (string | undefined)[] = [];
  for (let i = 1; i <= 90; i++) {
    reasons.push(minutes.pass(8.5, 560 - 60 * Math.exp(-i / 10) + noise()).unsettled);
  }
  assert.match(String(reasons[10]), /T has R = [\d.]+, at most 2 is settled/);
  assert.ok(reasons.slice(0, 25).every((reason) => reason !== undefined), "on the way there");
  assert.ok(reasons.slice(-20).filter((reason) => reason === undefined).length >= 15, "once there");
});

Deno.test("rStatistic of noise alone is near 1 and seldom beyond the threshold", () => {
  const minutes = new Minutes(RULE);
  const random = new Random(2);
  let sum = 0;
  let beyond = 0;
  const count = 20_000;
  for (let i = 0; i < count + 100; i++) {
    minutes.pass(8, random.normal());
    if (i < 100) continue;
    const ratio = rStatistic(minutes.settling, RULE);
    sum += ratio;
    if (ratio > RULE.threshold) beyond++;
  }
  assert.ok(Math.abs(sum / count - 1) < 0.1, `mean ${sum / count}`);
  assert.ok(beyond / count < 0.02, `${beyond} of ${count}`);
});

Deno.test("passGate counts a reading once, however often it is read", () => {
  const strategy = { ...strategyOf(operative("Coal"), informative("T")), steadyState: RULE };
  const now = new Date(START);
  const reading = { value: 500, time: now, quality: "good" as const };
  const snapshot = takeSnapshot(strategy, {
    now,
    readings: new Map([["Coal", reading], ["T", reading]]),
    ...{ lastGood: new Map(), seen: new Map(), given: new Map() },
  });
  const first = passGate(strategy, { state: FIRST_GATE, snapshot });
  assert.deepEqual(passGate(strategy, { state: first.state, snapshot }).state, first.state);
});

Deno.test("passGate ends the wait when it has been too long", () => {
  const minutes = new Minutes({ ...RULE, readings: 100, maxWaitMs: 10 * MINUTE });
  minutes.pass(8, 500);
  assert.equal(minutes.pass(9, 500).waitedEnough, false);
  const waits = Array.from({ length: 12 }, () => minutes.pass(9, 500).waitedEnough);
  assert.deepEqual([waits[9], waits[10]], [false, true]);
});
