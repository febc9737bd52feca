/** Evaluations of a program timed inside native code, where no crossing of the FFI blurs them. */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packProgram } from "../../src/solve/pack.ts";
import type { Program } from "../../src/solve/program.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

export interface Measured {
  readonly program: Program;
  readonly x: Float64Array;
  readonly p: Float64Array;
  /** Networks in the program, and their layer widths, for the matrix products beside. */
  readonly networks: number;
  readonly widths: readonly number[];
}

/** Medians in microseconds by name, from tests/bench/evaluations.cpp. */
export async function measure(
  binary: string,
  { program, x, p, networks, widths }: Measured,
): Promise<ReadonlyMap<string, number>> {
  const { ints, reals } = packProgram(program);
  const counts = BigUint64Array.from([ints, reals, x, p].map((array) => BigInt(array.length)));
  const file = await Deno.makeTempFile();
  try {
    const parts = [counts, ints, reals, x, p].map((array) =>
      Uint8Array.from(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
    );
    await Deno.writeFile(file, new Blob(parts).stream());
    const { stdout, code } = await new Deno.Command(binary, {
      args: [file, String(networks), ...widths.map(String)],
      env: { OPENBLAS_NUM_THREADS: "1" },
    }).output();
    if (code !== 0) throw new Error(`${binary} ended with ${code}`);
    const lines = new TextDecoder().decode(stdout).trim().split("\n");
    return new Map(lines.map((line) => {
      const [name, microseconds] = line.split("\t");
      return [name!, Number(microseconds)] as const;
    }));
  } finally {
    await Deno.remove(file);
  }
}

/** Compiles the measuring program with the library's own flags into `folder`. */
export async function compileMeasure(folder: string): Promise<string> {
  const binary = join(folder, "evaluations");
  const native = [...Deno.readDirSync(join(ROOT, "native"))].map(({ name }) => name)
    .filter((name) => /^(tape\w*|packed|support|functions)\.cpp$/.test(name));
  const { code, stderr } = await new Deno.Command("g++", {
    args: [
      ...["-std=c++17", "-O3", "-march=native", "-DNDEBUG", "-isystem", "/usr/include/eigen3"],
      ...["-o", binary, join(ROOT, "tests/bench/evaluations.cpp")],
      ...native.map((name) => join(ROOT, `native/${name}`)),
      "-ldl",
    ],
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
  return binary;
}
