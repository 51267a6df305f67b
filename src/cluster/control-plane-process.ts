// The process of the control plane: the control plane on a store on disk, keeping the cluster's other processes alive.

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import { periodic } from '../base/periodic.ts';
import type { Random } from '../base/random.ts';
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts';
import { ensureClusterCertificates, ensureNodeCertificates } from './certificates.ts';
import { type ClusterConfig, clusterPaths, kubernetesServiceAddress, readClusterConfig } from './cluster-config.ts';
import { CONTROL_PLANE, registerComponent, SIMULATED_NODES } from './component.ts';
import { startControlPlane } from './control-plane.ts';
import { guard } from './guard.ts';
import { guardNodes } from './guard-nodes.ts';
import { hostNodeName } from './host.ts';

export interface ControlPlaneProcessDeps {
  readonly config: ClusterConfig;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

const RENEWAL_CHECK_MS = 86_400_000;

/** Runs the control plane until the signal aborts; resolves when everything has been closed. */
export async function runControlPlane(deps: ControlPlaneProcessDeps, signal: AbortSignal): Promise<void> {
  const { config, clock, log } = deps;
  const paths = clusterPaths(config.dataDir);
  await using stack = new AsyncDisposableStack();
  stack.use(await registerComponent(config.dataDir, CONTROL_PLANE));
  const ensureCertificates = () =>
    ensureClusterCertificates(
      { clock },
      {
        directory: paths.pki,
        clusterDomain: config.clusterDomain,
        serverNames: [hostNodeName()],
        serverAddresses: [config.advertiseAddress, kubernetesServiceAddress(config)],
      },
    );
  const certificates = ensureCertificates();
  mkdirSync(dirname(paths.store), { recursive: true, mode: 0o700 });
  const store = stack.use(await openSqliteStore({ path: paths.store, log: log.with({ component: 'store' }), clock }));
  const controlPlane = stack.use(await startControlPlane({ ...deps, certificates, store }, signal));
  stack.use(
    periodic({ clock, log }, { what: 'the renewal of certificates', everyMs: RENEWAL_CHECK_MS }, async () => {
      const renewed = ensureCertificates();
      controlPlane.renewCertificates(renewed);
      for (const { name, address } of readClusterConfig(config.dataDir)?.nodes ?? []) {
        ensureNodeCertificates({ clock, ca: renewed.ca }, { directory: paths.pki, node: name, addresses: [address] });
      }
    }),
  );
  const guarding = { dataDir: config.dataDir, clock, log, signal };
  await Promise.all([guardNodes(guarding), config.simulatedNodes > 0 ? guard(guarding, SIMULATED_NODES) : undefined]);
}
