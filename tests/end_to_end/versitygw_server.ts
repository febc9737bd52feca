/** The S3 server of the compose file, where its binary is on this machine (github.com/versity/versitygw). */

import { programPath } from "../programs.ts";

/** From SETPOINT_VERSITYGW, the path, or where `go install` was told to put it; undefined: none here. */
export function versitygwBinary(): string | undefined {
  return programPath("versitygw", {
    named: "SETPOINT_VERSITYGW",
    places: [".cache/setpoint/versitygw/versitygw", "go/bin/versitygw"],
  });
}
