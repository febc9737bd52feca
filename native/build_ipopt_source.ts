/**
 * The source of IPOPT 3.14 as a verified archive: named by the site, from Debian's source package
 * through apt, or from the crate that redistributes it through cargo. No server is named here: each
 * client asks the mirror that the machine is set up with.
 */

import { BuildError, isFile, run, say, sha256 } from "./build_commands.ts";

/** A `.tar.gz` that holds the source somewhere inside, checked. */
export interface SourceArchive {
  readonly path: string;
  readonly sha256: string;
  /** Where it came from, for people. */
  readonly from: string;
}

/** What the environment says about it. */
export interface SourceWish {
  /** A path or an http(s) address of an archive; undefined: wherever it can be had. */
  readonly archive: string | undefined;
  readonly sha256: string | undefined;
  /** Cargo's folder. */
  readonly cargoHome: string;
}

/** Archives whose contents are known, by SHA-256. */
const KNOWN: Readonly<Record<string, string>> = {
  "33b397a9b07e0e14c223214da68b47529f687d87743e627ac05ca118c690e133":
    "coinor-ipopt_3.14.17.orig.tar.gz of Debian 13",
  "43bddd6fa793b1694aa94d6129fe3e4a8d452d97a84ef5f2ff721c8047c75605":
    "coinor-ipopt_3.14.20.orig.tar.gz of Debian 14",
  "ff4a33d4a8b113005a04cefac6fa133a0c74a45bc29a19517d8b2bb2592eae1d":
    "ipopt-src-0.2.3+3.14.16.crate",
};

const CRATE = {
  name: "ipopt-src",
  version: "0.2.3",
  file: "ipopt-src-0.2.3+3.14.16.crate",
} as const;

/** Where distributions keep a source package of 3.14, signed by whom. */
const ARCHIVES = [
  {
    origin: "Debian",
    suite: "trixie",
    component: "main",
    keyring: "/usr/share/keyrings/debian-archive-keyring.gpg",
  },
] as const;

/** How long a client may wait for its server before the next one is tried. */
const APT_PATIENCE = ["Acquire::http::Timeout=20", "Acquire::Retries=1"];

/**
 * Puts the archive into `folder`; undefined, with the reasons said, where it cannot be had.
 * @throws {BuildError} where the archive that the site names is missing or another one.
 */
export async function sourceArchive(
  wish: SourceWish,
  folder: string,
): Promise<SourceArchive | undefined> {
  if (wish.archive !== undefined) return await named(wish.archive, { wish, folder });
  for (const source of [debianSource, crateSource]) {
    const found = await source({ wish, folder });
    if (typeof found !== "string") return found;
    say(`IPOPT 3.14: ${found}`);
  }
  return undefined;
}

interface Place {
  readonly wish: SourceWish;
  readonly folder: string;
}

async function named(archive: string, { wish, folder }: Place): Promise<SourceArchive> {
  let path = archive;
  if (/^https?:/.test(archive)) {
    path = `${folder}/named.tar.gz`;
    const answer = await fetch(archive, { signal: AbortSignal.timeout(120_000) });
    if (!answer.ok) throw new BuildError(`${archive} answered ${answer.status}`);
    await Deno.writeFile(path, await answer.bytes());
  }
  if (!isFile(path)) throw new BuildError(`There is no archive ${path}: correct SETPOINT_IPOPT`);
  const digest = await sha256(await Deno.readFile(path));
  const wanted = wish.sha256 ?? (digest in KNOWN ? digest : undefined);
  if (wanted !== digest) {
    throw new BuildError(
      wanted === undefined
        ? `${archive} has the unknown SHA-256 ${digest}: set SETPOINT_IPOPT_SHA256 to it to trust it`
        : `${archive} has the SHA-256 ${digest}, SETPOINT_IPOPT_SHA256 says ${wanted}`,
    );
  }
  return { path, sha256: digest, from: archive };
}

/** apt checks the archive against the index, and the index against the distribution's keys. */
async function debianSource({ folder }: Place): Promise<SourceArchive | string> {
  const targets = await run("apt-get", [
    "indextargets",
    "--format",
    "$(ORIGIN)|$(LABEL)|$(REPO_URI)",
  ]);
  for (const { origin, suite, component, keyring } of ARCHIVES) {
    // The label tells the archive from its security updates, which have no mirror of their own.
    const mirror = targets.output.split("\n").map((line) => line.split("|"))
      .find(([by, label]) => by === origin && label === origin)?.[2];
    if (!targets.success || mirror === undefined || !isFile(keyring)) continue;
    const apt = `${folder}/apt`;
    for (const part of ["lists/partial", "cache/archives/partial"]) {
      await Deno.mkdir(`${apt}/${part}`, { recursive: true });
    }
    await Deno.writeTextFile(
      `${apt}/sources.list`,
      `deb-src [signed-by=${keyring}] ${mirror} ${suite} ${component}\n`,
    );
    const settings = [
      ...APT_PATIENCE,
      `Dir::Etc::sourcelist=${apt}/sources.list`,
      "Dir::Etc::sourceparts=-",
      `Dir::State::lists=${apt}/lists`,
      `Dir::Cache=${apt}/cache`,
      // Whoever runs this owns these folders; apt's own user may not.
      "APT::Sandbox::User=root",
    ];
    const options = ["--quiet=2", ...settings.flatMap((setting) => ["-o", setting])];
    const updated = await run("apt-get", [...options, "update"]);
    const fetched = await run(
      "apt-get",
      [...options, "--download-only", "--tar-only", "source", "coinor-ipopt"],
      { cwd: folder },
    );
    const file = [...Deno.readDirSync(folder)].map(({ name }) => name)
      .find((name) => /^coinor-ipopt_3\.1[4-9].*\.orig\.tar\.gz$/.test(name));
    if (fetched.success && file !== undefined) {
      const path = `${folder}/${file}`;
      return { path, sha256: await sha256(await Deno.readFile(path)), from: `${origin} ${suite}` };
    }
    return `the source package of ${origin} ${suite} cannot be had: ${
      lastLine(fetched.output) || lastLine(updated.output)
    }`;
  }
  return "this machine has no mirror of an archive that has its source package";
}

/** cargo checks the crate against its index; it is pinned here as well. */
async function crateSource({ wish, folder }: Place): Promise<SourceArchive | string> {
  const find = async (): Promise<SourceArchive | undefined> => {
    const caches = `${wish.cargoHome}/registry/cache`;
    const registries = isFolder(caches) ? [...Deno.readDirSync(caches)] : [];
    for (const { name } of registries) {
      const path = `${caches}/${name}/${CRATE.file}`;
      if (!isFile(path)) continue;
      const digest = await sha256(await Deno.readFile(path));
      if (digest in KNOWN) return { path, sha256: digest, from: `the crate ${CRATE.name}` };
    }
    return undefined;
  };
  const present = await find();
  if (present !== undefined) return present;
  const project = `${folder}/crate`;
  await Deno.mkdir(project, { recursive: true });
  await Deno.writeTextFile(`${project}/lib.rs`, "");
  await Deno.writeTextFile(
    `${project}/Cargo.toml`,
    `[package]
name = "fetch"
version = "0.0.0"
[lib]
path = "lib.rs"
[dependencies]
${CRATE.name} = { version = "=${CRATE.version}", default-features = false }
`,
  );
  const fetched = await run("cargo", ["fetch", "--quiet"], { cwd: project });
  return await find() ??
    `the crate ${CRATE.name} cannot be had: ${
      fetched.success ? "cargo keeps it elsewhere" : lastLine(fetched.output)
    }`;
}

function lastLine(output: string): string {
  return output.trim().split("\n").at(-1) ?? "";
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
