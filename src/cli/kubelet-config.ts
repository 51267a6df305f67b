// What is set of the node agents on the command line: a file with upstream's KubeletConfiguration, and the programs that
// have credentials for registries.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CredentialProviderFiles } from '../cluster/cluster-config.ts';
import { readCredentialProviders } from '../kubelet/images/credential-provider-config.ts';
import {
  type KubeletConfiguration,
  readKubeletConfiguration,
  SettingsError,
} from '../kubelet/settings/kubelet-configuration.ts';
import { UsageError } from './command.ts';

export const KUBELET_OPTIONS = {
  'kubelet-config': {
    type: 'string',
    value: 'FILE',
    help: 'settings of the node agents: a KubeletConfiguration in YAML (kubelet.config.k8s.io/v1beta1)',
  },
  'image-credential-provider-config': {
    type: 'string',
    value: 'FILE',
    help: 'programs that have credentials for registries: a CredentialProviderConfig (kubelet.config.k8s.io/v1)',
  },
  'image-credential-provider-bin-dir': { type: 'string', value: 'DIR', help: 'where these programs are' },
} as const;

export function kubeletConfigFrom(path: string | undefined): KubeletConfiguration | undefined {
  if (path === undefined) return undefined;
  try {
    return readKubeletConfiguration(readFileSync(path, 'utf8'));
  } catch (cause) {
    const isKnown = cause instanceof SettingsError || (cause as NodeJS.ErrnoException).code !== undefined;
    if (!isKnown) throw cause;
    throw new UsageError(`--kubelet-config ${path}: ${(cause as Error).message}`);
  }
}

/** Both or neither; the file is read here as well, so that what is wrong with it is said at once. */
export function credentialProvidersFrom(values: {
  readonly 'image-credential-provider-config'?: string | undefined;
  readonly 'image-credential-provider-bin-dir'?: string | undefined;
}): CredentialProviderFiles | undefined {
  const { 'image-credential-provider-config': configFile, 'image-credential-provider-bin-dir': binDir } = values;
  if (configFile === undefined && binDir === undefined) return undefined;
  if (configFile === undefined || binDir === undefined) {
    throw new UsageError('--image-credential-provider-config and --image-credential-provider-bin-dir go together');
  }
  try {
    readCredentialProviders(readFileSync(configFile, 'utf8'));
  } catch (cause) {
    throw new UsageError(`--image-credential-provider-config ${configFile}: ${(cause as Error).message}`);
  }
  return { configFile: resolve(configFile), binDir: resolve(binDir) };
}
