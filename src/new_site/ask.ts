/** What `new-site` asks on a terminal for what no flag told. */

import type { PlantTable } from "./plant_table.ts";

/** A question with a proposal; "" where nothing is answered. */
export type Ask = (question: string, proposal?: string) => string;

export interface Told {
  readonly settings: readonly string[];
  readonly results: readonly string[];
  readonly objective:
    | { readonly sense: "minimize" | "maximize"; readonly formula: string }
    | undefined;
}

/** Asks for settings, results and objective, each where `told` is silent. */
export function askForSite(told: Told, { table, ask, say }: {
  readonly table: PlantTable | undefined;
  readonly ask: Ask;
  readonly say: (line: string) => void;
}): Told {
  const names = table?.columns.map(({ name }) => name) ?? [];
  if (names.length > 0) say(`Columns: ${names.join(", ")}`);
  const form = table === undefined ? "NAME=UNIT,LOWEST,HIGHEST" : "a column, or NAME=UNIT";
  const settings = told.settings.length > 0
    ? told.settings
    : askForEach(`Setting that may be moved (${form}; empty: no more)`, ask);
  const results = told.results.length > 0
    ? told.results
    : askForEach(`Result that is measured (${form}; empty: no more)`, ask);
  return { settings, results, objective: told.objective ?? askForObjective(ask) };
}

/** A list has an end: nobody writes a hundred names by hand. */
const MOST = 100;

function askForEach(question: string, ask: Ask): string[] {
  const answers: string[] = [];
  while (answers.length < MOST) {
    const answer = ask(question).trim();
    if (answer === "") break;
    answers.push(answer);
  }
  return answers;
}

function askForObjective(ask: Ask): Told["objective"] {
  const formula = ask("What is to be least? A formula (empty: ask for what is to be most)").trim();
  if (formula !== "") return { sense: "minimize", formula };
  const most = ask("What is to be most? A formula (empty: a proposal)").trim();
  return most === "" ? undefined : { sense: "maximize", formula: most };
}
