// The service account tokens that pods on this node are given: asked for once, kept while they are good, renewed in time.
// Upstream: pkg/kubelet/token.

import type { TokenRequest } from '../api/authentication/token-request.ts';
import type { Pod } from '../api/core/pod.ts';
import { ServiceAccount } from '../api/core/service-account.ts';
import type { Read } from '../api/schema.ts';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Client } from '../client/client.ts';

interface Token {
  readonly text: string;
  readonly expiresAt: number;
  readonly renewAt: number;
}

/** A token is renewed at 80 % of its life, or after a day if that comes first. */
const RENEW_SHARE = 0.8;
const MAX_AGE_MS = 86_400_000;
const JITTER_MS = 10_000;

export class TokenManager {
  readonly #deps: { readonly client: Client; readonly clock: Clock; readonly random: Random };
  /** By pod uid, then by audience and lifetime. */
  readonly #tokens = new Map<string, Map<string, Token>>();

  constructor(deps: { readonly client: Client; readonly clock: Clock; readonly random: Random }) {
    this.#deps = deps;
  }

  /** A token of the pod's service account that is bound to the pod. One that cannot be renewed is used to its end. */
  async token(pod: Pod, audience: string, expirationSeconds: number): Promise<string> {
    const key = `${audience}/${expirationSeconds}`;
    const known = this.#tokens.get(pod.metadata.uid)?.get(key);
    const now = this.#deps.clock.now();
    if (known && now < known.renewAt) return known.text;
    try {
      const token = await this.#request(pod, audience, expirationSeconds);
      const ofPod = this.#tokens.get(pod.metadata.uid) ?? new Map<string, Token>();
      this.#tokens.set(pod.metadata.uid, ofPod.set(key, token));
      return token.text;
    } catch (error) {
      if (known && now < known.expiresAt) return known.text;
      throw error;
    }
  }

  /** When the first of the pod's tokens wants to be renewed, in milliseconds since the epoch. */
  renewalOf(uid: string): number | undefined {
    const times = [...(this.#tokens.get(uid)?.values() ?? [])].map(({ renewAt }) => renewAt);
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  forget(uid: string): void {
    this.#tokens.delete(uid);
  }

  async #request(pod: Pod, audience: string, expirationSeconds: number): Promise<Token> {
    const { client, clock, random } = this.#deps;
    const { name, namespace, uid } = pod.metadata;
    const ref = { namespace, name: pod.spec.serviceAccountName ?? 'default' };
    const answer = (await client.act(ServiceAccount, ref, 'token', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {
        audiences: audience === '' ? [] : [audience],
        expirationSeconds,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
      },
    })) as Read<typeof TokenRequest>;
    const now = clock.now();
    const expiresAt = Date.parse(answer.status.expirationTimestamp ?? '');
    const lifeMs = expiresAt - now;
    const renewAt = now + Math.min(lifeMs * RENEW_SHARE, MAX_AGE_MS) - random.next() * Math.min(JITTER_MS, lifeMs / 10);
    return { text: answer.status.token, expiresAt, renewAt };
  }
}
