/**
 * A compose file read as `docker compose` would, for running its services as plain processes: the
 * hosts' names become loopback with a free port, paths in a container become folders of this machine.
 */

import assert from "node:assert/strict";
import { basename, dirname, join } from "node:path";
import { parse, stringify } from "yaml";
import { freePort } from "../storage/postgres_server.ts";

/** The keys of a service that these tests go by; any other key may stand there too. */
export interface ComposeService {
  readonly image: string;
  readonly user?: string;
  readonly restart?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly mem_limit?: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

/** Reads the file as it stands, without any variable replaced. */
export async function readCompose(path: string): Promise<ComposeFile> {
  // `!override` is compose's own; its value stands for itself.
  return parse(await Deno.readTextFile(path), { logLevel: "silent" });
}

/** Services of one compose file on this machine. */
export class LocalServices {
  readonly #file: ComposeFile;
  /** Where the compose file lies. */
  readonly #site: string;
  readonly #folder: string;
  readonly #variables: Readonly<Record<string, string>>;
  /** Container port by service, then the port that stands for it here. */
  readonly #ports = new Map<string, number>();

  constructor(
    file: ComposeFile,
    { site, folder, variables }: {
      readonly site: string;
      /** Holds what the containers' volumes would hold, and the secrets. */
      readonly folder: string;
      /** What stands in `.env`. */
      readonly variables: Readonly<Record<string, string>>;
    },
  ) {
    this.#file = file;
    this.#site = site;
    this.#folder = folder;
    this.#variables = variables;
  }

  service(name: string): ComposeService {
    const service = this.#file.services[name];
    assert.ok(service, `the compose file has no service ${name}`);
    return service;
  }

  /** The port of this machine for one of a service. */
  port(service: string, port: number): number {
    const key = `${service}:${port}`;
    const local = this.#ports.get(key) ?? freePort();
    this.#ports.set(key, local);
    return local;
  }

  /** The service's environment, its variables replaced and its paths and hosts those of this machine. */
  environment(name: string): Record<string, string> {
    const { environment = {} } = this.service(name);
    return Object.fromEntries(
      Object.entries(environment).map(([key, value]) => [key, this.local(name, String(value))]),
    );
  }

  /** Where a path in the service's container lies on this machine; undefined: it is no mount. */
  place(name: string, path: string): string | undefined {
    const { secrets = [], volumes = [] } = this.service(name);
    const mounts = [
      ...secrets.map((secret) => ({
        inside: `/run/secrets/${secret}`,
        here: join(this.#folder, this.#file.secrets[secret]?.file ?? "missing"),
      })),
      ...volumes.map((volume) => {
        const [from = "", inside = ""] = volume.split(":");
        const here = from.startsWith(".")
          ? join(this.#folder, "mounted", name, basename(inside))
          : join(this.#folder, "volumes", from);
        return { inside, here };
      }),
    ];
    const mount = mounts.find(({ inside }) => path === inside || path.startsWith(`${inside}/`));
    return mount && mount.here + path.slice(mount.inside.length);
  }

  /** A text of the service's configuration, as it must be on this machine. */
  local(name: string, text: string): string {
    const replaced = text
      .replaceAll(/\$\{(\w+)(?::\?[^}]*)?\}/g, (_, key: string) => {
        const value = this.#variables[key];
        assert.ok(value, `${key} is not in .env`);
        return value;
      })
      .replaceAll("$$", "$");
    const hosts = Object.keys(this.#file.services).join("|");
    return replaced
      .replaceAll(/(?<![\w/])\/[\w./-]+/g, (path) => this.place(name, path) ?? path)
      .replaceAll(
        new RegExp(`(?<![\\w.])(${hosts}|127\\.0\\.0\\.1|):(\\d{4,5})\\b`, "g"),
        (_, host: string, port: string) => {
          const service = host in this.#file.services ? host : name;
          return `127.0.0.1:${this.port(service, Number(port))}`;
        },
      );
  }

  /** Writes what the service has mounted from the site's folder; configurations are made local. */
  async mount(name: string): Promise<void> {
    for (const volume of this.service(name).volumes ?? []) {
      const [from = "", inside = ""] = volume.split(":");
      const here = this.place(name, inside) ?? "";
      if (!from.startsWith(".")) {
        await Deno.mkdir(here, { recursive: true });
        continue;
      }
      const text = await Deno.readTextFile(join(this.#site, from));
      await Deno.mkdir(dirname(here), { recursive: true });
      const isAlerts = from.endsWith("alerts.yaml");
      const isLocal = !from.endsWith(".yaml") || isAlerts;
      await Deno.writeTextFile(
        here,
        isLocal ? text : stringify(this.#localValue(name, parse(text))),
      );
    }
  }

  /** Every text in a configuration made local; a host with a port beside it, and its own address too. */
  #localValue(name: string, value: unknown): unknown {
    if (typeof value === "string") {
      // ${VAR} is for the reader of the configuration itself.
      return value.includes("${") ? value : this.local(name, value);
    }
    if (Array.isArray(value)) return value.map((item) => this.#localValue(name, item));
    if (typeof value !== "object" || value === null) return value;
    const section = Object.fromEntries(
      Object.entries(value).map(([key, part]) => [key, this.#localValue(name, part)]),
    );
    const { host, port } = section;
    if (typeof host !== "string" || typeof port !== "number") return section;
    const service = host === "0.0.0.0" ? name : host;
    return { ...section, host: "127.0.0.1", port: this.port(service, port) };
  }
}
