/**
 * What a suite file says, parsed: which scenarios, with which parameters, how often, and what is known to be broken. The
 * schema is the one source of the types here and of the published JSON Schema (schemas/suite.schema.json).
 */
import { z } from 'zod';
import { type JsonSchema, withoutDialect } from '../yaml-file/json-schema.js';

const REPEAT_LIMIT = 1_000;
const RUNS_LIMIT = 200;

/** As the scenario declares it: a duration with its unit, a whole number, true or false. */
const parameterValue = z.union([z.string(), z.int(), z.boolean()]);

/** A day, such as 2026-12-31: it is over at midnight UTC. */
const day = z.iso.date('must be a day, such as "2026-12-31"');

const quarantine = z
  .strictObject({
    reason: z.string().min(1).meta({ description: 'what is broken, and where that is being worked on' }),
    until: day.meta({ description: 'the last day on which its failures do not count' }),
  })
  .meta({
    description: 'it is run and reported, but its failures do not fail the suite until the day is over',
  });

const run = z.strictObject({
  scenario: z
    .string()
    .min(1)
    .meta({ description: 'name of a scenario, or a file relative to the suite file' }),
  parameters: z
    .record(z.string(), parameterValue)
    .default({})
    .meta({ description: 'those that differ from their defaults' }),
  repeat: z
    .int()
    .min(1)
    .max(REPEAT_LIMIT)
    .default(1)
    .meta({ description: 'how often, each time with the next seed' }),
  limits: z
    .record(z.string(), z.number())
    .default({})
    .meta({ description: 'other limits for measurements, by their names' }),
  quarantine: quarantine.optional(),
});

export const suiteFile = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/, 'must be lower case words joined by hyphens')
    .meta({ description: 'what the command line calls it' }),
  summary: z.string().min(1).meta({ description: 'one line for "rig list"' }),
  runs: z.array(run).min(1).max(RUNS_LIMIT).meta({ description: 'in this order' }),
});

export type SuiteFile = z.infer<typeof suiteFile>;
export type SuiteRun = SuiteFile['runs'][number];
export type Quarantine = z.infer<typeof quarantine>;

/** For editors, and for messages. */
export function suiteFileJsonSchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Suite file of wifi-hil-rig',
    ...withoutDialect(z.toJSONSchema(suiteFile, { io: 'input' })),
  };
}
