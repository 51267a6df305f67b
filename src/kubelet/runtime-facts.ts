// What the node's status says of the container runtime.

import type { Cri } from '../cri/cri.ts';
import { abilitiesOf, type NodeAbilities } from './node-abilities.ts';
import type { NodeFacts } from './node-status.ts';

/** A runtime that does not answer in time counts as down: the node's own heartbeat must not wait for it. */
const TIMEOUT_MS = 5_000;

export async function readRuntime(
  cri: Pick<Cri, 'version' | 'status' | 'listImages'>,
  signal: AbortSignal,
): Promise<NodeFacts['runtime'] & { readonly abilities?: NodeAbilities }> {
  const options = { signal, timeoutMs: TIMEOUT_MS };
  try {
    const [version, answer, { images }] = await Promise.all([
      cri.version({}, options),
      cri.status({}, options),
      cri.listImages({}, options),
    ]);
    const { status, features } = answer;
    const problems = (status?.conditions ?? [])
      .filter((condition) => !condition.status)
      .map(({ type, reason, message }) => {
        const what = type === 'NetworkReady' ? 'container runtime network' : 'container runtime';
        return `${what} not ready: ${type}=false reason:${reason} message:${message}`;
      });
    return {
      version: `${version.runtimeName}://${version.runtimeVersion.replace(/^v/, '')}`,
      problems,
      images,
      features,
      abilities: await abilitiesOf(answer),
    };
  } catch {
    signal.throwIfAborted();
    return { version: undefined, problems: [], images: [] };
  }
}
