// The load generator as its parent sees it: a process of its own, so that the server's event loop is the server's alone.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type {
  Answer,
  Figures,
  Load,
  Order,
  RequestFigures,
  RequestLoad,
  Target,
  WatchFigures,
  WatchLoad,
} from './load-order.ts';

export interface LoadGenerator extends AsyncDisposable {
  requests(target: Target, load: Omit<RequestLoad, 'type'>): Promise<RequestFigures>;
  /** Resolves once all watches are open; `figures` when they have seen what was asked for. */
  watches(target: Target, load: Omit<WatchLoad, 'type'>): Promise<{ readonly figures: Promise<WatchFigures> }>;
}

export function startLoadGenerator(): LoadGenerator {
  const child = fork(join(import.meta.dirname, 'generator-process.ts'), {
    execArgv: [...process.execArgv, '--max-semi-space-size=2'],
  });
  const orders = new Map<number, { opened(): void; done(figures: Figures): void; failed(error: Error): void }>();
  let lastId = 0;
  child.on('message', (answer: Answer) => {
    const order = orders.get(answer.id);
    if (answer.type === 'open') return order?.opened();
    orders.delete(answer.id);
    if (answer.type === 'done') order?.done(answer.figures);
    else order?.failed(new Error(answer.message));
  });
  child.once('exit', (code) => {
    for (const { failed } of orders.values()) failed(new Error(`the load generator has ended with ${code}`));
  });
  const send = (target: Target, load: Load) => {
    const opened = Promise.withResolvers<void>();
    const figures = new Promise<Figures>((done, failed) => {
      orders.set(++lastId, { opened: opened.resolve, done, failed });
      child.send({ id: lastId, target, load } satisfies Order);
    });
    return { opened: opened.promise, figures };
  };
  return {
    requests: (target, load) => send(target, { ...load, type: 'requests' }).figures as Promise<RequestFigures>,
    async watches(target, load) {
      const { opened, figures } = send(target, { ...load, type: 'watch' });
      await Promise.race([opened, figures]);
      return { figures: figures as Promise<WatchFigures> };
    },
    [Symbol.asyncDispose]: () => end(child),
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.disconnect();
  await ended;
}
