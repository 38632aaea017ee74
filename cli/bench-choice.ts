/** Which bench a run is on: the built-in virtual one, or the one of a bench file; and with which firmware. */
import { resolve } from 'node:path';
import type { PhysicalBenchFile } from '../rig/bench-file/bench-file.js';
import { type Capabilities, capabilitiesOf, virtualCapabilities } from '../rig/bench-file/capabilities.js';
import type { BusRole } from '../rig/ports.js';
import { type Bench, DEFAULT_SERVER, type ServerPlace } from '../rig/run/bench.js';
import { type FoundBenchFile, type FoundPhysicalBenchFile, findBenchFile } from './bench-file.js';
import {
  type FirmwareImage,
  type LinkFirmwareDirectories,
  loadFirmware,
  loadLinkFirmware,
} from './firmware.js';
import { passphraseOf } from './passphrase.js';
import type { Surroundings } from './surroundings.js';
import { usageError } from './usage.js';

export interface VirtualChoice {
  readonly kind: 'virtual';
  readonly name: string;
  /** It is of no bench file. */
  readonly isBuiltIn: boolean;
  /** What the host is on the I2C bus. */
  readonly role: BusRole;
  readonly firmware: FirmwareImage;
}

export interface PhysicalChoice {
  readonly kind: 'physical';
  readonly name: string;
  readonly file: PhysicalBenchFile;
  /** What the bench file says is on the board. */
  readonly firmware: Bench['firmware'];
  readonly passphrase: string | undefined;
}

export type BenchChoice = VirtualChoice | PhysicalChoice;

/** The name of the bench that needs no file. */
const BUILT_IN = 'virtual';
const UNKNOWN_FIRMWARE: Bench['firmware'] = { name: 'unknown', sha256: 'unknown' };

export interface ChoiceOptions {
  readonly bench: string | undefined;
  readonly firmware: string | undefined;
}

/**
 * The bench that the options ask for.
 * @throws USAGE when its file or firmware is missing or wrong, or the passphrase is not in the environment.
 */
export function chooseBench(
  options: ChoiceOptions,
  linkFirmware: LinkFirmwareDirectories,
  surroundings: Surroundings,
): BenchChoice {
  const found = findBenchFile(options.bench, surroundings);
  const { workingDirectory } = surroundings;
  if (found !== undefined && found.file.kind === 'physical') {
    return physicalChoice({ ...found, file: found.file }, options, surroundings);
  }
  const name = found?.file.name ?? BUILT_IN;
  const isBuiltIn = found === undefined;
  const role = found?.file.link.role ?? 'target';
  if (options.firmware !== undefined) {
    const given = loadFirmware(resolve(workingDirectory, options.firmware), `--firmware ${options.firmware}`);
    return { kind: 'virtual', name, isBuiltIn, role, firmware: given };
  }
  const ofFile = found === undefined ? undefined : firmwareOf(found);
  const firmware = ofFile ?? loadLinkFirmware(linkFirmware, role);
  return { kind: 'virtual', name, isBuiltIn, role, firmware };
}

function physicalChoice(
  found: FoundPhysicalBenchFile,
  options: ChoiceOptions,
  surroundings: Surroundings,
): PhysicalChoice {
  const { file } = found;
  if (options.firmware !== undefined) {
    throw usageError(
      `--firmware ${options.firmware}: the board of bench "${file.name}" is real, and runs what was flashed onto it. ` +
        'Upload it with "rig flash", and name it as board.firmware in the bench file.',
    );
  }
  const firmware = firmwareOf(found);
  return {
    kind: 'physical',
    name: file.name,
    file,
    firmware: firmware === undefined ? UNKNOWN_FIRMWARE : { name: firmware.name, sha256: firmware.sha256 },
    passphrase: passphraseOf(found, surroundings),
  };
}

/** The directory that the bench file names, which is relative to it. */
function firmwareOf({ file, folder, where }: FoundBenchFile): FirmwareImage | undefined {
  const { firmware } = file.board;
  if (firmware === undefined) return undefined;
  return loadFirmware(
    resolve(folder, firmware),
    `${where(['board', 'firmware'])}: board.firmware: ${firmware}`,
  );
}

export const capabilitiesOfChoice = (bench: BenchChoice): Capabilities =>
  bench.kind === 'physical' ? capabilitiesOf(bench.file) : virtualCapabilities(bench.role);

/** Where the link's server will be, for declarations that depend on it. */
export const serverOfChoice = (bench: BenchChoice): ServerPlace =>
  bench.kind === 'physical'
    ? { port: bench.file.server.port, timeoutUs: bench.file.server.timeout }
    : DEFAULT_SERVER;
