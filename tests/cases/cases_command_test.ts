import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../cases.ts", import.meta.url));

/** What `deno task cases` prints, and its exit code, with CASES as given. */
async function cases(place: string): Promise<{ readonly code: number; readonly printed: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", main],
    env: { CASES: place, NO_COLOR: "1" },
  }).output();
  return { code, printed: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

const program = (name: string, expr: string) => ({
  name,
  variables: [{ name: "x", lower: 0, upper: 5, start: 1 }],
  objective: { sense: "minimize", expr },
  optimum: { value: 1 },
});

Deno.test("cases takes a folder and a file of programs alike, and ends with 1 where a case fails", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "setpoint-cases-" });
  try {
    const file = `${folder}/nlp-problems.json`;
    Deno.writeTextFileSync(file, JSON.stringify({ problems: [program("good", "1 + (x - 2)^2")] }));
    const other = `${folder}/other.json`;
    const faulty = [program("good", "1 + (x - 2)^2"), program("faulty", "1 + (x -")];
    Deno.writeTextFileSync(other, JSON.stringify(faulty));
    const [inFolder, asFile, withFault, nowhere] = await Promise.all(
      [folder, file, other, `${folder}/not-there`].map(cases),
    );
    for (const { code, printed } of [inFolder!, asFile!]) {
      assert.match(printed, /good +matched/);
      assert.match(printed, /nlp-problems.json: 1 ran: 1 matched, 0 failed/);
      assert.equal(code, 0, printed);
    }
    assert.match(inFolder!.printed, /onnx-models: not there, NOT RUN/);
    assert.match(withFault!.printed, /faulty +failed +the objective: The formula ends too early/);
    assert.match(withFault!.printed, /2 ran: 1 matched, 1 failed/);
    assert.equal(withFault!.code, 1);
    assert.match(nowhere!.printed, /No case was found in .*not-there/);
    assert.equal(nowhere!.code, 1);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
