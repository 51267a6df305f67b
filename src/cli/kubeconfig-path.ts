// Where a user's kubeconfig is.

import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { kubeconfigPaths } from '../client/kubeconfig.ts';

/** The first file that $KUBECONFIG names, else ~/.kube/config: where kubectl would write. */
export function defaultKubeconfigPath(): string {
  const [first = ''] = kubeconfigPaths({ KUBECONFIG: process.env['KUBECONFIG'], HOME: homedir() });
  return resolve(first);
}
