// Clusters with real nodes one at a time: the first node lives in the machine's own network, where the ports of its agent,
// its DNS server and its proxy are fixed. Test files run in processes side by side, so these wait for one another here.

import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** A name in Linux' abstract namespace: it leaves no file, and goes with the process however that ends. */
const NAME = '\0t8s-test-whole-machine';

let ours: Promise<void> | undefined;

/**
 * Resolves when this process alone may have a cluster with real nodes, which holds until it ends. To be awaited before the
 * suite begins, whose time limit is not meant for the others.
 */
export function wholeMachine(): Promise<void> {
  ours ??= take();
  return ours;
}

async function take(): Promise<void> {
  while (!(await taken())) await released();
}

/** Whether the name is ours now. */
async function taken(): Promise<boolean> {
  const server = createServer((waiting) => waiting.unref()).unref();
  server.listen(NAME);
  try {
    await once(server, 'listening');
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw error;
  }
}

/** Until the one that has the name is gone: a connection to it closes then, or is refused when it just went. */
async function released(): Promise<void> {
  const socket = connect(NAME);
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('close', resolve));
}
