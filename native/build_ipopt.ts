/**
 * Which IPOPT the library is built against: the system's where it is 3.14, else 3.14 from its source,
 * compiled once into native/build/ipopt and linked into the library; the system's 3.11 where no
 * source can be had.
 */

import {
  BuildError,
  inParallel,
  isFile,
  must,
  pkgConfig,
  readIfThere,
  run,
  say,
  seconds,
  sha256OfTexts,
} from "./build_commands.ts";
import { sourceArchive } from "./build_ipopt_source.ts";
import type { SourceWish } from "./build_ipopt_source.ts";
import {
  candidate,
  compiler,
  libraryPath,
  provide,
  SEQUENTIAL_MUMPS,
  SYSTEM_IPOPT,
  TOOLS,
} from "./build_needs.ts";

/** How to compile and link against an IPOPT. */
export interface Ipopt {
  readonly version: string;
  /** Changes whenever what is linked in does. */
  readonly digest: string;
  readonly compile: readonly string[];
  readonly link: readonly string[];
}

/** What the environment asks for. */
export interface IpoptWish extends SourceWish {
  /** `system`: no source; `source`: no other; `either`: the better one. */
  readonly use: "system" | "source" | "either";
  /** Flags that tune the code to this machine. */
  readonly tuning: readonly string[];
  /** The machine's CPU: code tuned to another one may not run. */
  readonly cpu: string;
}

/** The first version whose linear solver can be chosen and whose headers say how. */
const CHOOSES_SOLVER = "3.14";
const FOLDERS = [
  ...["Common", "LinAlg", "LinAlg/TMatrices", "Algorithm", "Algorithm/LinearSolvers"],
  ...["contrib/CGPenalty", "Interfaces"],
] as const;
/** Interfaces of other languages and solvers that are not linked in. */
const LEFT_OUT = /Std[CFJ]|StdInterface|Wsmp|Spral|PardisoMKL|Ma28/;
/** Files of these folders define the same names: they cannot share a translation unit. */
const APART = "Algorithm/LinearSolvers";
/** Files per translation unit: reading the headers once saves half of the time. */
const TOGETHER = 12;

/** By their names at run time: these are there wherever IPOPT or MUMPS is, without more packages. */
const LAPACK = ["-l:liblapack.so.3", "-l:libblas.so.3"] as const;

/** For all of IPOPT's files; Fortran's names end with an underscore, its integers are int. */
const CONFIG = `
#define IPOPTLIB_EXPORT
#define IPOPT_LAPACK_FUNC(name, NAME) name##_
#define IPOPT_LAPACK_FUNC_(name, NAME) name##_
#define IPOPT_BLAS_FUNC(name, NAME) name##_
#define IPOPT_C_FINITE std::isfinite
#define IPOPT_HAS_LAPACK 1
#define IPOPT_HAS_MUMPS 1
#define IPOPT_HAS_RAND 1
#define IPOPT_HAS_STD__RAND 1
#include "config_ipopt_default.h"
`;

export const IPOPT_FLAGS = [
  "-std=c++17",
  // A tenth less of IPOPT's own time than with -O2: what it runs is many small functions.
  "-O3",
  "-fno-plt",
  "-DNDEBUG",
  "-DHAVE_CONFIG_H",
  "-fPIC",
  "-fvisibility=hidden",
  "-w",
] as const;

/** The IPOPT to build against, made first where it has to be. @throws {BuildError} */
export async function provideIpopt(build: string, wish: IpoptWish): Promise<Ipopt> {
  await provide(TOOLS);
  if (wish.use !== "source") {
    const version = await systemVersion() ?? await candidate(SYSTEM_IPOPT.debian) ?? "0";
    if (wish.use === "system" || atLeast314(version)) return await systemIpopt();
  }
  const made = await ownIpopt(build, wish);
  if (made !== undefined) return made;
  if (wish.use === "source") {
    throw new BuildError("SETPOINT_IPOPT asks for a source, there is none");
  }
  say("IPOPT 3.14 cannot be built here; the system's is used, in which solves take longer");
  return await systemIpopt();
}

async function systemVersion(): Promise<string | undefined> {
  const { success, output } = await run("pkg-config", ["--modversion", "ipopt"]);
  return success ? output.trim() : undefined;
}

function atLeast314(version: string): boolean {
  const [major, minor] = version.split(".").map(Number);
  const [, wanted] = CHOOSES_SOLVER.split(".").map(Number);
  return major! > 3 || (major === 3 && minor! >= wanted!);
}

async function systemIpopt(): Promise<Ipopt> {
  await provide([SYSTEM_IPOPT]);
  const version = (await pkgConfig(["--modversion", "ipopt"])).join(" ");
  const folders = (await pkgConfig(["--libs-only-L", "ipopt"])).map((flag) => flag.slice(2));
  return {
    version,
    digest: version,
    compile: await pkgConfig(["--cflags", "ipopt"]),
    // `pkg-config --libs` also names LAPACK and BLAS for static linking; this is enough.
    link: [
      ...folders.flatMap((folder) => [`-L${folder}`, `-Wl,-rpath,${folder}`]),
      "-lipopt",
      ...LAPACK,
    ],
  };
}

/** IPOPT from its source; undefined where that cannot be had or does not compile. */
async function ownIpopt(build: string, wish: IpoptWish): Promise<Ipopt | undefined> {
  const folder = `${build}ipopt/`;
  const key = await ownKey(wish);
  if (readIfThere(`${folder}key`) === key) return await linkable(folder, key);
  const start = performance.now();
  const work = await Deno.makeTempDir({ dir: build, prefix: "work-ipopt-" });
  try {
    await provide([SEQUENTIAL_MUMPS]);
    const archive = await sourceArchive(wish, work);
    if (archive === undefined) return undefined;
    say(`IPOPT from ${archive.from}, SHA-256 ${archive.sha256}`);
    await must("tar", ["-xzf", archive.path, "-C", work, "--no-same-owner"]);
    const source = findSource(work);
    if (source === undefined) throw new BuildError(`${archive.from} does not hold IPOPT's source`);
    const version = await compileIpopt(source, { work, tuning: wish.tuning });
    for (const name of FOLDERS) await keepHeaders(`${source}/${name}`, `${work}/kept/headers`);
    await Deno.writeTextFile(`${work}/kept/version`, version);
    await Deno.writeTextFile(`${work}/kept/key`, key);
    await Deno.remove(folder, { recursive: true }).catch(() => {});
    await Deno.rename(`${work}/kept`, folder);
    say(`IPOPT ${version} built in ${seconds(start)}`);
    return await linkable(folder, key);
  } catch (error) {
    if (!(error instanceof BuildError) || wish.archive !== undefined) throw error;
    say(error.message);
    return undefined;
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

/** Of all that decides the compiled IPOPT; its source is whatever was found first. */
async function ownKey(wish: IpoptWish): Promise<string> {
  const cxx = await run(await compiler() ?? "", ["--version"]);
  return await sha256OfTexts([
    ...[CONFIG, ...IPOPT_FLAGS, ...wish.tuning, wish.cpu, cxx.output],
    ...[wish.archive ?? "", wish.sha256 ?? ""],
  ]);
}

async function linkable(folder: string, key: string): Promise<Ipopt> {
  const mumps = await libraryPath("libdmumps_seq.so");
  if (mumps === undefined) throw new BuildError("MUMPS went away: install libmumps-seq-dev");
  return {
    version: `${readIfThere(`${folder}version`)} from its source`,
    digest: key,
    compile: ["-DHAVE_CONFIG_H", `-I${folder}headers`],
    link: [`${folder}libipopt.a`, mumps, ...LAPACK],
  };
}

/** The folder with Common, Algorithm and so on inside what was unpacked. */
function findSource(root: string, depth = 4): string | undefined {
  if (isFile(`${root}/src/Algorithm/IpAlgBuilder.hpp`)) return `${root}/src`;
  if (depth === 0) return undefined;
  for (const entry of Deno.readDirSync(root)) {
    const found = entry.isDirectory ? findSource(`${root}/${entry.name}`, depth - 1) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Makes kept/libipopt.a; the version that it has. */
async function compileIpopt(source: string, { work, tuning }: {
  readonly work: string;
  readonly tuning: readonly string[];
}): Promise<string> {
  const cxx = await compiler();
  if (cxx === undefined) throw new BuildError("The C++ compiler went away");
  const headers = `${work}/kept/headers`;
  await Deno.mkdir(headers, { recursive: true });
  for (const name of ["config.h", "config_ipopt.h"]) {
    await Deno.writeTextFile(`${headers}/${name}`, CONFIG);
  }
  const config = readIfThere(`${source}/Common/config_ipopt_default.h`);
  const version = /define IPOPT_VERSION "([^"]+)"/.exec(config)?.[1] ?? "";
  if (!atLeast314(version)) throw new BuildError(`The source is IPOPT "${version}", not 3.14`);
  const units = await unitsOf(source, work);
  say(`compiling IPOPT ${version}, ${units.length} parts; this is done once`);
  let done = 0;
  await inParallel(units, async (unit) => {
    const start = performance.now();
    await must(cxx, [
      ...[...IPOPT_FLAGS, ...tuning, `-I${headers}`, "-isystem", "/usr/include/mumps_seq"],
      ...FOLDERS.map((name) => `-I${source}/${name}`),
      ...["-x", "c++", "-c", unit, "-o", `${unit}.o`],
    ]);
    say(`  IPOPT ${++done} of ${units.length}, ${seconds(start)}`);
  });
  await must("ar", ["rcs", `${work}/kept/libipopt.a`, ...units.map((unit) => `${unit}.o`)]);
  return version;
}

/** Translation units: files that get along, some at a time, and the others by themselves. */
async function unitsOf(source: string, work: string): Promise<string[]> {
  const lists: string[][] = [];
  for (const folder of FOLDERS) {
    const files = [...Deno.readDirSync(`${source}/${folder}`)].map(({ name }) => name)
      .filter((name) => /\.cpp$|^IpLinearSolvers\.c$/.test(name) && !LEFT_OUT.test(name)).sort()
      .map((name) => `${source}/${folder}/${name}`);
    const size = folder === APART ? 1 : TOGETHER;
    for (let i = 0; i < files.length; i += size) lists.push(files.slice(i, i + size));
  }
  return await Promise.all(lists.map(async (files, i) => {
    const unit = `${work}/unit_${i}.cpp`;
    await Deno.writeTextFile(unit, files.map((file) => `#include "${file}"\n`).join(""));
    return unit;
  }));
}

async function keepHeaders(from: string, to: string): Promise<void> {
  for (const { name } of Deno.readDirSync(from)) {
    if (/\.(h|hpp|inc)$/.test(name) && !/^config(_ipopt)?\.h$/.test(name)) {
      await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
    }
  }
}
