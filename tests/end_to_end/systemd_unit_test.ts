/** The kiln's unit for systemd: what systemd says of it, and a box that runs as it says. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeSmallSite } from "../faults/small_site.ts";
import { isInstalled } from "../programs.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const UNIT = join(ROOT, "strategies/cement-kiln/setpoint.service");
/** Of systemd's scale from 0 (shut in) to 10 (may do everything), in tenths. */
const MOST_EXPOSED = 20;

/** Every line of a key, in order. */
async function valuesOf(key: string): Promise<readonly string[]> {
  const text = await Deno.readTextFile(UNIT);
  return [...text.matchAll(new RegExp(`^${key}=(.*)$`, "gm"))].map(([, value = ""]) => value);
}

/** The program and its arguments, with the Deno of this machine. */
async function execStart(): Promise<readonly string[]> {
  const [line = ""] = await valuesOf("ExecStart");
  return line.replaceAll("/usr/local/bin/deno", Deno.execPath()).split(" ");
}

Deno.test("setpoint.service restarts after every end, watches the box and limits it", async () => {
  for (
    const [key, value] of [
      ["Type", "notify"],
      ["NotifyAccess", "main"],
      ["Restart", "always"],
      ["StartLimitIntervalSec", "0"],
      ["WatchdogSec", "30"],
      ["OOMPolicy", "continue"],
      ["NoNewPrivileges", "yes"],
      ["ProtectSystem", "strict"],
      ["CapabilityBoundingSet", ""],
      ["StateDirectory", "setpoint"],
    ] as const
  ) {
    assert.deepEqual(await valuesOf(key), [value], key);
  }
  assert.match((await valuesOf("MemoryMax"))[0] ?? "", /^\d+G$/);
  assert.equal((await valuesOf("LoadCredential")).length, 3);
});

const hasAnalyze = isInstalled("systemd-analyze");
if (!hasAnalyze) console.error("IGNORED: no systemd-analyze here: what systemd says of the unit");

Deno.test({
  name: "setpoint.service is right in systemd's own eyes, and hardly exposed",
  ignore: !hasAnalyze,
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const path = join(folder, "setpoint.service");
      const text = await Deno.readTextFile(UNIT);
      await Deno.writeTextFile(path, text.replaceAll("/usr/local/bin/deno", Deno.execPath()));
      for (
        const args of [
          ["verify", path],
          ["security", "--offline=true", `--threshold=${MOST_EXPOSED}`, "--no-pager", path],
        ]
      ) {
        const { success, stdout, stderr } = await new Deno.Command("systemd-analyze", { args })
          .output();
        const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
        assert.ok(success, said);
        if (args[0] === "verify") assert.equal(said, "");
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("setpoint.service's command tells systemd that the box is ready, lives and stops", async () => {
  const site = await writeSmallSite({ yaml: "" });
  const path = join(site.folder, "notify");
  const systemd = Deno.listenDatagram({ transport: "unixpacket", path });
  /** The next word that is none of `passing`. */
  const hear = async (...passing: string[]): Promise<string> => {
    const heard = new TextDecoder().decode((await systemd.receive())[0]);
    return passing.includes(heard) ? await hear(...passing) : heard;
  };
  const [program = "", ...args] = await execStart();
  const module = args.indexOf("src/main.ts");
  const box = new Deno.Command(program, {
    args: [
      ...args.slice(0, module),
      // What StateDirectory and the socket's place give on a real box.
      `--allow-write=${site.folder}`,
      ...args.slice(module),
    ],
    cwd: ROOT,
    env: { NOTIFY_SOCKET: path, WATCHDOG_USEC: "400000", SETPOINT_CONFIG: site.configPath },
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  const late = setTimeout(() => box.kill("SIGKILL"), 240_000);
  void box.status.then(() => {
    // Wakes the listener, whose wait for a box that is gone would have no end.
    if (!isClosed) void systemd.send(new TextEncoder().encode("ENDED"), systemd.addr);
  });
  let isClosed = false;
  try {
    // It lives before it is ready.
    assert.equal(await hear("WATCHDOG=1"), "READY=1");
    assert.equal(await hear(), "WATCHDOG=1");
    box.kill("SIGTERM");
    assert.equal(await hear("WATCHDOG=1"), "STOPPING=1");
    assert.equal((await box.status).code, 0);
  } finally {
    clearTimeout(late);
    isClosed = true;
    systemd.close();
    await ended(box);
    await Deno.remove(site.folder, { recursive: true });
  }
});

const hasStrace = hasAnalyze && isInstalled("strace");
if (!hasStrace) console.error("IGNORED: no strace here: the unit's filter of system calls");

Deno.test({
  name: "setpoint.service's filter lets through every system call of a box that solves",
  ignore: !hasStrace,
  async fn() {
    const site = await writeSmallSite({ yaml: "" });
    const traced = join(site.folder, "calls");
    const [program = "", ...args] = await execStart();
    const module = args.indexOf("src/main.ts");
    const box = new Deno.Command("strace", {
      args: [
        ...["--follow-forks", "--summary-only", "--output", traced, program],
        ...args.slice(0, module),
        `--allow-write=${site.folder}`,
        ...args.slice(module),
      ],
      cwd: ROOT,
      env: { SETPOINT_CONFIG: site.configPath },
      stdout: "piped",
      stderr: "null",
    }).spawn();
    // Who ends strace leaves what it traces running.
    const late = setTimeout(
      () => void tracedBy(box.pid).then((pid) => Deno.kill(pid, "SIGKILL")),
      480_000,
    );
    try {
      let said = "";
      let isAsked = false;
      for await (const text of box.stdout.pipeThrough(new TextDecoderStream())) {
        said += text;
        if (!isAsked && /Cycle [\w-]+ is/.test(said)) {
          isAsked = true;
          Deno.kill(await tracedBy(box.pid), "SIGTERM");
        }
      }
      await box.status;
      assert.match(said, /Cycle [\w-]+ is/);
      const used = (await Deno.readTextFile(traced)).split("\n")
        .flatMap((line) => /^\s*[\d.]+\s.*\s(\w+)$/.exec(line)?.[1] ?? [])
        .filter((name) => name !== "total" && name !== "syscall");
      assert.ok(used.length > 40, used.join(" "));
      const allowed = await allowedCalls();
      assert.deepEqual(used.filter((name) => !allowed.has(name)), []);
    } finally {
      clearTimeout(late);
      await ended(box);
      await Deno.remove(site.folder, { recursive: true });
    }
  },
});

/** What strace runs. */
async function tracedBy(pid: number): Promise<number> {
  return Number((await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`)).trim());
}

/** Ends it where it still runs. */
async function ended(box: Deno.ChildProcess): Promise<void> {
  try {
    box.kill("SIGKILL");
  } catch {
    // It has ended already.
  }
  await box.status;
}

/** The unit's filter applied in the order of its lines (systemd.exec(5), SystemCallFilter=). */
async function allowedCalls(): Promise<ReadonlySet<string>> {
  const { stdout } = await new Deno.Command("systemd-analyze", {
    args: ["syscall-filter", "--no-pager"],
  }).output();
  const sets = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of new TextDecoder().decode(stdout).split("\n")) {
    const word = line.trim();
    if (line.startsWith("@")) sets.set(word, current = []);
    else if (word !== "" && !word.startsWith("#")) current.push(word);
  }
  const callsOf = (name: string): string[] =>
    name.startsWith("@") ? (sets.get(name) ?? []).flatMap(callsOf) : [name];
  const allowed = new Set<string>();
  for (const line of await valuesOf("SystemCallFilter")) {
    const isDenied = line.startsWith("~");
    for (const call of line.replace("~", "").split(" ").flatMap(callsOf)) {
      if (isDenied) allowed.delete(call);
      else allowed.add(call);
    }
  }
  return allowed;
}
