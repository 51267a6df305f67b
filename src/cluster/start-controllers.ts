// The controllers in the control plane's process: each with a client of its own identity, all reading through informers
// that they share.

import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { MetricsRegistry } from '../base/metrics.ts';
import type { Random } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import { createEventRecorder } from '../client/event-recorder.ts';
import { InformerFactory } from '../client/informer-factory.ts';
import {
  type ApiServerEndpointsOptions,
  apiServerEndpoints,
} from '../controllers/apiserver-endpoints/apiserver-endpoints.ts';
import { CONTROLLERS } from '../controllers/catalog.ts';
import { clusterDns } from '../controllers/cluster-dns/cluster-dns.ts';
import { type Controller, startController } from '../controllers/controller.ts';
import type { ControllerConfig, ControllerDeps } from '../controllers/controller-deps.ts';
import { controllerMetrics } from '../controllers/controller-metrics.ts';
import { legacyTokenTracking } from '../controllers/legacy-token-tracking/legacy-token-tracking.ts';
import { systemNamespaces } from '../controllers/system-namespaces/system-namespaces.ts';

export interface StartControllersDeps {
  /** A client with the identity of the service account of that name in kube-system. */
  readonly clientFor: (serviceAccount: string) => Client;
  /** What the informers read with: may list and watch everything. Controllers without an account act with it, too. */
  readonly managerClient: Client;
  /** The API server's own identity, for the objects that are its own. */
  readonly selfClient: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Where the controllers' figures go. */
  readonly metrics: MetricsRegistry;
}

export interface StartControllersOptions extends ControllerConfig {
  readonly apiServer: ApiServerEndpointsOptions;
  /** Whether nodes run DNS servers that the cluster's DNS service leads to. */
  readonly withDns: boolean;
}

/** The service account that publishes cluster DNS, and what its events name as their source. */
const DNS_CONTROLLER = 'cluster-dns-controller';

/** Resolves when all of them are at work. Closing it stops them and then what they read through. */
export async function startControllers(
  { clientFor, managerClient, selfClient, clock, random, log, metrics }: StartControllersDeps,
  options: StartControllersOptions,
  signal: AbortSignal,
): Promise<AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const informers = stack.use(new InformerFactory({ client: managerClient, clock, random, log }));
  const depsOf = (client: Client, name: string): ControllerDeps => ({
    client,
    informers,
    events: stack.use(createEventRecorder({ client, clock, log }, { component: name })),
    clock,
    random,
    log,
    config: options,
  });
  const own = depsOf(selfClient, 'apiserver');
  const controllers: Controller[] = [
    systemNamespaces(own),
    apiServerEndpoints(own, options.apiServer),
    legacyTokenTracking(own),
    ...(options.withDns ? [clusterDns(depsOf(clientFor(DNS_CONTROLLER), DNS_CONTROLLER))] : []),
    ...CONTROLLERS.map(({ serviceAccount, eventSource, create }) =>
      create(depsOf(serviceAccount === undefined ? managerClient : clientFor(serviceAccount), eventSource)),
    ),
  ];
  const observer = controllerMetrics(metrics);
  const started = await Promise.all(
    controllers.map((controller) => startController({ clock, log, observer }, controller, { signal })),
  );
  for (const running of started) stack.use(running);
  return stack.move();
}
