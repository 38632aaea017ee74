/** The published JSON Schema of bench files, made from the schema that the rig itself checks with. */
import { z } from 'zod';
import { physical, virtual } from './bench-file.js';

/** A JSON Schema, as far as bench files need it. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** What a bench file of each kind may hold, before defaults are filled in. */
export const kinds: Readonly<Record<'physical' | 'virtual', JsonSchema>> = {
  physical: withoutDialect(z.toJSONSchema(physical, { io: 'input' })),
  virtual: withoutDialect(z.toJSONSchema(virtual, { io: 'input' })),
};

/**
 * For editors: completion, descriptions, and most of the checks; what spans several keys only the rig checks. By
 * `if` and `else`, so that an editor complains about the kind of bench that the file is for.
 */
export function benchFileJsonSchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Bench file of wifi-hil-rig',
    type: 'object',
    if: { properties: { kind: { const: 'virtual' } }, required: ['kind'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: kinds.virtual,
    else: kinds.physical,
  };
}

function withoutDialect({ $schema, '~standard': _, ...schema }: JsonSchema): JsonSchema {
  return schema;
}

type Subschema = JsonSchema | boolean;

/** A subschema that says more than "anything" or "nothing"; of a list of them, none. */
export const asSchema = (schema: Subschema | Subschema[] | undefined): JsonSchema | undefined =>
  typeof schema === 'object' && !Array.isArray(schema) ? schema : undefined;

/** The variants of a schema: those of a union, or none. */
export const variantsOf = ({ oneOf = [], anyOf = [] }: JsonSchema): JsonSchema[] => [...oneOf, ...anyOf];
