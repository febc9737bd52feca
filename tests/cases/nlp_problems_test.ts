import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { NativeSolver } from "../../src/solve/native_solver.ts";
import { runNlpProblem } from "./nlp_cases.ts";
import { type NlpProblem, readNlpProblems } from "./nlp_format.ts";
import {
  exactTolerance,
  nlpTable,
  objectiveTolerance,
  solveNlpProblem,
  withoutKktPoint,
} from "./nlp_problems.ts";
import { programOf } from "./nlp_program.ts";

const shared = Deno.env.get("SETPOINT_SHARED") ??
  fileURLToPath(new URL("../../../shared", import.meta.url));
const file = `${shared}/cases/nlp-problems.json`;
const present = existsSync(file);
if (!present) console.error(`NOT RUN: the published nonlinear programs, as ${file} is not there`);

Deno.test("HS071 solves to its published optimum from formula text to outcome", async () => {
  const [problem] = readNlpProblems(JSON.stringify([{
    name: "hs071",
    variables: ["x1", "x2", "x3", "x4"].map((name, i) => ({
      ...{ name, lower: 1, upper: 5, start: [1, 5, 5, 1][i] },
    })),
    objective: { sense: "minimize", expr: "x1*x4*(x1 + x2 + x3) + x3" },
    constraints: [
      { name: "product", expr: "x1*x2*x3*x4", lower: 25, upper: null },
      { name: "norm", expr: "x1**2 + x2**2 + x3**2 + x4**2", lower: 40, upper: 40 },
    ],
    // W. Hock, K. Schittkowski, Test Examples for Nonlinear Programming Codes, 1981, problem 71.
    optimum: { value: 17.0140173 },
  }])) as [NlpProblem];
  const solver = new NativeSolver();
  try {
    const loaded = await solver.load(programOf(problem));
    const outcome = await solver.solve(loaded, {
      start: Float64Array.of(1, 5, 5, 1),
      parameters: new Float64Array(0),
      lower: new Float64Array(4).fill(1),
      upper: new Float64Array(4).fill(5),
      rowLower: Float64Array.of(25, 40),
      rowUpper: Float64Array.of(Infinity, 40),
      tolerance: 1e-8,
      maxIterations: 100,
      timeLimitMs: 10_000,
      warm: undefined,
    });
    assert.ok(outcome.kind === "solved", JSON.stringify(outcome));
    assert.ok(Math.abs(outcome.objective - 17.0140173) < 1e-7 * 17);
    const published = [1, 4.742994, 3.8211503, 1.3794082];
    published.forEach((value, i) => {
      assert.ok(Math.abs((outcome.point[i] ?? NaN) - value) < 1e-5, `x${i + 1}`);
    });
    await solver.release(loaded);
  } finally {
    await solver.close();
  }
});

Deno.test({
  name:
    "published nonlinear programs reach their optima wherever another IPOPT did, and most others",
  ignore: !present,
  async fn() {
    const problems = readNlpProblems(readFileSync(file, "utf8")) as NlpProblem[];
    assert.deepEqual(problems.filter((problem) => "wrong" in problem), []);
    const solver = new NativeSolver();
    const results = [];
    try {
      for (const problem of problems) {
        results.push(await solveNlpProblem(solver, { problem, mostStarts: 60 }));
      }
    } finally {
      await solver.close();
    }
    console.log(nlpTable(results));
    const reached = results.filter(({ error }) => error <= objectiveTolerance);
    console.log(`${reached.length} of ${results.length} reach the published optimum`);
    const atOnce = reached.filter(({ starts }) => starts === 1);
    console.log(`${atOnce.length} of them from their stated start`);
    // Two published values have too few digits: the file also holds what another solver came to.
    const exactly = reached.filter(({ error, meetsComputed }) =>
      error <= exactTolerance || meetsComputed
    );
    console.log(`${exactly.length} to 1e-6 or better than published`);
    assert.ok(exactly.length >= 126, "fewer optima are met to 1e-6 than were");
    assert.ok(atOnce.length >= 105, "the stated starts lead to fewer optima than they did");
    const missed = results.filter(({ name, promised, error }) =>
      promised && error > objectiveTolerance && !withoutKktPoint.has(name)
    );
    assert.deepEqual(missed.map(({ name }) => name), []);
  },
});

/** What becomes of programs as a file of others may hold them, by name. */
async function rowsOf(
  problems: readonly unknown[],
  mostStarts = 5,
): Promise<Record<string, string>> {
  const solver = new NativeSolver();
  try {
    const rows: Record<string, string> = {};
    for (const problem of readNlpProblems(JSON.stringify({ problems }))) {
      const { name, verdict, detail } = await runNlpProblem(solver, { problem, mostStarts });
      rows[name] = `${verdict}: ${detail}`;
    }
    return rows;
  } finally {
    await solver.close();
  }
}

Deno.test("runNlpProblem takes formulas and bounds as collections write them", async () => {
  const x = { name: "x", start: 2 };
  const value = (expr: string, optimum: number, more: object = {}) => ({
    ...{ name: expr, variables: [x], objective: { expr }, optimum: { value: optimum }, ...more },
  });
  const rows = await rowsOf([
    value("(x - 1.5E+0)**2 - 2.5e-1", -0.25),
    value("-(-x)^2 + 2*x^2 + 1", 1),
    value("x^(-2) + x^0.5 + x^1.5", 0, { optimum: {} }),
    value("abs(x - 3) + .5", 1.5, { variables: [{ ...x, lower: 4, upper: 9 }] }),
    value("max(x, 2 - x) - min(x, 5)*0.5", 1, { variables: [{ ...x, lower: 2, upper: 4 }] }),
    value("atan(x)", Math.atan(-4), { variables: [{ ...x, lower: -4, upper: "inf" }] }),
    value("tan(x) + log(x) - sqrt(x)", Math.tan(0.1) + Math.log(0.1) - Math.sqrt(0.1), {
      variables: [{ ...x, start: 0.5, lower: 0.1, upper: 1 }],
    }),
    value("sin(x) + cos(x)", Math.SQRT2, {
      objective: { sense: "MAX", expr: "sin(x) + cos(x)" },
      variables: [{ ...x, lower: -1e30, upper: 1e999 }],
    }),
    value("exp(x)", Math.exp(1), {
      constraints: [{ expr: "x^2", lower: 1, upper: 9 }, { expr: "2*x", lower: 2, upper: 2 }],
    }),
    {
      name: "bare",
      variables: [{ name: "x" }],
      objective: { expr: "(x - 1)^2" },
      optimum: { value: 0 },
    },
  ]);
  const { [`x^(-2) + x^0.5 + x^1.5`]: unrated, ...rated } = rows;
  assert.match(unrated!, /^unrated: solved at .* published nothing/);
  for (const [name, row] of Object.entries(rated)) assert.match(row, /^matched/, `${name}: ${row}`);
});

Deno.test("runNlpProblem reaches optima behind wide ranges, far flats, long sums, rings, tips and steep slopes", async () => {
  const points = Array.from({ length: 300 }, (_, i) => i / 100);
  const x = { name: "x", lower: -20, upper: 20, start: 17 };
  const y = { name: "y", lower: -20, upper: 20, start: 16 };
  const rows = await rowsOf([
    {
      // exp(60) is no measure for the row: the optimum is where exp(x) = 9.
      name: "wide",
      variables: [{ name: "x", lower: 0, upper: 120 }, { name: "y", lower: 0, upper: 9, start: 5 }],
      objective: { expr: "y/9 - x" },
      constraints: [{ expr: "y - exp(x)", lower: 0 }],
      optimum: { value: 1 - Math.log(9) },
    },
    {
      // Without limits and start near 0, which is no size: the other minimum is flat and far away.
      name: "flat",
      variables: [{ name: "x", start: 6 }, { name: "y", lower: 0, start: 5 }],
      objective: { expr: "(x - 2)^2 - 0.5*exp(-(y - 0.4)^2) + 0.1/(1 + y)" },
      constraints: [{ expr: "x*y", lower: 0.8 }],
      optimum: { value: -0.42978857 },
    },
    {
      name: "long",
      variables: [{ name: "x", lower: 0, upper: 9, start: 8 }],
      objective: {
        expr: points.map((t) => `(exp(-${t}*x) - exp(-2*${t})*(1 + 0*x))^2`).join(" + "),
      },
      optimum: { value: 0 },
    },
    {
      // A ring around the lowest point, which is a tip: no derivative is 0 there.
      name: "ring",
      variables: [x, y],
      objective: { expr: "1 - cos(4*sqrt(x^2 + y^2)) + 0.2*sqrt(x^2 + y^2)" },
      optimum: { value: 0 },
    },
    {
      // The objective goes to 1e8 over the box; 1e-11 of that is 1e-3.
      name: "steep",
      variables: [
        { name: "x", lower: 0, start: 100 },
        { name: "y", lower: 0, start: 7e-4 },
        { name: "z", lower: 0, start: 200 },
      ],
      objective: { expr: "(0.001*x + 3000*y + 0.001*z)^2 + 4*(0.001*x - 1000*y)^2" },
      constraints: [
        { expr: "6000*y + 0.004*z - (0.001*x)^3", lower: 3 },
        { expr: "0.001*x + 1000*y + 0.001*z", lower: 1, upper: 1 },
      ],
      optimum: { value: 1 },
    },
  ], 600);
  for (const [name, row] of Object.entries(rows)) assert.match(row, /^matched/, `${name}: ${row}`);
  assert.match(rows["ring"]!, /no point of KKT/);
});

Deno.test("runNlpProblem names what is wrong with a program, and never throws", async () => {
  const x = { name: "x", lower: 0, upper: 1, start: 0.5 };
  const optimum = { value: 0 };
  const rows = await rowsOf([
    { name: "unknown function", variables: [x], objective: { expr: "gamma(x)" }, optimum },
    { name: "unknown variable", variables: [x], objective: { expr: "x + y" }, optimum },
    { name: "broken", variables: [x], objective: { expr: "x * (1 + " }, optimum },
    { name: "no objective", variables: [x], optimum },
    { name: "no variables", objective: { expr: "1" }, optimum },
    { name: "sense", variables: [x], objective: { sense: "least", expr: "x" }, optimum },
    { name: "crossed", variables: [{ ...x, lower: 2 }], objective: { expr: "x" }, optimum },
    "not a program",
    {
      name: "infeasible",
      ...{ variables: [x], objective: { expr: "x" }, optimum },
      ...{ constraints: [{ expr: "x", lower: 3 }], check: { ipopt_from_start: {} } },
    },
    { name: "twice", variables: [x, x], objective: { expr: "x" }, optimum },
    { name: "runaway", variables: [{ name: "x" }], objective: { expr: "x" } },
    {
      name: "three faults",
      ...{ variables: [x], objective: { expr: "x + y*z" }, optimum },
      constraints: [{ name: "c", expr: "x +", upper: 1 }, { expr: "sinus(x)", upper: 1 }],
    },
    { name: "nowhere", variables: [x], objective: { expr: "log(x - 5)" }, optimum },
  ]);
  const expected = {
    "unknown function": /Unknown function "gamma"/,
    "unknown variable": /no variable y/,
    "broken": /expected, in x \* \(1 \+/,
    "no objective": /objective/,
    "no variables": /variables/,
    "sense": /neither minimize nor maximize/,
    "crossed": /lower bound is above/,
    "number 8": /expected object/i,
    "twice": /stands twice/,
    "runaway": /at no point \(.*unbounded/,
    "three faults":
      /objective: .*no variable y; .*no variable z; constraint c: .*; constraint 2: .*"sinus"/,
  };
  for (const [name, message] of Object.entries(expected)) {
    assert.match(rows[name]!, /^failed: /);
    assert.match(rows[name]!, message);
  }
  assert.match(rows["infeasible"]!, /^elsewhere: infeasible at no point/);
  assert.match(rows["nowhere"]!, /^elsewhere: .* at no point/);
  assert.equal(Object.keys(rows).length, 13);
});

Deno.test("readNlpProblems says what is wrong with a file as a whole", () => {
  assert.match(JSON.stringify(readNlpProblems("{")), /is not JSON/);
  assert.match(JSON.stringify(readNlpProblems("{}")), /no list/);
});
