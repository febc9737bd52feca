import assert from "node:assert/strict";
import { join } from "node:path";
import { AuditLog } from "../../src/storage/audit_log.ts";
import { auditTail } from "../../src/storage/audit_tail.ts";

Deno.test("auditTail gives the newest lines first, page by page, past lines that are none", async () => {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "audit.jsonl");
  const { log } = AuditLog.open(path, { now: () => new Date(0) });
  try {
    for (let i = 1; i <= 7; i++) {
      log.add({
        who: "a",
        role: "engineer",
        address: "",
        what: `act ${i}`,
        before: null,
        after: i,
      });
    }
    await Deno.writeTextFile(path, "not a line\n", { append: true });
    const page = auditTail(path, { limit: 3 });
    assert.deepEqual(page.map(({ number, what, after }) => [number, what, after]), [
      ...[[7, "act 7", 7], [6, "act 6", 6], [5, "act 5", 5]],
    ]);
    assert.deepEqual(auditTail(path, { limit: 3, before: 3 }).map(({ number }) => number), [2, 1]);
  } finally {
    log.close();
    await Deno.remove(folder, { recursive: true });
  }
});
