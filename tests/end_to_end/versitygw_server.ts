/** The S3 server of the compose file, where its binary is on this machine (github.com/versity/versitygw). */

import { join } from "node:path";

/** From SETPOINT_VERSITYGW, the path, or where `go install` was told to put it; undefined: none here. */
export function versitygwBinary(): string | undefined {
  const home = Deno.env.get("HOME") ?? "";
  const candidates = [
    Deno.env.get("SETPOINT_VERSITYGW"),
    ...(Deno.env.get("PATH") ?? "").split(":").map((folder) => join(folder, "versitygw")),
    join(home, ".cache/setpoint/versitygw/versitygw"),
    join(home, "go/bin/versitygw"),
  ];
  return candidates.find((path) => {
    try {
      return path !== undefined && Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}
