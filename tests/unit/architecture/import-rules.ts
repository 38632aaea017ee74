/** The import rules of the architecture, and what breaks them. */
import { isBuiltin } from 'node:module';
import { dirname, join, normalize } from 'node:path/posix';
import { importSpecifiers } from './import-specifiers.js';

/** A source file: its path in the repository, and its text. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

interface Rule {
  /** The folder that it holds for; the longest that matches a path is the one that counts. */
  readonly folder: string;
  /** Folders it may import from, beside itself. */
  readonly folders: readonly string[] | 'any';
  /** Packages it may import. */
  readonly packages: readonly string[] | 'any';
}

/** Small libraries that only compute. */
const pureLibraries = ['hdr-histogram-js', 'yaml', 'zod'];

export const rules: readonly Rule[] = [
  { folder: 'rig', folders: [], packages: pureLibraries },
  { folder: 'drivers/pi', folders: ['rig'], packages: 'any' },
  {
    folder: 'drivers/virtual',
    folders: ['rig'],
    packages: ['@micropython/micropython-webassembly-pyscript', 'binaryen'],
  },
  { folder: 'scenarios', folders: ['rig'], packages: [] },
  { folder: 'reports', folders: ['rig'], packages: [] },
  { folder: 'reports/html', folders: ['rig', 'reports'], packages: ['echarts', 'esbuild'] },
  { folder: 'reports/history', folders: ['rig', 'reports'], packages: ['node-sqlite3-wasm'] },
  { folder: 'cli', folders: ['rig', 'drivers', 'scenarios', 'reports'], packages: 'any' },
  { folder: 'docs', folders: [], packages: ['wifi-hil-rig'] },
  { folder: 'bench', folders: ['rig', 'drivers', 'scenarios', 'reports', 'cli'], packages: 'any' },
  { folder: 'tests', folders: 'any', packages: 'any' },
];

/** Folders of MicroPython, where no TypeScript belongs. */
export const pythonFolders = ['firmware', 'drivers/virtual/esp8266/modules'];

/** Where each package is hardware's, and kept in one file so that it can be replaced there. */
const oneFileFolders = ['drivers/pi'];

const isIn = (path: string, folder: string): boolean => path.startsWith(`${folder}/`);

const ruleFor = (path: string): Rule | undefined =>
  rules.filter(({ folder }) => isIn(path, folder)).sort((a, b) => b.folder.length - a.folder.length)[0];

/** Every breach of the rules, each as `path: what is wrong`. */
export function breaches(sources: readonly Source[]): string[] {
  return [...sources.flatMap(breachesOf), ...packagesInSeveralFiles(sources)];
}

function breachesOf({ path, text }: Source): string[] {
  if (pythonFolders.some((folder) => isIn(path, folder))) return [`${path}: only MicroPython belongs there`];
  const rule = ruleFor(path);
  if (rule === undefined) return [`${path}: no import rule covers its folder`];
  return importSpecifiers(text).flatMap((specifier) => {
    const breach = breachOf(rule, path, specifier);
    return breach === undefined ? [] : [`${path}: ${breach}`];
  });
}

function breachOf(rule: Rule, path: string, specifier: string | undefined): string | undefined {
  if (specifier === undefined) {
    return rule.packages === 'any' ? undefined : 'imports a computed specifier, which no rule can judge';
  }
  if (specifier.startsWith('.')) return breachOfRelative(rule, path, specifier);
  if (specifier.startsWith('node:')) return undefined;
  if (isBuiltin(specifier)) return `imports '${specifier}' without the prefix node:`;
  const name = packageOf(specifier);
  const allowed = rule.packages === 'any' || rule.packages.includes(name);
  return allowed ? undefined : `${rule.folder} may not import the package '${name}'`;
}

function breachOfRelative(rule: Rule, path: string, specifier: string): string | undefined {
  const target = normalize(join(dirname(path), specifier));
  if (isIn(target, rule.folder)) return undefined;
  const allowed = rule.folders === 'any' || rule.folders.some((folder) => isIn(target, folder));
  return allowed ? undefined : `${rule.folder} may not import '${target}'`;
}

/** `@scope/name` or `name` of a specifier that may lead into the package. */
const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

const isPackage = (specifier: string | undefined): specifier is string =>
  specifier !== undefined && !specifier.startsWith('.') && !isBuiltin(specifier);

function packagesInSeveralFiles(sources: readonly Source[]): string[] {
  return oneFileFolders.flatMap((folder) => {
    const users = new Map<string, Set<string>>();
    for (const { path, text } of sources.filter((source) => isIn(source.path, folder))) {
      for (const name of importSpecifiers(text).filter(isPackage).map(packageOf)) {
        users.set(name, (users.get(name) ?? new Set()).add(path));
      }
    }
    return [...users]
      .filter(([, paths]) => paths.size > 1)
      .map(([name, paths]) => `${[...paths].join(', ')}: import '${name}', which belongs in one file`);
  });
}
