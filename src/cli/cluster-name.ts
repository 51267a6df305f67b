// Which cluster a command is about: by name, or by data directory.

import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { CLUSTER_DEFAULTS, type ClusterConfig, readClusterConfig } from '../cluster/cluster-config.ts';
import { UsageError } from './command.ts';

export const CLUSTER_OPTIONS = {
  name: { type: 'string', value: 'NAME', help: `the cluster's name (default: ${CLUSTER_DEFAULTS.name})` },
  'data-dir': {
    type: 'string',
    value: 'DIR',
    help: 'where its files are (default: /var/lib/t8s/NAME as root, ~/.local/share/t8s/NAME otherwise)',
  },
} as const;

export interface ClusterSelection {
  readonly name?: string;
  readonly 'data-dir'?: string;
}

/** The name and the data directory that the options mean. Throws UsageError for a name that cannot be one. */
export function selectCluster(values: ClusterSelection): { readonly name: string; readonly dataDir: string } {
  const name = values.name ?? CLUSTER_DEFAULTS.name;
  if (!/^[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?$/.test(name)) {
    throw new UsageError(`--name takes up to 32 lower-case letters, digits and dashes, not ${JSON.stringify(name)}`);
  }
  const base = process.getuid?.() === 0 ? '/var/lib/t8s' : join(homedir(), '.local/share/t8s');
  return { name, dataDir: resolve(values['data-dir'] ?? join(base, name)) };
}

/** The configuration of a cluster that has been made. Throws when there is none. */
export function existingCluster(values: ClusterSelection): ClusterConfig {
  const { name, dataDir } = selectCluster(values);
  const config = readClusterConfig(dataDir);
  if (!config) throw new Error(`there is no cluster ${JSON.stringify(name)} in ${dataDir}; t8s up makes one`);
  return config;
}
