/** The access point's passphrase: from the environment, or from a file that nobody else can read. Never from a bench file. */
import { readFileSync, statSync } from 'node:fs';
import { messageOf } from '../rig/errors.js';
import { encodeConfigLine } from '../rig/link/config.js';
import { CLIENT_ID } from '../rig/run/link-session.js';
import { NOTHING_SECRET, Redactor } from '../rig/run/redaction.js';
import { toMs } from '../rig/time/units.js';
import type { FoundPhysicalBenchFile } from './bench-file.js';
import type { Surroundings } from './surroundings.js';
import { usageError } from './usage.js';

/** A passphrase has at most 64 bytes; with a line end, and some for whoever adds more of them. */
const FILE_LIMIT_BYTES = 1_024;
/** Group and others, read, write and execute. */
const OTHERS = 0o077;

/**
 * The passphrase of the bench's access point; undefined when it has none. It is in the variable that
 * `accessPoint.passphraseEnv` names, or in the file that the variable of that name with `_FILE` names.
 * @throws USAGE, naming variable, file and line, when it is missing or no passphrase. The message never has it.
 */
export function passphraseOf(
  { file, where }: FoundPhysicalBenchFile,
  { environment }: Pick<Surroundings, 'environment'>,
): string | undefined {
  const { accessPoint, server } = file;
  if (accessPoint === undefined) return undefined;
  const variable = accessPoint.passphraseEnv;
  const at = `${where(['accessPoint', 'passphraseEnv'])}: accessPoint.passphraseEnv:`;
  const passphrase = environment[variable] || passphraseInFile(environment[`${variable}_FILE`], variable, at);
  if (passphrase === undefined) {
    throw usageError(
      `${at} the environment has no ${variable}, which holds the passphrase of "${accessPoint.ssid}". ` +
        `Set it: export ${variable}='…', or ${variable}_FILE=FILE.`,
    );
  }
  try {
    // What cannot be told to the device is found now, not in the middle of a run.
    const config = { port: server.port, server: server.host, timeoutMs: toMs(server.timeout) };
    encodeConfigLine({ ...config, id: CLIENT_ID, reportS: 10, ssid: accessPoint.ssid, password: passphrase });
  } catch (error) {
    throw usageError(`${at} what ${variable} holds cannot be used. ${messageOf(error)}`, { cause: error });
  }
  return passphrase;
}

/** What must not be printed of a bench: its passphrase, where the environment has it. Also for commands that need none. */
export function redactorOf(
  found: FoundPhysicalBenchFile,
  surroundings: Pick<Surroundings, 'environment'>,
): Redactor {
  try {
    return new Redactor([passphraseOf(found, surroundings) ?? '']);
  } catch {
    return NOTHING_SECRET;
  }
}

function passphraseInFile(path: string | undefined, variable: string, at: string): string | undefined {
  if (path === undefined || path === '') return undefined;
  const from = `${at} ${variable}_FILE names ${path}`;
  let text: string;
  try {
    const { mode, size } = statSync(path);
    if (process.platform !== 'win32' && (mode & OTHERS) !== 0) {
      throw new Error(`others may read it; chmod 600 ${path}`);
    }
    if (size > FILE_LIMIT_BYTES) throw new Error('it is too large');
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw usageError(`${from}, which cannot be used: ${messageOf(error)}.`, { cause: error });
  }
  const passphrase = text.replace(/[\r\n]+$/, '');
  if (passphrase === '') throw usageError(`${from}, which is empty.`);
  return passphrase;
}
