/** JSON Schemas, as far as the rig's YAML files need them. */
import type { z } from 'zod';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** Without what only stands at the top of a published schema. */
export function withoutDialect({ $schema, '~standard': _, ...schema }: JsonSchema): JsonSchema {
  return schema;
}

type Subschema = JsonSchema | boolean;

/** A subschema that says more than "anything" or "nothing"; of a list of them, none. */
export const asSchema = (schema: Subschema | Subschema[] | undefined): JsonSchema | undefined =>
  typeof schema === 'object' && !Array.isArray(schema) ? schema : undefined;

/** The variants of a schema: those of a union, or none. */
export const variantsOf = ({ oneOf = [], anyOf = [] }: JsonSchema): JsonSchema[] => [...oneOf, ...anyOf];
