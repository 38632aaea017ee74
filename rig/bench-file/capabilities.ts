/** What a bench can do for a scenario, by its file alone: its ports, and what of access point and supply some benches lack. */
import type { BusRole } from '../ports.js';
import type { AccessPointSection, PhysicalBenchFile } from './bench-file.js';

/** In the words of a scenario's `needs`. */
export type Capabilities = ReadonlySet<string>;

const LINK = ['syn', 'ack', 'i2c', 'network'];
const FAULTS_OF_ACCESS_POINT = ['kick', 'silence', 'degrade'] as const;
const withName = (fault: string): string => `accessPoint.${fault}`;

const linkOf = (role: BusRole): readonly string[] => (role === 'target' ? [...LINK, 'i2c.target'] : LINK);

/** The virtual bench has everything. */
export const virtualCapabilities = (role: BusRole): Capabilities =>
  new Set([
    ...linkOf(role),
    'reset',
    'power',
    'power.sag',
    'bus',
    'accessPoint',
    ...FAULTS_OF_ACCESS_POINT.map(withName),
    'console',
    'wires',
    'memory',
  ]);

export function capabilitiesOf(file: PhysicalBenchFile): Capabilities {
  const { accessPoint } = file;
  const sections = ['reset', 'power', 'accessPoint', 'console'] as const;
  return new Set([
    ...linkOf(file.link.role),
    ...sections.filter((name) => file[name] !== undefined),
    ...(file.reset?.straps === undefined ? [] : ['bus']),
    ...(canSag(file) ? ['power.sag'] : []),
    ...(accessPoint === undefined
      ? []
      : FAULTS_OF_ACCESS_POINT.filter((fault) => can(accessPoint, fault)).map(withName)),
  ]);
}

/** Only the bench file's own command can starve a device: a relay or a hub knows on and off. */
const canSag = ({ power }: PhysicalBenchFile): boolean =>
  power?.driver === 'command' && power.sag !== undefined;

/** A driver of commands can what the bench file has a command for, and has none to degrade a network. */
const can = (section: AccessPointSection, fault: (typeof FAULTS_OF_ACCESS_POINT)[number]): boolean =>
  section.driver === 'hostapd' || (fault !== 'degrade' && section[fault] !== undefined);
