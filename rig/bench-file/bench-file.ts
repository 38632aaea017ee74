/**
 * What a bench file says, parsed: the schema is the one source of the types here and of the published JSON Schema
 * (schemas/bench.schema.json).
 */
import { z } from 'zod';
import { accessPoint, console, link, power, reset, server } from './sections.js';
import { text } from './values.js';

const name = text("the bench's name, for results and reports");

const firmware = text('directory of MicroPython sources, relative to the bench file').optional();

/** A bench of real hardware. */
export const physical = z
  .strictObject({
    name,
    kind: z
      .literal('physical')
      .default('physical')
      .meta({ description: 'physical: real hardware; virtual: simulated' }),
    board: z
      .strictObject({
        kind: z
          .enum(['esp8266', 'other'])
          .meta({ description: 'esp8266: its boot straps and ROM messages are known and checked' }),
        firmware,
      })
      .meta({ description: 'the device under test' }),
    link,
    reset: reset.optional(),
    power: power.optional(),
    console: console.optional(),
    accessPoint: accessPoint.optional(),
    server,
  })
  .meta({ description: 'a bench of real hardware' });

/** The virtual bench. */
export const virtual = z
  .strictObject({
    name,
    kind: z.literal('virtual').meta({ description: 'physical: real hardware; virtual: simulated' }),
    board: z
      .strictObject({
        kind: z.literal('esp8266').meta({ description: 'the only one that is simulated' }),
        firmware,
      })
      .meta({ description: 'the device under test' }),
    link: z
      .strictObject({
        role: z
          .enum(['target', 'controller'])
          .default('target')
          .meta({ description: 'what the host is on the I2C bus' }),
      })
      .prefault({})
      .meta({ description: 'the link' }),
  })
  .meta({ description: 'the virtual bench, with other settings than the built-in one' });

export const benchFile = z.union([physical, virtual]);

export type PhysicalBenchFile = z.infer<typeof physical>;
export type VirtualBenchFile = z.infer<typeof virtual>;
export type BenchFile = PhysicalBenchFile | VirtualBenchFile;

type Section<Name extends keyof PhysicalBenchFile> = NonNullable<PhysicalBenchFile[Name]>;
export type LinkSection = Section<'link'>;
export type ResetSection = Section<'reset'>;
export type PowerSection = Section<'power'>;
export type SenseSection = NonNullable<PowerSection['sense']>;
export type ConsoleSection = Section<'console'>;
export type AccessPointSection = Section<'accessPoint'>;
export type ServerSection = Section<'server'>;
