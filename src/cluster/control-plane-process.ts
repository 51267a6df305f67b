// The process of the control plane: the control plane on a store on disk, keeping the cluster's other processes alive.

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { aborted } from '../base/aborted.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import { periodic } from '../base/periodic.ts';
import type { Random } from '../base/random.ts';
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts';
import { ensureClusterCertificates, ensureNodeCertificates } from './certificates.ts';
import { type ClusterConfig, clusterPaths, kubernetesServiceAddress } from './cluster-config.ts';
import { CONTROL_PLANE, nodeComponent, registerComponent, SIMULATED_NODES } from './component.ts';
import { startControlPlane } from './control-plane.ts';
import { guard } from './guard.ts';
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
      for (const { name, address } of config.nodes) {
        ensureNodeCertificates({ clock, ca: renewed.ca }, { directory: paths.pki, node: name, addresses: [address] });
      }
    }),
  );
  const guarded = [
    ...config.nodes.map(({ name }) => nodeComponent(name)),
    ...(config.simulatedNodes > 0 ? [SIMULATED_NODES] : []),
  ];
  await Promise.all(guarded.map((name) => guard({ dataDir: config.dataDir, clock, log, signal }, name)));
  await aborted(signal);
}
