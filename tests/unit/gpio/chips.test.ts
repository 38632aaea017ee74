/** The chip and line that a bench file means, on the kernels and boards that number them differently. */
import test from 'ava';
import { findChip, findOffset, type GpioChip } from '../../../drivers/pi/gpio/chips.js';
import { isRigError } from '../../../rig/errors.js';

const chip = (device: string, label: string, lines: number): GpioChip => ({ device, label, lines });

const expander = chip('gpiochip1', 'raspberrypi-exp-gpio', 8);
const pi3 = [chip('gpiochip0', 'pinctrl-bcm2835', 54), expander];
const pi4 = [expander, chip('gpiochip0', 'pinctrl-bcm2711', 58)];
/** Kernels up to 6.6 put the header of a Pi 5 on gpiochip4. */
const pi5 = [chip('gpiochip0', 'gpio-brcmstb@107d508500', 32), chip('gpiochip4', 'pinctrl-rp1', 54)];

test('without a chip the header is meant, on every model', (t) => {
  t.is(findChip(pi3, undefined).label, 'pinctrl-bcm2835');
  t.is(findChip(pi4, undefined).label, 'pinctrl-bcm2711');
  t.is(findChip(pi5, undefined).device, 'gpiochip4');
});

test('a chip is named by its label or its device', (t) => {
  t.is(findChip(pi4, 'raspberrypi-exp-gpio'), expander);
  t.is(findChip(pi4, 'gpiochip1'), expander);
});

const refusals: readonly [string, readonly GpioChip[], string | undefined, RegExp][] = [
  ['no chip at all', [], undefined, /has no GPIO chip/],
  [
    'no header',
    [expander],
    undefined,
    /no GPIO chip of a Raspberry Pi header.*raspberrypi-exp-gpio, 8 lines/,
  ],
  ['no such chip', pi3, 'gpiochip9', /no GPIO chip "gpiochip9".*pinctrl-bcm2835, 54 lines/],
  [
    'two of one label',
    [chip('gpiochip0', 'sim', 4), chip('gpiochip1', 'sim', 4)],
    'sim',
    /gpiochip0.*gpiochip1/,
  ],
];

for (const [what, chips, wanted, message] of refusals) {
  test(`refused, with what there is: ${what}`, (t) => {
    const error = t.throws(() => findChip(chips, wanted));
    t.true(isRigError(error, 'BENCH'));
    t.regex(error?.message ?? '', message);
  });
}

const header = chip('gpiochip0', 'pinctrl-bcm2711', 58);
/** Mainline's device tree names pins by their function. */
const mainline = ['ID_SDA', 'ID_SCL', 'SDA1', 'SCL1', 'GPIO_GCLK', 'GPIO5', 'GPIO6'];

test('a line is named by the kernel, by its offset as number or text, or by its number on the header', (t) => {
  t.is(findOffset(header, 'GPIO_GCLK', mainline), 4);
  t.is(findOffset(header, 5, mainline), 5);
  t.is(findOffset(header, '5', mainline), 5);
  t.is(findOffset(header, 'GPIO5', mainline), 5);
  t.is(findOffset(header, 'GPIO4', mainline), 4, 'whatever the kernel calls it');
  t.is(findOffset(header, 'GPIO17', []), 17, 'where the kernel knows no names');
});

test('a name that the kernel gives wins over the number in it', (t) => {
  t.is(findOffset(header, 'GPIO5', ['', 'GPIO5']), 1);
  t.is(findOffset(header, '5', ['5']), 0);
});

test('a line that is not there is refused, and so is GPIO5 on a chip that is no header', (t) => {
  const lines: [GpioChip, string | number, string[], RegExp][] = [
    [header, 'GPIO58', mainline, /no line "GPIO58".*offsets 0 to 57.*ID_SDA/],
    [header, 58, mainline, /no line "58"/],
    [header, 'syn', [], /no line "syn".*have no names/],
    [
      expander,
      'GPIO5',
      ['BT_ON', 'WL_ON'],
      /raspberrypi-exp-gpio\) has no line "GPIO5".*0 to 7; such as BT_ON/,
    ],
  ];
  for (const [chipOfLine, line, names, message] of lines) {
    const error = t.throws(() => findOffset(chipOfLine, line, names));
    t.true(isRigError(error, 'BENCH'));
    t.regex(error?.message ?? '', message);
  }
});

test('a name that two lines have is refused; lines without a name are none', (t) => {
  t.regex(
    t.throws(() => findOffset(header, 'NC', ['', 'NC', 'NC']))?.message ?? '',
    /several lines "NC": 1, 2/,
  );
  t.throws(() => findOffset(header, '', ['', '']));
});
