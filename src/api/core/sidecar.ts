// Init containers that stay: sidecars start in the order of init containers and then run, and are restarted, beside the
// others. Upstream: KEP-753.

import type { Container } from './container.ts';

/** For init containers; a `restartPolicy` on others means something else. */
export function isSidecar(initContainer: Pick<Container, 'restartPolicy'>): boolean {
  return initContainer.restartPolicy === 'Always';
}
