/** The tables of keys in docs/bench-file.md, made from the schema. */
import { kinds } from '../../../rig/bench-file/json-schema.js';
import { asSchema, type JsonSchema, variantsOf } from '../../../rig/yaml-file/json-schema.js';

const BEGIN = '<!-- Made from the schema by "npm run refresh"; do not edit by hand. -->';
const END = '<!-- End of what is made. -->';

/** The page with its tables made anew. Throws when it has no place for them. */
export function withReference(page: string): string {
  const [before, rest] = page.split(`${BEGIN}\n`);
  const after = rest?.split(`${END}\n`)[1];
  if (before === undefined || after === undefined) throw new Error(`The page lacks ${BEGIN} or ${END}.`);
  return `${before}${BEGIN}\n${referenceLines().join('\n')}\n${END}\n${after}`;
}

interface Row {
  readonly key: string;
  readonly schema: JsonSchema;
  readonly required: boolean;
  /** The drivers or roles that have the key; undefined when all have. */
  readonly only?: string;
}

function referenceLines(): string[] {
  const sections = Object.entries(kinds.physical.properties ?? {}).flatMap(([name, property]) => {
    const schema = asSchema(property);
    return schema === undefined ? [] : [{ name, schema, required: isRequired(kinds.physical, name) }];
  });
  const plain = sections.filter(({ schema }) => !isSection(schema));
  const lines = [
    '',
    '### At the top',
    '',
    ...tableOf(plain.map(({ name, ...rest }) => ({ key: name, ...rest }))),
  ];
  for (const { name, schema, required } of sections.filter(({ schema: each }) => isSection(each))) {
    const about = `${capital(schema.description ?? name)}. ${required ? 'Required.' : 'May be left out.'}`;
    lines.push('', `### ${name}`, '', about, '', ...tableOf(rowsOf(schema, `${name}.`)));
  }
  const pin = asSchema(
    asSchema(variantsOf(asSchema(kinds.physical.properties?.link) ?? {})[0])?.properties?.syn,
  );
  lines.push('', '### A pin', '', 'What `pin` above stands for.', '', ...tableOf(rowsOf(pin ?? {}, '')), '');
  lines.push('### With `kind: virtual`', '', ...tableOf(rowsOf(kinds.virtual, '')), '');
  return lines;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const isSection = (schema: JsonSchema): boolean =>
  schema.properties !== undefined || variantsOf(schema).some(({ properties }) => properties !== undefined);

const isPin = ({ properties }: JsonSchema): boolean =>
  Object.keys(properties ?? {}).join() === 'driver,line,chip,activeLow';

const isRequired = ({ required }: JsonSchema, key: string): boolean => required?.includes(key) === true;

/** What chooses a variant: `driver` or `role`, with the values that do. */
function chooserOf(variant: JsonSchema): { name: string; values: string[] } {
  const name = variant.properties?.role === undefined ? 'driver' : 'role';
  const chooser = asSchema(variant.properties?.[name]);
  return { name, values: (chooser?.enum ?? [chooser?.const]).map(String) };
}

function rowsOf(schema: JsonSchema, prefix: string, inherited?: string): Row[] {
  const variants = variantsOf(schema);
  if (variants.length === 0) return rowsOfVariant(schema, prefix, inherited);
  const choosers = variants.map(chooserOf);
  const chooser = choosers[0]?.name ?? 'driver';
  const choice: Row = {
    key: `${prefix}${chooser}`,
    schema: { enum: choosers.flatMap(({ values }) => values), description: choiceText(chooser) },
    required: true,
    ...(inherited !== undefined && { only: inherited }),
  };
  const rows = variants.flatMap((variant, index) =>
    rowsOfVariant(variant, prefix, `${chooser} ${choosers[index]?.values.join(' or ')}`).filter(
      ({ key }) => key !== choice.key,
    ),
  );
  return [choice, ...merged(rows, variants.length, inherited)];
}

const choiceText = (chooser: string): string =>
  chooser === 'role' ? 'what the host is on the I2C bus' : 'what does it; other keys depend on that';

function rowsOfVariant(schema: JsonSchema, prefix: string, only: string | undefined): Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]): Row[] => {
    const child = asSchema(property);
    if (child === undefined) return [];
    const key = `${prefix}${name}`;
    const row = {
      key,
      schema: child,
      required: isRequired(schema, name),
      ...(only !== undefined && { only }),
    };
    if (!isSection(child) || isPin(child)) return [row];
    const about = variantsOf(child).length > 0 || child.description !== undefined ? [row] : [];
    return [...about, ...rowsOf(child, `${key}.`, only)];
  });
}

/** One row for a key that several variants have. */
function merged(rows: readonly Row[], variants: number, inherited: string | undefined): Row[] {
  const keys = [...new Set(rows.map(({ key }) => key))];
  return keys.flatMap((key) => {
    const same = rows.filter((row) => row.key === key);
    const [first] = same;
    if (first === undefined) return [];
    const { only: _, ...row } = first;
    const common = { ...row, schema: together(same) };
    const owners = [...new Set(same.flatMap(({ only }) => only ?? []))];
    if (owners.length === variants)
      return [inherited === undefined ? common : { ...common, only: inherited }];
    return [{ ...common, only: owners.join(', ') }];
  });
}

/** What several variants say of one key: all values, and what it is for each where that differs. */
function together(rows: readonly Row[]): JsonSchema {
  const schemas = rows.map(({ schema }) => schema);
  const options = [...new Set(schemas.flatMap((each) => each.enum ?? each.const ?? []))];
  const descriptions = new Set(schemas.map(({ description }) => description));
  return {
    ...schemas[0],
    ...(options.length > 1 && { enum: options }),
    ...(descriptions.size > 1 && {
      description: rows.map(({ only, schema }) => `with ${only}: ${schema.description}`).join('; '),
    }),
  };
}

function tableOf(rows: readonly Row[]): string[] {
  const cells = rows.map(({ key, schema, required, only }) => [
    `\`${key}\``,
    valueText(schema),
    defaultText(schema, required),
    `${only === undefined ? '' : `with ${only}: `}${schema.description ?? ''}`.replaceAll('|', '\\|'),
  ]);
  return [
    '| key | value | default | is |',
    '|---|---|---|---|',
    ...cells.map((row) => `| ${row.join(' | ')} |`),
  ];
}

function valueText(schema: JsonSchema): string {
  if (isPin(schema)) return '[pin](#a-pin)';
  if (isSection(schema)) return 'section';
  const options = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  if (options !== undefined) return options.map((option) => `\`${option}\``).join(', ');
  if (schema.anyOf !== undefined) return 'text or number';
  if (schema.pattern?.includes('min|h') === true) return 'duration';
  if (schema.type === 'array') return 'list of texts';
  if (schema.type === 'boolean') return '`true`, `false`';
  if (schema.type === 'integer')
    return `${shown(schema, schema.minimum)} to ${shown(schema, schema.maximum)}`;
  return 'text';
}

function defaultText(schema: JsonSchema, required: boolean): string {
  if (required) return 'required';
  if (schema.default === undefined || isSection(schema)) return '';
  return `\`${shown(schema, schema.default)}\``;
}

/** Addresses of the bus are written in hexadecimal everywhere. */
const shown = ({ description = '' }: JsonSchema, value: unknown): string =>
  description.startsWith('I2C address') ? `0x${Number(value).toString(16).padStart(2, '0')}` : String(value);
