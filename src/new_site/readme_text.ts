/** A new site's README: what lies in the folder, and what comes next. */

import type { SitePlan } from "./site_plan.ts";

/** `folder` as the commands name it, from where they are run. */
export function readmeText(
  plan: SitePlan,
  { folder, origin, hasData }: {
    readonly folder: string;
    readonly origin: string;
    readonly hasData: boolean;
  },
): string {
  const names = (of: readonly { readonly name: string }[]) =>
    of.map(({ name }) => `\`${name}\``).join(", ") || "none";
  const rows: readonly (readonly [string, string])[] = [
    ["strategy.yaml", "what to optimise, with a comment on every field"],
    ["config.yaml", "how the box runs it"],
    [
      "config.schema.json",
      "lets editors complete config.yaml; deno task config-reference --schema",
    ],
    ...(hasData ? [["data/plant.csv", "the recorded rows, replayed as live values"] as const] : []),
    ["train_with_sklearn.py, train_with_torch.py", "each trains the model; keep the one you like"],
  ];
  return `# ${plan.name}

A skeleton made by \`deno task new-site\`. ${origin}

Settings: ${names(plan.settings)}. Values: ${names(plan.values)}. Results: ${names(plan.results)}.

| file | what |
| --- | --- |
${rows.map(([file, what]) => `| \`${file}\` | ${what} |`).join("\n")}

    deno task validate ${folder}/strategy.yaml
    deno task explain ${folder}/strategy.yaml
    deno task start --config ${folder}/config.yaml

What comes next, step by step: strategies/README.md.

1. Put bounds, moves and limits right; they come from ${
    hasData ? "the recorded rows, not from the plant's drawings" : "the command line"
  }.
2. Train a model (\`uv run ${folder}/train_with_sklearn.py\`, or with Python where its packages are
   installed) and put it in place of the formulas; \`strategy.yaml\` shows how.
3. Write the objective in money, and the limits that cost nothing until they bind.
4. \`deno task publish ${folder} --version 1 --to FOLDER\`, and \`storage: { folder: FOLDER }\` in config.yaml.
`;
}
