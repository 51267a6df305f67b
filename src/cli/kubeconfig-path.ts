// Where a user's kubeconfig is.

import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

/** The first file that $KUBECONFIG names, else ~/.kube/config: where kubectl would write. */
export function defaultKubeconfigPath(): string {
  const first = process.env['KUBECONFIG']?.split(delimiter).find((path) => path !== '');
  return resolve(first ?? join(homedir(), '.kube/config'));
}
