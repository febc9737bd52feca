/**
 * As much of JSON Schema (draft 2020-12) as the strategy's schema uses, to ask it what an editor asks:
 * whether it takes a file. A keyword that is not known here is a fault of the test.
 */

type Schema = Readonly<Record<string, unknown>>;
type Check = (wanted: unknown, value: unknown, schema: Schema) => boolean;

const types: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isMapping,
  array: Array.isArray,
  string: (value) => typeof value === "string",
  number: (value) => typeof value === "number",
  integer: Number.isInteger,
  boolean: (value) => typeof value === "boolean",
};

/** Keywords that say nothing about what is right. */
const comments = new Set([
  ...["$schema", "title", "description", "examples", "default", "format"],
  "enumDescriptions",
]);

const checks: Readonly<Record<string, Check>> = {
  type: (wanted, value) => [wanted].flat().some((name) => types[String(name)]?.(value) === true),
  const: (wanted, value) => value === wanted,
  enum: (wanted, value) => Array.isArray(wanted) && wanted.includes(value),
  anyOf: (wanted, value) => schemas(wanted).some((one) => accepts(one, value)),
  oneOf: (wanted, value) => schemas(wanted).filter((one) => accepts(one, value)).length === 1,
  allOf: (wanted, value) => schemas(wanted).every((one) => accepts(one, value)),
  required: (wanted, value) =>
    !isMapping(value) || (wanted as string[]).every((key) => Object.hasOwn(value, key)),
  properties: (wanted, value) =>
    !isMapping(value) ||
    Object.entries(wanted as Record<string, Schema>).every(([key, one]) =>
      !Object.hasOwn(value, key) || accepts(one, value[key])
    ),
  propertyNames: (wanted, value) =>
    !isMapping(value) || Object.keys(value).every((key) => accepts(wanted as Schema, key)),
  additionalProperties: (wanted, value, { properties = {} }) =>
    !isMapping(value) ||
    Object.entries(value).filter(([key]) => !Object.hasOwn(properties as object, key))
      .every(([, one]) => wanted !== false && accepts(wanted as Schema, one)),
  prefixItems: (wanted, value) =>
    !Array.isArray(value) ||
    schemas(wanted).every((one, i) => i >= value.length || accepts(one, value[i])),
  items: (wanted, value, { prefixItems = [] }) =>
    !Array.isArray(value) ||
    value.slice((prefixItems as unknown[]).length).every((one) =>
      wanted !== false && accepts(wanted as Schema, one)
    ),
  minItems: (wanted, value) => !Array.isArray(value) || value.length >= Number(wanted),
  maxItems: (wanted, value) => !Array.isArray(value) || value.length <= Number(wanted),
  maxLength: (wanted, value) => typeof value !== "string" || value.length <= Number(wanted),
  pattern: (wanted, value) =>
    typeof value !== "string" || new RegExp(String(wanted), "u").test(value),
  minimum: (wanted, value) => typeof value !== "number" || value >= Number(wanted),
  maximum: (wanted, value) => typeof value !== "number" || value <= Number(wanted),
  exclusiveMinimum: (wanted, value) => typeof value !== "number" || value > Number(wanted),
};

/** Whether a value has the shape that a schema asks for. */
export function accepts(schema: Schema, value: unknown): boolean {
  return Object.entries(schema).every(([keyword, wanted]) => {
    if (comments.has(keyword)) return true;
    const check = checks[keyword];
    if (check === undefined) throw new TypeError(`The test does not know the keyword ${keyword}`);
    return check(wanted, value, schema);
  });
}

function schemas(value: unknown): Schema[] {
  return value as Schema[];
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
