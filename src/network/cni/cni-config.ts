// The CNI configuration of a node: one veth pair for each pod, routed, with addresses from the node's own range.
// Masquerading and host ports are the proxy's rules, not plugins' (they would cost time on every pod start).

import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface CniOptions {
  /** Where the runtime looks for configurations. */
  readonly confDir: string;
  /** Where host-local remembers which addresses are taken; must outlive restarts. */
  readonly stateDir: string;
  /** `10.244.0.0/24` */
  readonly podCidr: string;
  readonly mtu: number;
}

/**
 * The configuration list. `ptp` gives every pod a link of its own, so that all its traffic passes the node's rules;
 * `bandwidth` holds those pods back whose annotations kubernetes.io/ingress-bandwidth and egress-bandwidth say so.
 */
export function cniConfig({ stateDir, podCidr, mtu }: CniOptions): object {
  return {
    cniVersion: '0.4.0',
    name: 'typernetes',
    plugins: [
      {
        type: 'ptp',
        ipMasq: false,
        mtu,
        ipam: {
          type: 'host-local',
          dataDir: stateDir,
          ranges: [[{ subnet: podCidr }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
      { type: 'bandwidth', capabilities: { bandwidth: true } },
    ],
  };
}

/** Writes the configuration so that the runtime never reads half of it. */
export async function writeCniConfig(options: CniOptions): Promise<void> {
  await mkdir(options.confDir, { recursive: true, mode: 0o755 });
  await mkdir(options.stateDir, { recursive: true, mode: 0o755 });
  const path = join(options.confDir, '10-typernetes.conflist');
  await writeFile(`${path}.tmp`, `${JSON.stringify(cniConfig(options), null, 2)}\n`, { mode: 0o644 });
  await rename(`${path}.tmp`, path);
}
