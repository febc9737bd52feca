import assert from "node:assert/strict";
import { certificateCheck } from "../../src/http/box_checks.ts";
import { PrivateAuthority } from "../storage/private_authority.ts";

Deno.test("certificateCheck warns thirty days before a certificate expires, and after", () => {
  const authority = PrivateAuthority.make();
  try {
    const { certFile } = authority.issue(["DNS:box"], { days: 100 });
    const inDays = (days: number) => new Date(Date.now() + days * 86_400_000);
    const fresh = certificateCheck(certFile, inDays(0));
    assert.equal(fresh.status, "pass");
    assert.ok(Math.abs(Number(fresh.observedValue) - 99.5) < 1, String(fresh.observedValue));
    assert.equal(certificateCheck(certFile, inDays(69)).status, "pass");
    const soon = certificateCheck(certFile, inDays(71));
    assert.equal(soon.status, "warn");
    assert.match(soon.output ?? "", /expires at \d{4}-.*renew it/);
    assert.match(certificateCheck(certFile, inDays(101)).output ?? "", /has expired at/);
    assert.match(certificateCheck(`${certFile}.none`, inDays(0)).output ?? "", /cannot be read/);
  } finally {
    authority.remove();
  }
});
