/** What may stand in the configuration file, for people as Markdown and for editors as JSON Schema. */

import { z } from "zod";
import { fileSchema } from "./config_schema.ts";

/** One key of the configuration file. */
export interface ReferenceRow {
  /** With the sections around it, as in `api.tls.cert_file`; `[]` stands for an entry of a list. */
  readonly key: string;
  /** In words: `number above 0`, `true or false`; `section` where it holds further keys. */
  readonly type: string;
  /** As it would be written in the file; undefined where there is none. */
  readonly fallback: string | undefined;
  /** Its section cannot do without it. */
  readonly isRequired: boolean;
  readonly unit: string | undefined;
  /** Undefined where the schema says nothing of it. */
  readonly meaning: string | undefined;
}

/** Every key, sections before what they hold, in the schema's order. */
export function referenceRows(): readonly ReferenceRow[] {
  return rowsOf(fileSchema, "");
}

const LEAD = `# Configuration

\`deno task start\` reads \`--config PATH\`, else the file that \`SETPOINT_CONFIG\` names, else
\`strategies/cement-kiln/config.yaml\`. Every key may be left out unless its section cannot do without
it. Relative paths start from the file's own folder. \`\${VAR}\` is replaced from the environment,
\`\${VAR:-default}\` also where VAR is not set or empty; a number or a switch may come from there too.
Every wrong and unknown key is reported at once, with line and column.
`;

/** The whole reference: a table for each section of the file. */
export function referenceMarkdown(rows: readonly ReferenceRow[]): string {
  const sections = Map.groupBy(rows, ({ key }) => key.split(".")[0] ?? "");
  const parts = [...sections].map(([name, [section, ...keys]]) =>
    [
      `## ${name}`,
      "",
      `${section?.meaning ?? ""}.`,
      "",
      "| key | type | default | unit | meaning |",
      "| --- | --- | --- | --- | --- |",
      ...keys.map((row) => `| ${cellsOf(row).join(" | ")} |`),
    ].join("\n")
  );
  return [LEAD, ...parts].join("\n\n").replaceAll("\n\n\n", "\n\n") + "\n";
}

/** JSON Schema (draft 2020-12) of the file; a number or switch may also be written as `${VAR}`. */
export function configSchemaJson(): Record<string, unknown> {
  const fromEnvironment = { type: "string" as const, pattern: "\\$\\{" };
  const schema = z.toJSONSchema(fileSchema, {
    io: "input",
    override: ({ jsonSchema, zodSchema }) => {
      const isPlain = zodSchema instanceof z.ZodNumber || zodSchema instanceof z.ZodBoolean ||
        zodSchema instanceof z.ZodEnum;
      if (!isPlain) return;
      const own = { ...jsonSchema };
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
      jsonSchema.anyOf = [own, fromEnvironment];
    },
  });
  return { ...schema, title: "Setpoint configuration" };
}

function cellsOf({ key, type, fallback, isRequired, unit, meaning }: ReferenceRow): string[] {
  const standing = isRequired ? "required" : fallback === undefined ? "" : `\`${fallback}\``;
  return [`\`${key}\``, type, standing, unit ?? "", meaning ?? ""]
    .map((cell) => cell.replaceAll("|", "\\|"));
}

function rowsOf(schema: z.ZodObject, prefix: string): ReferenceRow[] {
  return Object.entries(schema.shape).flatMap(([name, value]) => {
    const key = `${prefix}${name}`;
    const field = value as z.ZodType;
    const { inner, fallback } = unwrapped(field);
    const meta = field.meta();
    const row: ReferenceRow = {
      key,
      type: typeOf(inner),
      fallback: fallback === undefined ? undefined : written(fallback),
      isRequired: !field.isOptional(),
      unit: typeof meta?.unit === "string" ? meta.unit : undefined,
      meaning: meta?.description,
    };
    if (inner instanceof z.ZodObject) return [row, ...rowsOf(inner, `${key}.`)];
    const entry = inner instanceof z.ZodArray ? inner.element : undefined;
    return entry instanceof z.ZodObject ? [row, ...rowsOf(entry, `${key}[].`)] : [row];
  });
}

/** The schema without what makes it optional, gives it a default or reads it from text. */
function unwrapped(schema: z.ZodType): { inner: z.ZodType; fallback: unknown } {
  let inner: unknown = schema;
  let fallback: unknown;
  for (;;) {
    if (inner instanceof z.ZodDefault) {
      fallback = inner.def.defaultValue;
      inner = inner.unwrap();
    } else if (inner instanceof z.ZodOptional || inner instanceof z.ZodPrefault) {
      inner = inner.unwrap();
    } else if (inner instanceof z.ZodPipe) {
      inner = inner.out;
    } else {
      return { inner: inner as z.ZodType, fallback };
    }
  }
}

function written(fallback: unknown): string {
  return typeof fallback === "string" ? fallback : JSON.stringify(fallback);
}

/** The words for a schema without wrappers. */
function typeOf(schema: z.ZodType): string {
  if (schema instanceof z.ZodObject) return "section";
  if (schema instanceof z.ZodEnum) return schema.options.map((o) => `\`${o}\``).join(", ");
  if (schema instanceof z.ZodNumber) return numberOf(schema);
  if (schema instanceof z.ZodBoolean) return "true or false";
  if (schema instanceof z.ZodRecord) return "names and texts";
  if (schema instanceof z.ZodArray) {
    return schema.element instanceof z.ZodObject ? "list of sections" : "list";
  }
  if (schema instanceof z.ZodUnion) return "day or time";
  return "text";
}

function numberOf(schema: z.ZodNumber): string {
  const { type, minimum, maximum, exclusiveMinimum } = z.toJSONSchema(schema);
  const noun = type === "integer" ? "whole number" : "number";
  // zod states the largest safe integers where a whole number has no limit of its own.
  const low = minimum === Number.MIN_SAFE_INTEGER ? undefined : minimum;
  const high = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  if (exclusiveMinimum !== undefined) return `${noun} above ${exclusiveMinimum}`;
  if (low !== undefined && high !== undefined) return `${noun}, ${low} to ${high}`;
  return low === undefined ? noun : `${noun}, ${low} or more`;
}
