import assert from "node:assert/strict";
import { logOf, startLog } from "../src/log.ts";

function linesOf(work: () => void, level: "debug" | "info" = "info"): Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = [];
  startLog({ level, write: (line) => lines.push(JSON.parse(line)) });
  work();
  return lines;
}

Deno.test("logOf writes one JSON line with time, level, area, message and properties", () => {
  const [line, ...rest] = linesOf(() => {
    const log = logOf("cycle").with({ cycle_id: "c1" });
    log.info("Cycle ended as {status}", { status: "optimised", ms: 12.5 });
    log.debug("not at this level");
  });
  assert.equal(rest.length, 0);
  assert.equal(new Date(String(line?.time)).toISOString(), line?.time);
  assert.deepEqual({ ...line, time: 0 }, {
    time: 0,
    level: "info",
    area: "cycle",
    message: "Cycle ended as optimised",
    cycle_id: "c1",
    status: "optimised",
    ms: 12.5,
  });
});

Deno.test("logOf keeps secrets out of properties, nested ones and addresses", () => {
  const secret = "s3cr3t";
  const lines = linesOf(() => {
    logOf("storage").warn("Cannot reach {url}", {
      url: `postgres://box:${secret}@db:5432/x`,
      password: secret,
      database: { host: "db", Password: secret, options: [{ api_token: secret }] },
      signed: `http://s/b?X-Amz-Signature=${secret}&X-Amz-Expires=5`,
      authorization: `Bearer ${secret}`,
    });
  });
  assert.equal(lines.length, 1);
  assert.ok(!JSON.stringify(lines).includes(secret), JSON.stringify(lines));
  assert.deepEqual((lines[0]?.database as { host: string }).host, "db");
});

Deno.test("logOf shows an error with its cause, and survives what JSON cannot hold", () => {
  const loop: Record<string, unknown> = { n: 1n, bad: NaN, bytes: new Uint8Array(9) };
  loop.self = loop;
  const [line] = linesOf(() => {
    logOf("http").error("Broke", {
      error: new TypeError("outer", { cause: new Error("inner") }),
      loop,
      message: "own",
    });
  });
  const error = line?.error as { name: string; message: string; cause: { message: string } };
  assert.deepEqual([error.name, error.message, error.cause.message], [
    "TypeError",
    "outer",
    "inner",
  ]);
  assert.equal(line?.message, "Broke");
  assert.equal(line?.message_, "own");
  const shown = line?.loop as Record<string, unknown>;
  assert.deepEqual([shown.n, shown.bad, shown.bytes], ["1", "NaN", "[9 bytes]"]);
});

Deno.test("startLog writes what waits when the process ends, however it ends by itself", async () => {
  const log = new URL("../src/log.ts", import.meta.url).href;
  const ends: Readonly<Record<string, string>> = {
    "an exit": "Deno.exit(3)",
    "an uncaught error": 'throw new Error("uncaught")',
    "an unhandled rejection": 'void Promise.reject(new Error("unhandled"))',
    "its own end": "",
    "a hang after a warning": 'logOf("a").warn("three"); while (true);',
  };
  const config = new URL("../deno.json", import.meta.url).pathname;
  for (const [name, end] of Object.entries(ends)) {
    const code = `import { logOf, startLog } from ${JSON.stringify(log)};
      startLog({ level: "info" });
      logOf("a").info("one");
      logOf("a").info("two");
      ${end}`;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", `--config=${config}`, "--ext=ts", "-"],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const input = child.stdin.getWriter();
    await input.write(new TextEncoder().encode(code));
    await input.close();
    let text = "";
    for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
      text += part;
      if (text.includes("three")) child.kill("SIGKILL");
    }
    await child.status;
    const messages = text.trim().split("\n").map((line) => JSON.parse(line).message);
    assert.deepEqual(messages.slice(0, 2), ["one", "two"], name);
  }
});
