/**
 * Dockerfile.edge built by buildah, without an engine and without a registry of images: the two base
 * images are made here, from debootstrap and from the Deno that runs this, under the names that the
 * file uses. Needs root, buildah and debootstrap (Debian's packages).
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const IMAGE = "localhost/setpoint:edge";

/** What the slim image of Debian leaves out. */
const NOT_SLIM = ["doc", "man", "locale", "info"];

/** The parts of the image's configuration that say how it is run. */
export interface ImageConfig {
  readonly user: string;
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  readonly workingDir: string;
  readonly volumes: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly healthcheck: readonly string[];
}

export interface BuiltImage {
  readonly config: ImageConfig;
  /** Of all layers, as an engine counts them. */
  readonly bytes: number;
  /** Where its files can be seen. */
  readonly root: string;
}

/** Images and containers in a folder of their own, that can be removed as a whole. */
export class ImageBuild {
  readonly #folder: string;
  readonly #say: (line: string) => void;

  constructor(folder: string, { say }: { readonly say: (line: string) => void }) {
    this.#folder = folder;
    this.#say = say;
  }

  /** Makes what is not there yet: base images stay from one run to the next in the same folder. */
  async build(): Promise<BuiltImage> {
    const dockerfile = await Deno.readTextFile(join(ROOT, "Dockerfile.edge"));
    for (const name of await this.#baseImages(dockerfile)) this.#say(`base image ${name}`);
    const began = performance.now();
    await this.#buildah([
      ...["bud", "--layers", "--pull-never", "--isolation", "chroot", "--format", "docker"],
      ...["--build-arg", `REVISION=${await output("git", ["-C", ROOT, "rev-parse", "HEAD"])}`],
      ...["-f", "Dockerfile.edge", "-t", IMAGE, "."],
    ]);
    this.#say(`built in ${((performance.now() - began) / 1000).toFixed(0)} s`);
    const container = await this.#buildah(["from", "--pull-never", IMAGE]);
    return {
      config: await this.#config(),
      bytes: await this.#bytes(),
      root: await this.#buildah(["mount", container]),
    };
  }

  /** Lets go of what is mounted; the folder can be removed then. */
  async close(): Promise<void> {
    await this.#buildah(["rm", "--all"]);
  }

  async #baseImages(dockerfile: string): Promise<readonly string[]> {
    const version = /^ARG DENO_VERSION=(\S+)$/m.exec(dockerfile)?.[1] ?? "";
    assert.equal(Deno.version.deno, version, "the image's Deno is made of the one that runs this");
    const names = [...dockerfile.matchAll(/^FROM (docker\.io\S+)/gm)]
      .map(([, name = ""]) => name.replace("${DENO_VERSION}", version));
    const known = await this.#buildah(["images", "--format", "{{.Name}}:{{.Tag}}"]);
    for (const name of names) {
      if (known.split("\n").includes(name)) continue;
      if (name.includes("debian:")) await this.#debian(name);
      else await this.#fromScratch(name, { [Deno.execPath()]: "/deno" });
    }
    return names;
  }

  /** The stand-in for Debian's own slim image. */
  async #debian(name: string): Promise<void> {
    const [, suite = ""] = /debian:(\w+)-slim$/.exec(name) ?? [];
    const root = join(this.#folder, suite);
    await Deno.remove(root, { recursive: true }).catch(() => undefined);
    await output("debootstrap", ["--variant=minbase", suite, root]);
    const drop = [
      ...NOT_SLIM.map((part) => `usr/share/${part}`),
      ...["var/cache/apt", "var/lib/apt/lists", "var/log"],
    ];
    for (const part of drop) {
      for await (const { name } of Deno.readDir(join(root, part))) {
        await Deno.remove(join(root, part, name), { recursive: true });
      }
    }
    await Deno.writeTextFile(
      join(root, "etc/dpkg/dpkg.cfg.d/slim"),
      NOT_SLIM.map((part) => `path-exclude /usr/share/${part}/*\n`).join(""),
    );
    // Behind a gateway that opens TLS, the build has to trust what this machine trusts.
    const trusted = Deno.env.get("SSL_CERT_FILE");
    const inside = "/etc/ssl/certs/ca-certificates.crt";
    if (trusted !== undefined) {
      await Deno.mkdir(join(root, "etc/ssl/certs"), { recursive: true });
      await Deno.copyFile(trusted, root + inside);
    }
    const env = trusted === undefined ? [] : ["--env", `DENO_CERT=${inside}`];
    await this.#fromScratch(name, { [root]: "/" }, env);
  }

  async #fromScratch(
    name: string,
    files: Readonly<Record<string, string>>,
    config: readonly string[] = [],
  ): Promise<void> {
    const container = await this.#buildah(["from", "scratch"]);
    for (const [from, to] of Object.entries(files)) {
      await this.#buildah(["copy", container, from, to]);
    }
    if (config.length > 0) await this.#buildah(["config", ...config, container]);
    await this.#buildah(["commit", "--rm", container, name]);
  }

  async #config(): Promise<ImageConfig> {
    const { Docker: { config } } = JSON.parse(
      await this.#buildah(["inspect", "--type", "image", IMAGE]),
    );
    return {
      user: config.User,
      env: config.Env,
      entrypoint: config.Entrypoint,
      workingDir: config.WorkingDir,
      volumes: Object.keys(config.Volumes),
      labels: config.Labels,
      healthcheck: config.Healthcheck.Test,
    };
  }

  /** What the layers hold, unpacked. */
  async #bytes(): Promise<number> {
    const size = await this.#buildah(["images", "--format", "{{.Size}}", IMAGE]);
    const [, amount = "", unit = ""] = /^([\d.]+) (\wB)$/.exec(size) ?? [];
    const scale: Readonly<Record<string, number>> = { kB: 1e3, MB: 1e6, GB: 1e9 };
    return Number(amount) * (scale[unit] ?? NaN);
  }

  #buildah(args: readonly string[]): Promise<string> {
    return output("buildah", [
      ...["--root", join(this.#folder, "images"), "--runroot", join(this.#folder, "run")],
      ...args,
    ]);
  }
}

/** A command's standard output; throws with the end of all that it said where it fails. */
async function output(command: string, args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    cwd: ROOT,
    stdin: "null",
  }).output();
  const said = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assert.ok(success, `${command} ${args.join(" ")}\n${(said(stdout) + said(stderr)).slice(-3000)}`);
  return said(stdout).trim();
}
