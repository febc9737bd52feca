/** The house rules that a compiler does not hold: who may import whom, one door for each outside thing. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** A module of src and what it imports: our own files by path, packages by name. */
interface Module {
  readonly path: string;
  readonly code: readonly string[];
  readonly types: readonly string[];
}

/** Folder → folders whose code it may import, and folders of which it may import types alone. */
const LAYERS: Readonly<Record<string, { code: readonly string[]; types: readonly string[] }>> = {
  leaf: { code: [], types: [] },
  storage: { code: ["leaf"], types: [] },
  feed: { code: ["leaf", "storage"], types: [] },
  strategy: { code: ["leaf"], types: [] },
  model: { code: [], types: [] },
  solve: { code: ["strategy", "model", "native"], types: [] },
  cycle: { code: ["leaf", "storage", "strategy", "model", "solve"], types: [] },
  doctor: { code: ["leaf", "storage", "strategy", "model", "solve", "cycle"], types: [] },
  // Writes strategies from plant data; its least squares borrow the solver's small linear systems.
  new_site: { code: ["leaf", "strategy", "solve"], types: [] },
  backtest: { code: ["leaf", "storage", "strategy", "model", "solve", "cycle"], types: [] },
  // The dashboard draws the strategy's graph: strategy lies to its left, as it does for solve.
  http: { code: ["cycle", "leaf", "strategy"], types: ["solve", "storage", "feed", "model"] },
  command: {
    code: [
      ...["leaf", "storage", "feed", "strategy", "model", "solve", "cycle", "backtest", "http"],
      ...["new_site", "doctor"],
    ],
    types: [],
  },
};

/** Outside thing → the only places that may import it. */
const PACKAGE_DOORS: Readonly<Record<string, RegExp>> = {
  "deno-ipopt-ffi": /^src\/solve\//,
  postgres: /^src\/storage\//,
  minio: /^src\/storage\//,
  "@electric-sql/pglite": /^src\/storage\//,
  "node:sqlite": /^src\/storage\//,
  yaml: /^src\/(strategy|config)/,
  chevrotain: /^src\/strategy\//,
  croner: /^src\/cycle\/schedule\.ts$/,
  hono: /^src\/http\//,
  "@hono/node-server": /^src\/http\//,
  "@opentelemetry/api": /^src\/cycle\/cycle_trace\.ts$/,
  "onnxruntime-node": /^src\/model\//,
  "@logtape/logtape": /^src\/log\.ts$/,
};

/** Text in a source file → the only places where it may stand. */
const TEXT_DOORS: readonly (readonly [RegExp, RegExp])[] = [
  [/\bDeno\.env\b/, /^src\/config\.ts$/],
  [/\bDeno\.dlopen\b/, /^native\/deno_ipopt_ffi\.ts$/],
  [/\bDeno\.exit\(/, /^src\/(main|.*_command|solve\/solver_child)\.ts$/],
  [/\bDeno\.addSignalListener\b/, /^src\/stop_signals\.ts$/],
];

const VAGUE =
  /(^|[/_.])(util|utils|helper|helpers|manager|common|misc|handler|processor|service)s?[._]/;

Deno.test("src imports only in the direction in which data flows", () => {
  const wrong: string[] = [];
  for (const module of modules()) {
    const rule = LAYERS[layerOf(module.path)];
    assert.ok(rule, `${module.path} lies in a folder without a rule`);
    for (const target of module.code.filter(isOurs)) {
      if (allowed(module.path, { target, folders: rule.code })) continue;
      wrong.push(`${module.path} imports code of ${target}`);
    }
    for (const target of module.types.filter(isOurs)) {
      if (allowed(module.path, { target, folders: [...rule.code, ...rule.types] })) continue;
      wrong.push(`${module.path} imports types of ${target}`);
    }
  }
  assert.deepEqual(wrong, []);
});

Deno.test("each outside package is imported through its one door", () => {
  const wrong = modules().flatMap((module) =>
    module.code.flatMap((target) => {
      const door = Object.entries(PACKAGE_DOORS).find(([name]) =>
        target === name || target.startsWith(`${name}/`)
      );
      return door === undefined || door[1].test(module.path) ? [] : [`${module.path}: ${target}`];
    })
  );
  assert.deepEqual(wrong, []);
});

Deno.test("environment, native library, exit and signals are reached in one place each", () => {
  const wrong = sources().flatMap((path) => {
    const text = readFileSync(join(ROOT, path), "utf8");
    return TEXT_DOORS
      .filter(([pattern, door]) => pattern.test(text) && !door.test(path))
      .map(([pattern]) => `${path}: ${pattern.source}`);
  }).filter((line) => !line.startsWith("native/build"));
  assert.deepEqual(wrong, []);
});

Deno.test("files stay short and their names say what they hold", () => {
  const wrong = sources().flatMap((path) => {
    const lines = readFileSync(join(ROOT, path), "utf8").split("\n").length;
    return [
      ...(lines > 500 ? [`${path} has ${lines} lines`] : []),
      ...(VAGUE.test(path) ? [`${path} has a name that tells nothing`] : []),
    ];
  });
  assert.deepEqual(wrong, []);
});

Deno.test("the top level holds only what the design names", () => {
  const named = new Set([
    ...["src", "native", "tests", "strategies", "deno.json", "deno.lock"],
    ...["Dockerfile.edge", "README.md", "LICENSE"],
  ]);
  // By name and not by git: a box that was unpacked from an archive has no repository.
  const ignored = new Set(
    readFileSync(join(ROOT, ".gitignore"), "utf8").split("\n").map((line) => line.replace("/", "")),
  );
  const extra = readdirSync(ROOT).filter((name) =>
    !named.has(name) && !ignored.has(name) && !name.startsWith(".")
  );
  assert.deepEqual(extra, []);
});

function allowed(
  from: string,
  { target, folders }: { readonly target: string; readonly folders: readonly string[] },
): boolean {
  const layer = layerOf(target);
  return layer === layerOf(from) || folders.includes(layer);
}

/** `leaf` for the files beside main.ts, `command` for main.ts and the commands. */
function layerOf(path: string): string {
  const [top, second, third] = path.split("/");
  if (top === "native") return "native";
  if (path === "src/main.ts" || path.endsWith("_command.ts")) return "command";
  return third === undefined ? "leaf" : second!;
}

function isOurs(target: string): boolean {
  return target.startsWith("src/") || target.startsWith("native/");
}

function sources(): string[] {
  return ["src", "native"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((path) => /\.tsx?$/.test(path) && !path.startsWith("build/"))
      .map((path) => `${folder}/${path}`)
  );
}

let found: readonly Module[] | undefined;

/** Every module of src, by `deno info`, which tells type imports from code imports. */
function modules(): readonly Module[] {
  if (found !== undefined) return found;
  const seen = new Map<string, Module>();
  for (const path of sources()) {
    if (!path.startsWith("src/") || seen.has(path)) continue;
    for (const module of graphOf(path)) seen.set(module.path, module);
  }
  return found = [...seen.values()];
}

interface Dependency {
  readonly specifier: string;
  readonly code?: { readonly specifier?: string };
  readonly type?: { readonly specifier?: string };
}

function graphOf(path: string): Module[] {
  const output = new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", path],
    cwd: ROOT,
    stderr: "piped",
  }).outputSync();
  assert.ok(output.success, new TextDecoder().decode(output.stderr));
  const { modules } = JSON.parse(new TextDecoder().decode(output.stdout)) as {
    modules: { local?: string; error?: string; dependencies?: Dependency[] }[];
  };
  return modules.flatMap(({ local, dependencies = [] }) => {
    const own = local === undefined ? "" : relative(ROOT, local);
    if (!own.startsWith("src/")) return [];
    const targets = (side: "code" | "type") =>
      dependencies.flatMap((dependency) => {
        const specifier = dependency[side]?.specifier;
        if (specifier === undefined) return [];
        if (dependency.specifier === "deno-ipopt-ffi") return [dependency.specifier];
        return [
          specifier.startsWith("file:")
            ? relative(ROOT, fileURLToPath(specifier))
            : dependency.specifier,
        ];
      });
    return [{ path: own, code: targets("code"), types: targets("type") }];
  });
}
