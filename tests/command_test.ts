import assert from "node:assert/strict";
import { auditCommand } from "../src/audit_command.ts";
import { cacheCommand } from "../src/cache_command.ts";
import { runCommand, wrongFlag } from "../src/command.ts";
import { configReferenceCommand } from "../src/config_reference_command.ts";
import { doctorCommand } from "../src/doctor_command.ts";
import { explainCommand } from "../src/explain_command.ts";
import { publishCommand } from "../src/publish_command.ts";
import { rollbackCommand } from "../src/rollback_command.ts";
import { answeredAtOnce, startFault } from "../src/start_help.ts";
import { tokenCommand } from "../src/token_command.ts";
import { validateCommand } from "../src/validate_command.ts";
import { versionsCommand } from "../src/versions_command.ts";

type Say = (line: string) => void;

/** Each command by its task, with what only its own tests need left out. */
const COMMANDS: Readonly<Record<string, (args: string[], say: Say) => Promise<number> | number>> = {
  audit: (args, say) => said(auditCommand(args, { read: () => "" }), say),
  cache: async (args, say) => {
    const parts = { address: () => "", token: undefined, fetch };
    return said(await cacheCommand(args, parts), say);
  },
  "config-reference": (args, say) => configReferenceCommand(args, { say }),
  doctor: (args, say) => doctorCommand(args, { say }),
  explain: (args, print) => explainCommand(args, { print, complain: console.error }),
  publish: (args, say) => publishCommand(args, { say }),
  rollback: (args, say) => rollbackCommand(args, { say }),
  start: async (args, say) => await answeredAtOnce(args, say) ?? -1,
  token: (args, say) => said(tokenCommand(args), say),
  validate: (args, print) => validateCommand(args, { print, complain: console.error }),
  versions: (args, say) => versionsCommand(args, { say }),
};

function said({ text, code }: { readonly text: string; readonly code: number }, say: Say): number {
  say(text);
  return code;
}

/** What a task does with its arguments, and all that it printed, errors among it. */
async function run(task: string, args: string[]) {
  const lines: string[] = [];
  const say: Say = (line) => lines.push(line);
  const complain = console.error;
  console.error = say;
  try {
    const code = await runCommand(
      async () => await COMMANDS[task]!(args, say),
      { help: `--help of ${task}` },
    );
    return { code, text: lines.join("\n") };
  } finally {
    console.error = complain;
  }
}

for (const task of Object.keys(COMMANDS)) {
  Deno.test(`${task} --help names the task and ends with 0, a flag that it does not know with 2`, async () => {
    const help = await run(task, ["--help"]);
    assert.equal(help.code, 0);
    assert.ok(help.text.includes(`deno task ${task}`), help.text);
    const wrong = await run(task, ["--hepl"]);
    assert.equal(wrong.code, 2);
    assert.match(wrong.text, /--help/);
  });
}

Deno.test("start goes on where its words are right", async () => {
  assert.equal(await answeredAtOnce(["--config", "a.yaml"], () => {}), undefined);
  assert.equal(await answeredAtOnce([], () => {}), undefined);
});

Deno.test("wrongFlag tells the flag that was most likely meant, and nothing where none is near", () => {
  const help = "  --version N\n  --to FOLDER\n  --key FILE";
  assert.equal(
    wrongFlag("Unknown option '--verison'", help),
    "Unknown option '--verison': did you mean --version?",
  );
  assert.equal(
    wrongFlag("Unknown option '--frobnicate'. To specify a positional argument", help),
    "Unknown option '--frobnicate'",
  );
  assert.equal(
    wrongFlag("Option '--to <value>' argument missing\nand more", help),
    "Option '--to <value>' argument missing",
  );
});

Deno.test("startFault says where a folder may be that the box is not allowed to write", () => {
  const denied = new Deno.errors.NotCapable(
    'Requires write access to "/etc/x", run again with the --allow-write flag',
  );
  const told = startFault(denied);
  assert.match(told, /^Requires write access to "\/etc\/x": the box may write \.\/state/);
  assert.equal(startFault(new Error("in use")), "in use");
});
