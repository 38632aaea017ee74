/** Reads the project's documents: their links, headings, tables and shell commands. As much Markdown as they use. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** This file runs in dist/tests/unit/docs. */
const repository = new URL('../../../../', import.meta.url);

export const pathOf = (path: string): string => fileURLToPath(new URL(path, repository));

export interface Document {
  /** Relative to the repository. */
  readonly path: string;
  readonly text: string;
}

const read = (path: string): Document => ({ path, text: readFileSync(pathOf(path), 'utf8') });

export const readme: Document = read('README.md');

export const documents: readonly Document[] = [
  readme,
  ...['CHANGELOG.md', 'CONTRIBUTING.md', 'firmware/README.md'].map(read),
  ...readdirSync(pathOf('docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => read(`docs/${name}`)),
];

const FENCED = /^```(\w*)\n(.*?)^```$/gms;

/** Blocks of code of one language, without their fences. */
export const codeBlocks = ({ text }: Document, language: string): string[] =>
  [...text.matchAll(FENCED)].filter(([, name]) => name === language).map(([, , code]) => code ?? '');

/** Targets of links and pictures, those in code left out. */
export const linksOf = ({ text }: Document): string[] =>
  [...text.replaceAll(FENCED, '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target ?? '');

/** The fragments that a web view of the document offers, one for each heading. */
export const fragmentsOf = ({ text }: Document): string[] =>
  [...text.replaceAll(FENCED, '').matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    (heading ?? '')
      .toLowerCase()
      .replaceAll(/[^\p{Letter}\p{Number} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

/** What stands under a heading, up to the next one. */
export function sectionOf({ text }: Document, heading: string): string {
  const start = text.indexOf(`\n${heading}\n`);
  if (start < 0) return '';
  const from = start + heading.length + 2;
  const end = text.indexOf('\n## ', from);
  return text.slice(from, end < 0 ? undefined : end);
}

export interface RunCommand {
  /** Names of scenarios, and files. */
  readonly scenarios: readonly string[];
  /** `name=value` of each `--set`. */
  readonly settings: readonly string[];
}

const RUN_COMMAND = /\brig run ([^`\n]+)/g;

/** Every `rig run …` in the document, in code or in text. */
export function runCommandsOf({ text }: Document): RunCommand[] {
  return [...text.matchAll(RUN_COMMAND)].map(([, rest]) => {
    const words = (rest ?? '').trim().split(/\s+/);
    const firstOption = words.findIndex((word) => word.startsWith('-'));
    return {
      scenarios: firstOption < 0 ? words.slice(0, 1) : words.slice(0, firstOption),
      settings: words.filter((_, index) => words[index - 1] === '--set'),
    };
  });
}
