/**
 * Builds native/ into native/build/, when something changed: `deno task native:build`.
 *
 * Needs a C++17 compiler, pkg-config, Eigen and IPOPT. On Debian or Ubuntu as root what is missing
 * is installed with apt-get and named; elsewhere the command to run is printed. IPOPT 3.14 is built
 * from its source where the system has only 3.11. The library is tuned to this machine's CPU, so it
 * is built again when the CPU is another one.
 *
 *   SETPOINT_CPU           a level in its place (x86-64-v3, armv8-a), for a library that runs on others
 *   SETPOINT_IPOPT         system | source | an archive (path or address) of IPOPT 3.14's source
 *   SETPOINT_IPOPT_SHA256  what that archive must have, where it is not one of those known
 */

// Deno's node: modules alone would cost tens of milliseconds, and this runs before every start.
import {
  BuildError,
  inParallel,
  isFile,
  must,
  pkgConfig,
  readIfThere,
  say,
  seconds,
  sha256OfTexts,
} from "./build_commands.ts";
import { IPOPT_FLAGS, provideIpopt } from "./build_ipopt.ts";
import type { Ipopt, IpoptWish } from "./build_ipopt.ts";
import { compiler } from "./build_needs.ts";

const SOURCE = decodeURIComponent(new URL(".", import.meta.url).pathname);
const BUILD = `${SOURCE}build/`;
const LIBRARY = `${BUILD}liboptimizer.so`;
/** Written after the library: what the library was built from. */
const DIGEST = `${BUILD}liboptimizer.digest`;
/** Objects of the last builds, each with what it was compiled from. */
const OBJECTS = `${BUILD}objects/`;

const FLAGS = [
  ...["-std=c++17", "-O3", "-DNDEBUG", "-fPIC", "-fvisibility=hidden"],
  ...["-Wall", "-Wextra"],
] as const;

/** Places where distributions put IPOPT's version; a new IPOPT means a new build. */
const IPOPT_HEADERS = [
  "/usr/include/coin/IpoptConfig.h",
  "/usr/include/coin-or/IpoptConfig.h",
  "/usr/local/include/coin-or/IpoptConfig.h",
] as const;

/** Brings the library up to date; returns at once when it is. @throws {BuildError} */
export async function build(): Promise<void> {
  if (await isCurrent()) return;
  Deno.mkdirSync(OBJECTS, { recursive: true });
  // Held until the process ends or closes it, so that two builds at once make one.
  using lock = Deno.openSync(`${BUILD}lock`, { create: true, write: true });
  await lock.lock(true);
  if (await isCurrent()) return;
  // Whoever left a folder behind was killed: the lock is ours.
  for (const { name } of Deno.readDirSync(BUILD)) {
    if (name.startsWith("work-")) Deno.removeSync(BUILD + name, { recursive: true });
  }
  await compile(await provideIpopt(BUILD, wish()));
}

async function isCurrent(): Promise<boolean> {
  if (!isFile(LIBRARY)) return false;
  // An image holds the library without what it was built from.
  return sources(/\.cpp$/).length === 0 || readIfThere(DIGEST) === await digest();
}

/** Of the sources, the flags, the CPU and all that decides which IPOPT is inside. */
async function digest(): Promise<string> {
  const { use, archive, sha256 } = wish();
  return await sha256OfTexts([
    ...sources(/\.(cpp|hpp|h)$/).flatMap((file) => [file, readIfThere(SOURCE + file)]),
    [...FLAGS, ...IPOPT_FLAGS].join(" "),
    Deno.build.target,
    level(),
    cpu(),
    ...IPOPT_HEADERS.map(readIfThere),
    ...[use, archive ?? "", sha256 ?? ""],
  ]);
}

function wish(): IpoptWish {
  const named = Deno.env.get("SETPOINT_IPOPT") || "either";
  const use = named === "system" || named === "either" ? named : "source";
  return {
    use,
    archive: named === use ? undefined : named,
    sha256: Deno.env.get("SETPOINT_IPOPT_SHA256") || undefined,
    cargoHome: Deno.env.get("CARGO_HOME") ?? `${Deno.env.get("HOME") ?? ""}/.cargo`,
    tuning: [`-march=${level()}`],
    cpu: cpu(),
  };
}

function sources(pattern: RegExp): string[] {
  return [...Deno.readDirSync(SOURCE)].map((entry) => entry.name)
    .filter((name) => pattern.test(name)).sort();
}

/** What the compiler may use: this machine's instructions, or those that SETPOINT_CPU names. */
function level(): string {
  return Deno.env.get("SETPOINT_CPU") || "native";
}

/**
 * Model and instruction sets of the first processor, where they count; x86 and ARM name them
 * differently.
 */
function cpu(): string {
  if (level() !== "native") return "";
  const lines = readIfThere("/proc/cpuinfo").split("\n\n")[0]!.split("\n");
  return lines.filter((line) =>
    /^(vendor_id|cpu family|model|model name|flags|Features|CPU \w+)\s*:/.test(line)
  ).join("\n");
}

/** Compiles the sources that changed, and puts the library in place. */
async function compile(ipopt: Ipopt): Promise<void> {
  const start = performance.now();
  const wanted = await digest();
  const cxx = await compiler();
  if (cxx === undefined) throw new BuildError("The C++ compiler went away");
  const flags = [
    ...FLAGS,
    `-march=${level()}`,
    // Warnings in the headers of others are not ours to read.
    ...[...ipopt.compile, ...await pkgConfig(["--cflags", "eigen3"])].flatMap((flag) =>
      flag.startsWith("-I") ? ["-isystem", flag.slice(2)] : [flag]
    ),
  ];
  const outside = [cxx, ...flags, ipopt.digest, cpu()];
  const files = sources(/\.cpp$/);
  const stale: string[] = [];
  for (const file of files) {
    if (readIfThere(`${OBJECTS}${file}.key`) !== await objectKey(file, outside)) stale.push(file);
  }
  say(
    `compiling ${stale.length} of ${files.length} files with ${cxx} against IPOPT ${ipopt.version}`,
  );
  await inParallel(stale, async (file) => {
    const began = performance.now();
    const object = `${OBJECTS}${file}`;
    Deno.writeTextFileSync(`${object}.key`, "");
    await must(cxx, [
      ...flags,
      "-MMD",
      "-MF",
      `${object}.d`,
      "-c",
      SOURCE + file,
      "-o",
      `${object}.o`,
    ]);
    Deno.writeTextFileSync(`${object}.key`, await objectKey(file, outside));
    say(`  ${file} ${seconds(began)}`);
  });
  const work = Deno.makeTempDirSync({ dir: BUILD, prefix: "work-" });
  try {
    const library = `${work}/liboptimizer.so`;
    await must(cxx, [
      ...["-shared", "-o", library],
      ...files.map((file) => `${OBJECTS}${file}.o`),
      ...ipopt.link,
      ...["-ldl", "-Wl,--no-undefined", "-Wl,--exclude-libs,ALL"],
    ]);
    const mark = `${work}/digest`;
    Deno.writeTextFileSync(mark, wanted);
    Deno.renameSync(library, LIBRARY);
    Deno.renameSync(mark, DIGEST);
  } finally {
    Deno.removeSync(work, { recursive: true });
  }
  say(`built in ${seconds(start)}`);
}

/** Of a source, the headers that its last compilation read, and what does not lie in this folder. */
async function objectKey(file: string, outside: readonly string[]): Promise<string> {
  const read = readIfThere(`${OBJECTS}${file}.d`).split(/[\s\\]+/)
    .filter((path) => path.startsWith(SOURCE));
  return await sha256OfTexts([...outside, ...read.flatMap((path) => [path, readIfThere(path)])]);
}

if (import.meta.main) {
  try {
    await build();
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    console.error(error.message);
    Deno.exitCode = 1;
  }
}
