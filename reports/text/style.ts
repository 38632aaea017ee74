/** Colours, by what they mean; none where they are not wanted. */
import { styleText } from 'node:util';

export type Tone = 'good' | 'bad' | 'warning' | 'dim' | 'strong';

/** Paints `text`; `undefined` leaves it alone. */
export type Style = (tone: Tone | undefined, text: string) => string;

const formats = {
  good: 'green',
  bad: 'red',
  warning: 'yellow',
  dim: 'gray',
  strong: 'bold',
} as const satisfies Record<Tone, Parameters<typeof styleText>[0]>;

export const plainStyle: Style = (_tone, text) => text;

export const colourStyle: Style = (tone, text) =>
  tone === undefined || text === '' ? text : styleText(formats[tone], text, { validateStream: false });

/** Colours in a terminal, unless `NO_COLOR` (https://no-color.org) is set to anything or the terminal is dumb. */
export function styleFor(isTty: boolean, environment: Readonly<Record<string, string | undefined>>): Style {
  const { NO_COLOR = '', TERM } = environment;
  const unwanted = NO_COLOR !== '' || TERM === 'dumb';
  return isTty && !unwanted ? colourStyle : plainStyle;
}
