/**
 * Builds native/ into native/build/, when something changed: `deno task native:build`.
 *
 * Needs a C++17 compiler, pkg-config, Eigen and IPOPT. On Debian or Ubuntu as root what is missing
 * is installed with apt-get and named; elsewhere the command to run is printed. The library is tuned
 * to this machine's CPU, so it is built again when the CPU is another one; SETPOINT_CPU names a level
 * in its place (x86-64-v3, armv8-a), for a library that runs on other machines.
 */

// No import: this runs before every start, and Deno's node: modules alone cost tens of milliseconds.

const SOURCE = decodeURIComponent(new URL(".", import.meta.url).pathname);
const BUILD = `${SOURCE}build/`;
const LIBRARY = `${BUILD}liboptimizer.so`;
/** Written after the library: what the library was built from. */
const DIGEST = `${BUILD}liboptimizer.digest`;

const COMPILERS = ["g++", "clang++"] as const;
const FLAGS = [
  "-std=c++17",
  "-O3",
  "-DNDEBUG",
  "-fPIC",
  "-fvisibility=hidden",
  "-Wall",
  "-Wextra",
] as const;

/** Places where distributions put IPOPT's version; a new IPOPT means a new build. */
const IPOPT_HEADERS = [
  "/usr/include/coin/IpoptConfig.h",
  "/usr/include/coin-or/IpoptConfig.h",
  "/usr/local/include/coin-or/IpoptConfig.h",
] as const;

/** What the build needs, how it is found and the Debian package that brings it. */
const NEEDS = [
  { name: "a C++ compiler", found: async () => await compiler() !== undefined, debian: "g++" },
  {
    name: "pkg-config",
    found: () => succeeds("pkg-config", ["--version"]),
    debian: "pkg-config",
  },
  {
    name: "Eigen",
    found: () => succeeds("pkg-config", ["--exists", "eigen3"]),
    debian: "libeigen3-dev",
  },
  {
    name: "IPOPT",
    found: () => succeeds("pkg-config", ["--exists", "ipopt"]),
    debian: "coinor-libipopt-dev",
  },
] as const;

/** The build cannot go on; the message says what to do. */
class BuildError extends Error {
  override readonly name = "BuildError";
}

/** Brings the library up to date; returns at once when it is. @throws {BuildError} */
export async function build(): Promise<void> {
  if (await isCurrent()) return;
  Deno.mkdirSync(BUILD, { recursive: true });
  // Held until the process ends or closes it, so that two builds at once make one.
  using lock = Deno.openSync(`${BUILD}lock`, { create: true, write: true });
  await lock.lock(true);
  if (await isCurrent()) return;
  await provide();
  await compile();
}

async function isCurrent(): Promise<boolean> {
  if (!isFile(LIBRARY)) return false;
  // An image holds the library without what it was built from.
  return sources(/\.cpp$/).length === 0 || readIfThere(DIGEST) === await digest();
}

/** Of the sources, the flags, the CPU and IPOPT's version. */
async function digest(): Promise<string> {
  const parts = [
    ...sources(/\.(cpp|hpp|h)$/).flatMap((file) => [file, readIfThere(SOURCE + file)]),
    FLAGS.join(" "),
    Deno.build.target,
    level(),
    level() === "native" ? cpu() : "",
    ...IPOPT_HEADERS.map(readIfThere),
  ];
  const bytes = new TextEncoder().encode(parts.join("\0"));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

function sources(pattern: RegExp): string[] {
  return [...Deno.readDirSync(SOURCE)].map((entry) => entry.name)
    .filter((name) => pattern.test(name)).sort();
}

/** What the compiler may use: this machine's instructions, or those that SETPOINT_CPU names. */
function level(): string {
  return Deno.env.get("SETPOINT_CPU") || "native";
}

/** Model and instruction sets of the first processor; x86 and ARM name them differently. */
function cpu(): string {
  const lines = readIfThere("/proc/cpuinfo").split("\n\n")[0]!.split("\n");
  return lines.filter((line) =>
    /^(vendor_id|cpu family|model|model name|flags|Features|CPU \w+)\s*:/.test(line)
  ).join("\n");
}

function readIfThere(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Sees to it that everything needed is there. */
async function provide(): Promise<void> {
  const missing = await missingNeeds();
  if (missing.length === 0) return;
  const packages = missing.map((need) => need.debian).join(" ");
  const names = missing.map((need) => need.name).join(", ");
  if (!isDebian()) {
    throw new BuildError(
      `The native build needs ${names}. Install them (Debian's names: ${packages}) and run ` +
        `"deno task native:build" again`,
    );
  }
  if (Deno.uid() !== 0) {
    throw new BuildError(
      `The native build needs ${names}. Run: sudo apt-get install --yes ${packages}`,
    );
  }
  say(`missing: ${names}; installing with apt-get: ${packages}`);
  const start = performance.now();
  const options = { env: { DEBIAN_FRONTEND: "noninteractive" } };
  const apt = ["--yes", "--quiet=2", "-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3"];
  const updated = await run("apt-get", [...apt, "update"], options);
  // An old package list may still do; if it does not, the install says so.
  if (!updated.success) say(`apt-get update failed:\n${updated.output}`);
  const installed = await run(
    "apt-get",
    [...apt, "install", "--no-install-recommends", ...packages.split(" ")],
    options,
  );
  if (!installed.success) {
    throw new BuildError(
      `Cannot install ${packages}. Run: apt-get update && apt-get install --yes ${packages}\n` +
        installed.output,
    );
  }
  say(`installed in ${seconds(start)}`);
  const still = await missingNeeds();
  if (still.length > 0) {
    throw new BuildError(`Still missing: ${still.map((need) => need.name).join(", ")}`);
  }
}

async function missingNeeds(): Promise<(typeof NEEDS)[number][]> {
  const found = await Promise.all(NEEDS.map((need) => need.found()));
  return NEEDS.filter((_, i) => !found[i]);
}

function isDebian(): boolean {
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readIfThere("/etc/os-release"));
}

async function compiler(): Promise<string | undefined> {
  for (const name of COMPILERS) {
    if (await succeeds(name, ["--version"])) return name;
  }
  return undefined;
}

/** Compiles all sources, as many at once as there are processors, and puts the library in place. */
async function compile(): Promise<void> {
  const start = performance.now();
  const wanted = await digest();
  const cxx = await compiler();
  if (cxx === undefined) throw new BuildError("The C++ compiler went away");
  const includes = (await pkgConfig(["--cflags", "ipopt", "eigen3"]))
    // Warnings in the headers of others are not ours to read.
    .flatMap((flag) => flag.startsWith("-I") ? ["-isystem", flag.slice(2)] : [flag]);
  const folders = (await pkgConfig(["--libs-only-L", "ipopt"])).map((flag) => flag.slice(2));
  const version = (await pkgConfig(["--modversion", "ipopt"])).join(" ");
  const files = sources(/\.cpp$/);
  say(`compiling ${files.length} files with ${cxx} against IPOPT ${version}`);

  // Whoever left a folder behind was killed: the lock is ours.
  for (const { name } of Deno.readDirSync(BUILD)) {
    if (name.startsWith("work-")) Deno.removeSync(BUILD + name, { recursive: true });
  }
  const work = Deno.makeTempDirSync({ dir: BUILD, prefix: "work-" });
  try {
    const queue = [...files];
    const worker = async () => {
      for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
        const began = performance.now();
        const object = `${work}/${file}.o`;
        await must(cxx, [
          ...FLAGS,
          `-march=${level()}`,
          ...includes,
          "-c",
          SOURCE + file,
          "-o",
          object,
        ]);
        say(`  ${file} ${seconds(began)}`);
      }
    };
    await Promise.all(Array.from({ length: navigator.hardwareConcurrency }, worker));
    const library = `${work}/liboptimizer.so`;
    await must(cxx, [
      "-shared",
      "-o",
      library,
      ...files.map((file) => `${work}/${file}.o`),
      // `pkg-config --libs` also names LAPACK and BLAS for static linking; this is enough.
      ...folders.flatMap((folder) => [`-L${folder}`, `-Wl,-rpath,${folder}`]),
      "-lipopt",
      "-ldl",
      "-Wl,--no-undefined",
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

async function pkgConfig(args: readonly string[]): Promise<string[]> {
  const { success, output } = await run("pkg-config", args);
  if (!success) throw new BuildError(`pkg-config ${args.join(" ")} failed:\n${output}`);
  return output.trim().split(/\s+/).filter((word) => word !== "");
}

async function must(command: string, args: readonly string[]): Promise<void> {
  const { success, output } = await run(command, args);
  if (!success) throw new BuildError(`${command} ${args.join(" ")} failed:\n${output}`);
  if (output.trim() !== "") say(output);
}

async function succeeds(command: string, args: readonly string[]): Promise<boolean> {
  return (await run(command, args)).success;
}

/** Runs a command; one that does not exist has not succeeded. */
async function run(
  command: string,
  args: readonly string[],
  options: { readonly env?: Record<string, string> } = {},
): Promise<{ readonly success: boolean; readonly output: string }> {
  try {
    const { success, stdout, stderr } = await new Deno.Command(command, {
      args: [...args],
      stdin: "null",
      ...options,
    }).output();
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { success, output: decode(stdout) + decode(stderr) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      return { success: false, output: `${command} was not found` };
    }
    throw error;
  }
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}

function say(text: string): void {
  console.error(`native: ${text}`);
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
