/** The published JSON Schema of bench files, made from the schema that the rig itself checks with. */
import { z } from 'zod';
import { type JsonSchema, withoutDialect } from '../yaml-file/json-schema.js';
import { physical, virtual } from './bench-file.js';

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
