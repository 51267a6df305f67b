// How --kubelet-config is read: a file with upstream's KubeletConfiguration.

import { readFileSync } from 'node:fs';
import {
  type KubeletConfiguration,
  readKubeletConfiguration,
  SettingsError,
} from '../kubelet/settings/kubelet-configuration.ts';
import { UsageError } from './command.ts';

export const KUBELET_CONFIG_OPTION = {
  'kubelet-config': {
    type: 'string',
    value: 'FILE',
    help: 'settings of the node agents: a KubeletConfiguration in YAML (kubelet.config.k8s.io/v1beta1)',
  },
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
