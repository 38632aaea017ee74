/** What the schema knows of a place in a file: the keys that it may have, and what they are for. */
import type { KeyPath } from './document.js';
import { asSchema, type JsonSchema, variantsOf } from './json-schema.js';

/** Keys that choose between the variants of a section. */
const CHOOSERS = ['role', 'driver'] as const;

/** The keys that may stand at `path`, given what the file says: of the driver that it chooses, if it chooses one. */
export function knownKeys(root: JsonSchema, path: KeyPath, data: unknown): string[] {
  const keys = schemasAt(root, path, data).flatMap(({ properties }) => Object.keys(properties ?? {}));
  return [...new Set(keys)];
}

/** What `path` is for, in the schema's words. */
export function descriptionOf(root: JsonSchema, path: KeyPath, data: unknown): string | undefined {
  return schemasAt(root, path, data).find(({ description }) => description !== undefined)?.description;
}

function schemasAt(root: JsonSchema, path: KeyPath, data: unknown): JsonSchema[] {
  let schemas: JsonSchema[] = [root];
  let value = data;
  for (const step of path) {
    value = childOf(value, step);
    schemas = schemas.flatMap((schema) => chosen(childSchema(schema, step), value));
  }
  return schemas;
}

const childSchema = (schema: JsonSchema, step: PropertyKey): JsonSchema | undefined =>
  typeof step === 'number' ? asSchema(schema.items) : asSchema(schema.properties?.[String(step)]);

/** The schema, or those of its variants that the file may mean. */
function chosen(schema: JsonSchema | undefined, value: unknown): JsonSchema[] {
  if (schema === undefined) return [];
  const variants = variantsOf(schema).filter(({ properties }) => properties !== undefined);
  if (variants.length === 0) return [schema];
  const fitting = variants.filter((variant) =>
    CHOOSERS.every((key) => fits(variant, key, childOf(value, key))),
  );
  // What the union is for holds for a variant that does not say it itself.
  return (fitting.length > 0 ? fitting : variants).map((variant) =>
    schema.description === undefined ? variant : { description: schema.description, ...variant },
  );
}

function fits(variant: JsonSchema, key: string, value: unknown): boolean {
  const schema = asSchema(variant.properties?.[key]);
  if (schema === undefined || value === undefined) return true;
  return schema.const === value || schema.enum?.some((each) => each === value) === true;
}

export const childOf = (value: unknown, step: PropertyKey): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, step)
    ? Reflect.get(value, step)
    : undefined;
