/** The way to PostgreSQL through TLS: what each setting of database.ssl takes and refuses. */

import assert from "node:assert/strict";
import type { PostgresDatabaseConfig } from "../../src/config_database.ts";
import { DatabaseError } from "../../src/storage/database.ts";
import { PostgresDatabase } from "../../src/storage/postgres_database.ts";
import { postgresBinaries, postgresConfig, PostgresServer } from "./postgres_server.ts";
import { PrivateAuthority } from "./private_authority.ts";

const binaries = postgresBinaries();
if (binaries === undefined) console.error("IGNORED: no PostgreSQL here: TLS to the database");

const ENCRYPTED = "select ssl, version from pg_stat_ssl where pid = pg_backend_pid()";

Deno.test({
  name: "PostgresDatabase goes through TLS as database.ssl says, and tells why where it does not",
  ignore: binaries === undefined,
  async fn(t) {
    const authority = PrivateAuthority.make();
    const other = PrivateAuthority.make("another authority");
    const { caFile } = authority;
    const tls = authority.issue(["DNS:localhost"]);
    const servers = {
      secure: await PostgresServer.start(binaries ?? "", { tls }),
      addressed: await PostgresServer.start(binaries ?? "", {
        tls: authority.issue(["IP:127.0.0.1"]),
      }),
      expired: await PostgresServer.start(binaries ?? "", {
        tls: authority.issue(["DNS:localhost"], { days: -1 }),
      }),
      plain: await PostgresServer.start(binaries ?? ""),
    };
    type Case = readonly [
      string,
      keyof typeof servers,
      Partial<PostgresDatabaseConfig>,
      boolean | RegExp,
    ];
    const cases: readonly Case[] = [
      ["verify-full with the authority", "secure", { ssl: "verify-full", caFile }, true],
      [
        "verify-full without the authority",
        "secure",
        { ssl: "verify-full" },
        /certificate.*database\.ca_file/i,
      ],
      [
        "verify-full with another authority",
        "secure",
        { ssl: "verify-full", caFile: other.caFile },
        /certificate.*database\.ca_file/i,
      ],
      [
        "verify-full under another name",
        "secure",
        { ssl: "verify-full", caFile, host: "127.0.0.1" },
        /certificate.*database\.host/i,
      ],
      ["verify-full under an address that it names", "addressed", {
        ssl: "verify-full",
        caFile,
        host: "127.0.0.1",
      }, true],
      [
        "verify-full under a name where it has an address",
        "addressed",
        { ssl: "verify-full", caFile },
        /certificate.*database\.host/i,
      ],
      [
        "verify-full with an expired certificate",
        "expired",
        { ssl: "verify-full", caFile },
        /expired.*certificate/i,
      ],
      [
        "verify-full with the authority's file missing",
        "secure",
        { ssl: "verify-full", caFile: `${caFile}.none` },
        /authority.*database\.ca_file/,
      ],
      ["require without an authority", "secure", { ssl: "require" }, true],
      ["require under another name", "secure", { ssl: "require", host: "127.0.0.1" }, true],
      ["disable", "secure", { ssl: "disable" }, false],
      [
        "require where the server has no TLS",
        "plain",
        { ssl: "require" },
        /does not speak TLS.*database\.ssl/,
      ],
      [
        "verify-full where the server has no TLS",
        "plain",
        { ssl: "verify-full", caFile },
        /does not speak TLS.*database\.ssl/,
      ],
      ["disable where the server has no TLS", "plain", { ssl: "disable" }, false],
    ];
    try {
      for (const [name, server, changes, expected] of cases) {
        await t.step(name, async () => {
          const config = postgresConfig(servers[server].port, { host: "localhost", ...changes });
          const database = new PostgresDatabase(config);
          try {
            const [row] = await database.query(ENCRYPTED);
            assert.equal(row?.ssl, expected);
            if (expected === true) assert.match(String(row?.version), /^TLSv1\.[23]$/);
          } catch (error) {
            assert.ok(error instanceof DatabaseError, String(error));
            assert.ok(expected instanceof RegExp, error.message);
            assert.match(`${error.message}. ${error.hint}`, expected);
            assert.ok(error.isPassing, "a renewed certificate makes it work again");
          } finally {
            await database.close();
          }
        });
      }
    } finally {
      for (const server of Object.values(servers)) await server.remove();
      authority.remove();
      other.remove();
    }
  },
});
