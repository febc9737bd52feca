/** What the build needs from the system; what is missing is installed where that can be done. */

import { BuildError, isFile, readIfThere, run, say, seconds, succeeds } from "./build_commands.ts";

const COMPILERS = ["g++", "clang++"] as const;

/** One thing that the build needs: how it is found and the Debian package that brings it. */
export interface Need {
  readonly name: string;
  readonly found: () => Promise<boolean>;
  readonly debian: string;
}

/** Needed whatever IPOPT is used. */
export const TOOLS: readonly Need[] = [
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
];

/** The system's IPOPT, whatever its version. */
export const SYSTEM_IPOPT: Need = {
  name: "IPOPT",
  found: () => succeeds("pkg-config", ["--exists", "ipopt"]),
  debian: "coinor-libipopt-dev",
};

/** The sequential build: the one with MPI starts MPI at its first load. */
export const SEQUENTIAL_MUMPS: Need = {
  name: "MUMPS without MPI",
  found: async () => await libraryPath("libdmumps_seq.so") !== undefined,
  debian: "libmumps-seq-dev",
};

const APT = ["--yes", "--quiet=2", "-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3"];

/** The first compiler that there is. */
export async function compiler(): Promise<string | undefined> {
  for (const name of COMPILERS) {
    if (await succeeds(name, ["--version"])) return name;
  }
  return undefined;
}

/** Where the compiler finds a library; undefined: nowhere. */
export async function libraryPath(file: string): Promise<string | undefined> {
  const cxx = await compiler();
  if (cxx === undefined) return undefined;
  const { output } = await run(cxx, [`-print-file-name=${file}`]);
  const path = output.trim();
  return path.startsWith("/") && isFile(path) ? path : undefined;
}

/** Sees to it that all of these are there. @throws {BuildError} with the command to run. */
export async function provide(needs: readonly Need[]): Promise<void> {
  const missing = await missingOf(needs);
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
  await updatePackageLists();
  const installed = await run(
    "apt-get",
    [...APT, "install", "--no-install-recommends", ...packages.split(" ")],
    { env: { DEBIAN_FRONTEND: "noninteractive" } },
  );
  if (!installed.success) {
    throw new BuildError(
      `Cannot install ${packages}. Run: apt-get update && apt-get install --yes ${packages}\n` +
        installed.output,
    );
  }
  say(`installed in ${seconds(start)}`);
  const still = await missingOf(needs);
  if (still.length > 0) {
    throw new BuildError(`Still missing: ${still.map((need) => need.name).join(", ")}`);
  }
}

/** The version that apt-get would install of a package; undefined where it knows none. */
export async function candidate(name: string): Promise<string | undefined> {
  if (!isDebian()) return undefined;
  const ask = async () => {
    const { output } = await run("apt-cache", ["policy", name], { env: { LC_ALL: "C" } });
    const version = /^\s*Candidate: (\S+)/m.exec(output)?.[1];
    return version === "(none)" ? undefined : version;
  };
  const known = await ask();
  if (known !== undefined || Deno.uid() !== 0) return known;
  await updatePackageLists();
  return await ask();
}

async function updatePackageLists(): Promise<void> {
  const updated = await run("apt-get", [...APT, "update"], {
    env: { DEBIAN_FRONTEND: "noninteractive" },
  });
  // An old package list may still do; if it does not, the install says so.
  if (!updated.success) say(`apt-get update failed:\n${updated.output}`);
}

async function missingOf(needs: readonly Need[]): Promise<Need[]> {
  const found = await Promise.all(needs.map((need) => need.found()));
  return needs.filter((_, i) => !found[i]);
}

function isDebian(): boolean {
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readIfThere("/etc/os-release"));
}
