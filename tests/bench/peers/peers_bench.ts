/**
 * kiln-20 and kiln-60 solved by us and by the peers, one process after the other in one run:
 * `deno task bench peers`. The peers are Python scripts that name their packages (PEP 723); these go
 * into an environment in the user's cache folder, made with the machine's python3 and pip.
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import process from "node:process";
import { IpoptLibrary } from "deno-ipopt-ffi";
import { kilnFile, KILNS, kilnSolves, median, readKiln, row } from "../kiln_solves.ts";
import type { Manner } from "../kiln_solves.ts";

const FOLDER = fileURLToPath(new URL("./", import.meta.url));
const SCRIPTS = ["jax_peer.py", "casadi_peer.py"] as const;
/** Rounds over the 25 parameter sets. */
const ROUNDS = 3;
const SOLVES = 75;

/** What a peer prints. */
interface PeerResult {
  readonly peer: string;
  readonly ipopt: string;
  readonly build_seconds: number;
  readonly ms: number;
  readonly iterations: number;
}

/** Issue 4: how many times faster than the best peer's cold solve we have to be. */
const WANTED: Readonly<
  Record<"3.14" | "3.11", Readonly<Record<string, Partial<Record<string, number>>>>>
> = {
  "3.14": { "kiln-20": { cold: 5, warm: 12 }, "kiln-60": { cold: 3.5, warm: 6 } },
  "3.11": { "kiln-20": { cold: 1.7 }, "kiln-60": { cold: 2.5 } },
};

/** Prints the table of times and ratios. @throws where python3 or a package is missing. */
export async function peersBench(): Promise<void> {
  const python = await environment();
  const library = IpoptLibrary.open();
  const version = library.ipoptVersion;
  library.close();
  for (const name of KILNS) {
    const kiln = readKiln(name);
    const peers: PeerResult[] = [];
    for (const script of SCRIPTS) peers.push(await runPeer(python, { script, name }));
    const ours = new Map<string, { ms: number; iterations: number }>();
    for (const where of ["here", "child"] as const) {
      for (const start of ["cold", "warm"] as const) {
        const manner: Manner = { start, where };
        const results = await kilnSolves(kiln, { count: SOLVES, ...manner });
        ours.set(`${start}, ${where === "here" ? "by FFI" : "in the child"}`, {
          ms: median(results.map(({ wallMs }) => wallMs)),
          iterations: median(results.map(({ end }) => end.iterations)),
        });
      }
    }
    const best = Math.min(...peers.map(({ ms }) => ms));
    console.log();
    row(`${name}, medians of ${SOLVES}`, ["IPOPT", "ms", "iterations", "speed-up", "wanted"]);
    for (const { peer, ipopt, ms, iterations } of peers) {
      row(peer, [ipopt, ms, iterations.toFixed(0), `${(best / ms).toFixed(2)} x`, ""]);
    }
    for (const [manner, { ms, iterations }] of ours) {
      const wanted = WANTED[version.startsWith("3.11") ? "3.11" : "3.14"][name]?.[
        manner.split(",")[0]!
      ];
      row(`Setpoint, ${manner}`, [
        version,
        ms,
        iterations.toFixed(0),
        `${(best / ms).toFixed(2)} x`,
        wanted === undefined ? "" : `${wanted} x`,
      ]);
    }
  }
}

/** The peers' environment, made when their packages are not in it yet; the path of its python. */
async function environment(): Promise<string> {
  const cache = process.env["XDG_CACHE_HOME"] ?? join(process.env["HOME"] ?? ".", ".cache");
  const folder = join(cache, "setpoint", "peers");
  const python = join(folder, "bin", "python");
  const packages = [...new Set(SCRIPTS.flatMap(dependenciesOf))].sort();
  const mark = join(folder, "packages.json");
  const wanted = JSON.stringify(packages);
  const present = await Deno.readTextFile(mark).catch(() => "");
  if (present !== wanted) {
    console.error(`bench: putting ${packages.join(", ")} into ${folder}`);
    await must("python3", ["-m", "venv", "--clear", folder]);
    await must(python, ["-m", "pip", "install", "--quiet", ...packages]);
    await Deno.writeTextFile(mark, wanted);
  }
  return python;
}

/** The packages in a script's own metadata: PEP 723, "Inline script metadata". */
function dependenciesOf(script: string): string[] {
  const text = Deno.readTextFileSync(join(FOLDER, script));
  const list = /^# dependencies = (\[.*\])$/m.exec(text)?.[1];
  if (list === undefined) throw new Error(`${script} names no dependencies`);
  return JSON.parse(list) as string[];
}

async function runPeer(
  python: string,
  { script, name }: { readonly script: string; readonly name: string },
): Promise<PeerResult> {
  const output = await must(python, [join(FOLDER, script), kilnFile(name), String(ROUNDS)]);
  return JSON.parse(output.trim().split("\n").at(-1)!) as PeerResult;
}

async function must(command: string, args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    // A setting for older OpenBLAS builds slows the one that comes with NumPy.
    env: environmentWithout(["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"]),
    clearEnv: true,
  }).output();
  if (!success) {
    throw new Error(`${command} ${args[0]} failed:\n${new TextDecoder().decode(stderr)}`);
  }
  return new TextDecoder().decode(stdout);
}

function environmentWithout(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(Deno.env.toObject()).filter(([name]) => !names.includes(name)),
  );
}
