/**
 * What an engineer has set while the box runs: the mode, and settings that are switched off. It
 * stays through restarts, in a small sealed file of the state folder.
 */

import { join } from "node:path";
import { z } from "zod";
import { readSealed, writeSealed } from "../storage/sealed_file.ts";
import type { Mode } from "./recommendation.ts";

const choicesSchema = z.strictObject({
  format: z.literal(1),
  /** Null: as the configuration has it. */
  mode: z.enum(["advisory", "active"]).nullable(),
  switched_off: z.array(z.string()),
});

type ChosenValues = z.infer<typeof choicesSchema>;

const NOTHING_CHOSEN: ChosenValues = { format: 1, mode: null, switched_off: [] };

/** The choices of one state folder. */
export class Choices {
  /** The mode that the configuration asks for. */
  readonly configured: Mode;
  readonly #path: string;
  #chosen: ChosenValues;
  /** Writes one after the other, so that the last choice is the one on disk. */
  #row: Promise<unknown> = Promise.resolve();

  private constructor(path: string, { configured, chosen }: {
    readonly configured: Mode;
    readonly chosen: ChosenValues;
  }) {
    this.#path = path;
    this.configured = configured;
    this.#chosen = chosen;
  }

  /** Reads what was chosen before; a damaged file counts as nothing chosen, and `fault` says so. */
  static async open(
    stateFolder: string,
    { configured }: { readonly configured: Mode },
  ): Promise<{ readonly choices: Choices; readonly fault: string | undefined }> {
    const path = join(stateFolder, "choices.json");
    const content = await readSealed(path);
    const parsed = choicesSchema.safeParse(content);
    const isMissing = content === undefined && !await exists(path);
    // Nobody's choice is lost unseen: what cannot be read goes the careful way.
    const chosen = parsed.success
      ? parsed.data
      : isMissing
      ? NOTHING_CHOSEN
      : { ...NOTHING_CHOSEN, mode: "advisory" as const };
    return {
      choices: new Choices(path, { configured, chosen }),
      fault: parsed.success || isMissing
        ? undefined
        : `${path} is damaged: the mode is advisory and nothing is switched off`,
    };
  }

  get mode(): Mode {
    return this.#chosen.mode ?? this.configured;
  }

  /** Settings that stay where they are until they are switched on again. */
  get switchedOff(): ReadonlySet<string> {
    return new Set(this.#chosen.switched_off);
  }

  /** Is on disk when this returns; throws where the disk does not take it, and changes nothing. */
  setMode(mode: Mode): Promise<void> {
    return this.#change((chosen) => ({
      ...chosen,
      mode: mode === this.configured ? null : mode,
    }));
  }

  /** The same for one setting. */
  switch(variable: string, { on }: { readonly on: boolean }): Promise<void> {
    return this.#change(({ switched_off, ...rest }) => ({
      ...rest,
      switched_off: [
        ...switched_off.filter((name) => name !== variable),
        ...(on ? [] : [variable]),
      ],
    }));
  }

  #change(change: (chosen: ChosenValues) => ChosenValues): Promise<void> {
    const done = this.#row.then(async () => {
      const next = change(this.#chosen);
      await writeSealed(this.#path, next);
      this.#chosen = next;
    });
    this.#row = done.catch(() => undefined);
    return done;
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
