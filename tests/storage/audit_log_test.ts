import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { auditCommand } from "../../src/audit_command.ts";
import { AuditLog, verifyAudit } from "../../src/storage/audit_log.ts";

const now = () => new Date("2026-03-01T12:00:00Z");
const entry = { who: "scada", role: "engineer", address: "10.0.0.7", before: "7", after: "8" };

function withLog(work: (path: string, log: AuditLog) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "audit-"));
  const path = join(folder, "audit.jsonl");
  const { log } = AuditLog.open(path, { now });
  try {
    for (const what of ["one", "two", "three"]) log.add({ ...entry, what });
    work(path, log);
  } finally {
    log.close();
    rmSync(folder, { recursive: true });
  }
}

Deno.test("AuditLog keeps a chain that verifies, and goes on with it after a restart", () => {
  withLog((path, log) => {
    const again = AuditLog.open(path, { now });
    assert.deepEqual(again.verdict, { lines: 3, head: log.head, faults: [] });
    again.log.add({ ...entry, what: "four" });
    again.log.close();
    const verdict = verifyAudit(readFileSync(path, "utf8"));
    assert.deepEqual([verdict.lines, verdict.faults], [4, []]);
  });
});

Deno.test("verifyAudit finds every changed, missing, added and moved line", () => {
  withLog((path) => {
    const text = readFileSync(path, "utf8");
    const lines = text.trimEnd().split("\n");
    const [a, b, c] = lines as [string, string, string];
    const damages: [string, RegExp][] = [
      [text.replace('"scada"', '"other"'), /Line 1 was changed/],
      [
        text.replaceAll('"12:00', '"13:00').replace("2026-03-01T12", "2026-03-02T12"),
        /was changed/,
      ],
      [[a, c, ""].join("\n"), /Line 2 (has the number 3|does not follow)/],
      [[b, c, ""].join("\n"), /Line 1/],
      [[a, c, b, ""].join("\n"), /Line 2/],
      [[a, a, b, c, ""].join("\n"), /Line 2/],
      [[a, "nonsense", b, c, ""].join("\n"), /not an audit line/],
    ];
    for (const [damaged, fault] of damages) {
      assert.match(verifyAudit(damaged).faults.join("\n"), fault);
      const { code } = auditCommand(["--verify"], { read: () => damaged });
      assert.equal(code, 1);
    }
    assert.equal(auditCommand(["--verify"], { read: () => text }).code, 0);
  });
});

Deno.test("verifyAudit finds each flipped byte of a file", () => {
  withLog((path) => {
    const bytes = readFileSync(path);
    for (let i = 0; i < bytes.length - 1; i += 7) {
      const flipped = new Uint8Array(bytes);
      flipped[i]! ^= 0x01;
      const { faults } = verifyAudit(new TextDecoder().decode(flipped));
      assert.ok(faults.length > 0, `byte ${i}`);
    }
  });
});

Deno.test("AuditLog.open drops a line that a power cut left without its end", () => {
  withLog((path) => {
    const whole = readFileSync(path, "utf8");
    appendFileSync(path, '{"number":4,"time":"2026');
    const { log, verdict } = AuditLog.open(path, { now });
    log.close();
    assert.deepEqual(verdict.faults, []);
    assert.equal(readFileSync(path, "utf8"), whole);
  });
});

Deno.test("auditCommand shows the lines, and help", () => {
  withLog((path) => {
    const read = () => readFileSync(path, "utf8");
    assert.match(auditCommand([], { read }).text, /"what":"two"/);
    assert.match(auditCommand(["--help"], { read }).text, /--verify/);
    writeFileSync(path, "");
    assert.equal(auditCommand([], { read }).text, "Nothing has changed\n");
  });
});
