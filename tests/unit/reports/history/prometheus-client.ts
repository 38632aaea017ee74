/**
 * Prometheus' own client library for Python reads what we write (Debian: python3-prometheus-client). Where it is missing,
 * tests that need it are skipped, or fail where CI wants them.
 */
import { spawnSync } from 'node:child_process';

const pythons = [process.env.RIG_PYTHON, '/usr/bin/python3', 'python3'];

/** OpenMetrics, and the text format 0.0.4 of which the textfile collector is a reader. */
export type Format = 'openmetrics' | 'text';

const modules: Readonly<Record<Format, string>> = {
  openmetrics: 'prometheus_client.openmetrics.parser',
  text: 'prometheus_client.parser',
};

export interface ParsedFamily {
  readonly name: string;
  readonly type: string;
  readonly unit: string;
  readonly help: string;
  readonly samples: readonly (readonly [
    name: string,
    labels: Readonly<Record<string, string>>,
    value: number,
  ])[];
}

/** A Python that has the client, or undefined. Throws where `RIG_NEEDS_PROMETHEUS` is set and there is none. */
export function findPrometheusClient(): string | undefined {
  const found = pythons.find(
    (python) =>
      python !== undefined && spawnSync(python, ['-c', `import ${modules.openmetrics}`]).status === 0,
  );
  if (found === undefined && process.env.RIG_NEEDS_PROMETHEUS !== undefined) {
    throw new Error(
      'RIG_NEEDS_PROMETHEUS is set, and no Python has prometheus_client: apt-get install python3-prometheus-client',
    );
  }
  return found;
}

/** What the client makes of `text`. Throws with its complaint when it refuses it. */
export function parseWithClient(python: string, format: Format, text: string): ParsedFamily[] {
  const program = `
import json, sys
from ${modules[format]} import text_string_to_metric_families as parse
families = parse(sys.stdin.buffer.read().decode('utf-8'))
print(json.dumps([
    {'name': f.name, 'type': f.type, 'unit': f.unit, 'help': f.documentation,
     'samples': [[s.name, s.labels, s.value] for s in f.samples]}
    for f in families]))
`;
  const { status, stdout, stderr } = spawnSync(python, ['-c', program], { input: text, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the client refuses it: ${stderr.trim().split('\n').at(-1)}`);
  return JSON.parse(stdout);
}
