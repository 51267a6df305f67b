// Everything that a watch tells while a test runs, for tests of what happened in between.

import type { Kind, ObjectOf } from '../../../src/api/kind.ts';
import type { Client, WatchOptions } from '../../../src/client/client.ts';
import type { WatchEventOf } from '../../../src/client/transport.ts';
import { type UntilOptions, until } from '../../support/node-pods.ts';

type EventOf<K extends Kind> = WatchEventOf<ObjectOf<K>>;

export interface EventLog<K extends Kind> extends AsyncDisposable {
  /** In the order in which they came. */
  readonly events: readonly EventOf<K>[];
  /** The first that holds, of those that have come and those that are to come. */
  when(what: string, holds: (event: EventOf<K>) => boolean | undefined, options?: UntilOptions): Promise<EventOf<K>>;
}

/** Begins a watch, which lasts until the log is disposed of. */
export function recordEvents<K extends Kind>(client: Client, kind: K, options: WatchOptions): EventLog<K> {
  const left = new AbortController();
  const events: EventOf<K>[] = [];
  let failure: unknown;
  const record = async () => {
    for await (const batch of client.watch(kind, { ...options, signal: left.signal })) events.push(...batch);
    throw new Error(`the server has ended the watch of ${kind.plural}`);
  };
  const recording = record().catch((error) => {
    failure = error;
  });
  return {
    events,
    when: (what, holds, untilOptions) =>
      until(
        what,
        async () => {
          const found = events.find(holds);
          if (!found && failure !== undefined) throw failure;
          return found;
        },
        untilOptions,
      ),
    async [Symbol.asyncDispose]() {
      left.abort(new Error('the test has seen enough'));
      await recording;
    },
  };
}
