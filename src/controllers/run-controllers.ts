// Runs the controllers of the catalog: each with its own client and events, all on shared informers.

import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import { createEventRecorder } from '../client/event-recorder.ts';
import { InformerFactory } from '../client/informer-factory.ts';
import { CONTROLLERS, type ControllerEntry } from './catalog.ts';
import { type ControllerObserver, type RunningController, startController } from './controller.ts';
import type { ControllerConfig } from './controller-deps.ts';

export interface RunControllersDeps {
  /** A client with the identity of the service account in kube-system. Closed with the controllers. */
  clientFor(serviceAccount: string): Client;
  /** Reads for all of them: `system:kube-controller-manager` may list and watch every kind. Not closed. */
  readonly informerClient: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly observer?: ControllerObserver;
}

export interface RunningControllers extends AsyncDisposable {
  readonly controllers: readonly RunningController[];
  readonly informers: InformerFactory;
  /** Resolves as soon as nothing is in line or being worked on in any of them. */
  idle(): Promise<void>;
}

/** Resolves when all are at work; rejects with the signal's reason. */
export async function startControllers(
  deps: RunControllersDeps,
  config: ControllerConfig,
  {
    signal,
    entries = CONTROLLERS,
  }: { readonly signal?: AbortSignal; readonly entries?: readonly ControllerEntry[] } = {},
): Promise<RunningControllers> {
  const { clock, random, log } = deps;
  await using stack = new AsyncDisposableStack();
  const informers = stack.use(new InformerFactory({ client: deps.informerClient, clock, random, log }));
  const clients = new Map<string, Client>();
  const clientOf = (serviceAccount: string): Client => {
    const client = clients.get(serviceAccount) ?? stack.use(deps.clientFor(serviceAccount));
    clients.set(serviceAccount, client);
    return client;
  };
  const built = entries.map(({ serviceAccount, eventSource, create }) => {
    const client = clientOf(serviceAccount);
    const events = stack.use(createEventRecorder({ client, clock, log }, { component: eventSource }));
    return create({ client, informers, events, clock, random, log, config });
  });
  const running = await Promise.all(
    built.map(async (controller) => {
      const options = signal ? { signal } : {};
      const observer = deps.observer ? { observer: deps.observer } : {};
      return stack.use(await startController({ clock, log, ...observer }, controller, options));
    }),
  );
  const owned = stack.move();
  return {
    controllers: running,
    informers,
    async idle() {
      await Promise.all(running.map((controller) => controller.idle()));
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
