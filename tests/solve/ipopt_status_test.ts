import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { IPOPT_STATUS } from "../../src/solve/ipopt_status.ts";

const HEADERS = [
  "/usr/include/coin/IpReturnCodes_inc.h",
  "/usr/include/coin-or/IpReturnCodes_inc.h",
].filter((path) => existsSync(path));
if (HEADERS.length === 0) console.error("IPOPT's headers are not here: its statuses go unchecked");

Deno.test({
  name: "IPOPT_STATUS has every status of the installed IPOPT under its number",
  ignore: HEADERS.length === 0,
  fn() {
    for (const path of HEADERS) {
      const text = readFileSync(path, "utf8");
      const body = /enum ApplicationReturnStatus\s*\{([^}]*)\}/.exec(text)?.[1] ?? "";
      const rows = [...body.matchAll(/^\s*(\w+)\s*=\s*(-?\d+)/gm)];
      assert(rows.length > 15, path);
      for (const [, name, number] of rows) {
        assert.equal(IPOPT_STATUS.get(Number(number))?.name, name);
      }
    }
  },
});
