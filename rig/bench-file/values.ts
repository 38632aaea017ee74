/** The kinds of values that several sections of a bench file use: durations with units, lines, addresses, commands. */
import { z } from 'zod';
import { formatDuration, readDuration } from '../time/duration-text.js';
import type { DurationUs } from '../time/units.js';

/** What `readDuration` takes, for editors. */
const DURATION_PATTERN = '^ *\\d{1,15}(\\.\\d{1,9})? *(us|µs|ms|s|min|h) *$';

/** A duration with its unit, such as `200ms`, read into microseconds. */
export const duration = (description: string, { min, max }: { min: DurationUs; max: DurationUs }) =>
  z
    .string('must be written with its unit, such as 200ms')
    .meta({
      description: `${description}; ${formatDuration(min)} to ${formatDuration(max)}, written with its unit`,
      pattern: DURATION_PATTERN,
    })
    .transform((text, context): DurationUs => {
      const read = readDuration(text);
      if (typeof read !== 'string' && read >= min && read <= max) return read;
      const range = `it must be ${formatDuration(min)} to ${formatDuration(max)}.`;
      context.addIssue({
        code: 'custom',
        message: typeof read === 'string' ? read : `"${text}" is out of range: ${range}`,
      });
      return z.NEVER;
    });

export const text = (description: string) => z.string().min(1).meta({ description });

/** A program with its arguments; no shell is involved. */
export const command = (description: string) =>
  z
    .array(z.string().min(1))
    .min(1)
    .meta({ description: `${description}; program and arguments, as a list` });

/** I2C addresses of 7 bits without those that the specification reserves (UM10204 §3.1.12). */
export const i2cAddress = z
  .int()
  .min(0x08)
  .max(0x77)
  .meta({ description: 'I2C address of 7 bits, such as 0x40' });

export const tcpPort = z.int().min(1).max(65_535).meta({ description: 'TCP port' });

/** N of `/dev/i2c-N`: the kernel has 256 minor numbers for them. */
export const i2cBus = z.int().min(0).max(255).meta({ description: 'N of /dev/i2c-N' });

/** The name of an environment variable that holds a secret. */
export const environmentVariable = (description: string) =>
  z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable, not the secret itself')
    .meta({ description });

/** One pin of the host. */
export const line = z
  .strictObject({
    driver: z.enum(['gpio', 'onoff']).meta({
      description:
        'gpio: the character device, every edge with its time; onoff: sysfs, works everywhere but merges edges',
    }),
    line: z.union([z.string().min(1), z.int().min(0).max(1_023)]).meta({
      description: 'name of the line as the kernel knows it (GPIO5), or its offset on the chip (5)',
    }),
    chip: text(
      'GPIO chip by label (pinctrl-bcm2711) or device (gpiochip0); default: the one of the header',
    ).optional(),
    activeLow: z
      .boolean()
      .default(false)
      .meta({ description: 'the wire is inverted between this pin and the device' }),
  })
  .meta({ description: 'one pin of the host' });

export type LineConfig = z.infer<typeof line>;
