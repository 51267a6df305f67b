// A pod that remembers which requests have reached it, for tests of those who make them.

import { askServer, echoServer } from '../../support/node-pods.ts';
import type { Scene } from './conformance-suite.ts';

export interface ReceivedRequest {
  readonly method: string;
  readonly target: string;
  readonly body: string;
}

/** Resolves with its address when it is ready. */
export async function startReceiver({ create, whenReady }: Scene, name: string): Promise<string> {
  await create(name, { containers: [echoServer()] });
  const { status } = await whenReady(name);
  return status.podIP!;
}

/** What it says through the API server's proxy. */
export async function receivedBy({ access, namespace }: Scene, name: string): Promise<readonly ReceivedRequest[]> {
  const { text } = await askServer(access, `/api/v1/namespaces/${namespace}/pods/${name}/proxy/received`);
  return JSON.parse(text) as readonly ReceivedRequest[];
}
