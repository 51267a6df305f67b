// Images on this node: whether one has to be pulled, pulling it once for all who wait, and backing off from failures.
// Upstream: pkg/kubelet/images/image_manager.go.

import type { Container } from '../api/core/container.ts';
import { parseImageReference } from '../api/core/image-reference.ts';
import type { Pod } from '../api/core/pod.ts';
import type { Secret } from '../api/core/secret.ts';
import type { ImageVolumeSource } from '../api/core/volume.ts';
import { type BackoffOptions, backoffDelayMs } from '../base/backoff.ts';
import type { Clock } from '../base/clock.ts';
import type { Cri } from '../cri/cri.ts';
import type { AuthConfig, Image } from '../cri/image-messages.ts';
import { ContainerStartError, type EventType, type PodEvents } from './pod-parts.ts';
import { credentialsFor } from './pull-secrets.ts';

const PULL_BACKOFF: BackoffOptions = { baseMs: 10_000, maxMs: 300_000 };

export interface ImageManagerDeps {
  readonly cri: Pick<Cri, 'imageStatus' | 'pullImage'>;
  readonly clock: Clock;
  readonly events: PodEvents;
  readonly secret: (namespace: string, name: string) => Promise<Secret | undefined>;
}

interface Failure {
  readonly count: number;
  readonly notBefore: number;
  readonly message: string;
}

/** What a pod asks for, with what its events are to say. */
interface Wish {
  readonly pod: Pod;
  readonly name: string;
  readonly policy: string;
  tell(type: EventType, reason: string, message: string): void;
}

export class ImageManager {
  readonly #deps: ImageManagerDeps;
  /** By image and credentials. */
  readonly #pulling = new Map<string, Promise<Image>>();
  /** By pod uid, then by image: a new pod does not wait for what former ones failed with. */
  readonly #failures = new Map<string, Map<string, Failure>>();

  constructor(deps: ImageManagerDeps) {
    this.#deps = deps;
  }

  /** The image of the container, pulled if its policy asks for that. Throws ContainerStartError. */
  async ensure(pod: Pod, container: Container, signal: AbortSignal): Promise<Image> {
    return this.#ensure(
      {
        pod,
        name: container.image ?? '',
        policy: container.imagePullPolicy ?? 'IfNotPresent',
        tell: (type, reason, message) => this.#deps.events.container(pod, container.name, type, reason, message),
      },
      signal,
    );
  }

  /** The same for the image of a volume. */
  async ensureVolume(pod: Pod, { reference = '', pullPolicy }: ImageVolumeSource, signal: AbortSignal): Promise<Image> {
    const tell: Wish['tell'] = (type, reason, message) => this.#deps.events.pod(pod, type, reason, message);
    return this.#ensure({ pod, name: reference, policy: pullPolicy ?? 'IfNotPresent', tell }, signal);
  }

  /** The pod is gone: so is what it failed with. */
  forget(uid: string): void {
    this.#failures.delete(uid);
  }

  async #ensure(wish: Wish, signal: AbortSignal): Promise<Image> {
    const { name, policy } = wish;
    const quoted = JSON.stringify(name);
    if (!parseImageReference(name)) {
      const message = `Failed to apply default image tag ${quoted}: couldn't parse image name ${quoted}: invalid reference format`;
      wish.tell('Warning', 'InspectFailed', message);
      throw startError(wish, 'InvalidImageName', message);
    }
    const present = await this.#find(name, signal);
    if (policy === 'Never' && !present) {
      const message = `Container image ${quoted} is not present with pull policy of Never`;
      wish.tell('Warning', 'ErrImageNeverPull', message);
      throw startError(wish, 'ErrImageNeverPull', message);
    }
    if (!present || policy === 'Always') return this.#pull(wish, signal);
    wish.tell(
      'Normal',
      'Pulled',
      `Container image ${quoted} already present on machine and can be accessed by the pod`,
    );
    return present;
  }

  async #pull(wish: Wish, signal: AbortSignal): Promise<Image> {
    const { clock } = this.#deps;
    const { pod, name } = wish;
    const quoted = JSON.stringify(name);
    const failure = this.#failures.get(pod.metadata.uid)?.get(name);
    if (failure && clock.now() < failure.notBefore) {
      const message = `Back-off pulling image ${quoted}`;
      wish.tell('Normal', 'BackOff', message);
      const retryAfterMs = failure.notBefore - clock.now();
      throw startError(wish, 'ImagePullBackOff', `${message}: ErrImagePull: ${failure.message}`, { retryAfterMs });
    }
    wish.tell('Normal', 'Pulling', `Pulling image ${quoted}`);
    const startedAt = clock.elapsed();
    try {
      const image = await this.#pullWithAny(wish, signal);
      const took = formatSeconds(clock.elapsed() - startedAt);
      this.#failures.get(pod.metadata.uid)?.delete(name);
      const message = `Successfully pulled image ${quoted} in ${took} (${took} including waiting). Image size: ${image.size} bytes.`;
      wish.tell('Normal', 'Pulled', message);
      return image;
    } catch (cause) {
      signal.throwIfAborted();
      const message = cause instanceof Error ? cause.message : String(cause);
      const retryAfterMs = this.#countFailure(pod.metadata.uid, name, message);
      wish.tell('Warning', 'Failed', `Failed to pull image ${quoted}: ${message}`);
      throw startError(wish, 'ErrImagePull', message, { cause, retryAfterMs });
    }
  }

  /** With each of the credentials that may serve, or with none where there are none. */
  async #pullWithAny({ pod, name }: Wish, signal: AbortSignal): Promise<Image> {
    const credentials = credentialsFor(name, await this.#secretsOf(pod));
    let last: unknown;
    for (const auth of credentials.length > 0 ? credentials : [undefined]) {
      try {
        return await this.#pullOnce(name, auth, signal);
      } catch (error) {
        signal.throwIfAborted();
        last = error;
      }
    }
    throw last;
  }

  async #secretsOf({ metadata: { namespace }, spec }: Pod): Promise<readonly Secret[]> {
    const names = (spec.imagePullSecrets ?? []).flatMap(({ name }) => (name ? [name] : []));
    const secrets = await Promise.all(names.map((name) => this.#deps.secret(namespace, name)));
    return secrets.filter((secret) => secret !== undefined);
  }

  /** Whoever wants the image while it is being pulled waits for that pull, which goes on even if one of them leaves. */
  #pullOnce(name: string, auth: AuthConfig | undefined, signal: AbortSignal): Promise<Image> {
    const key = JSON.stringify([name, auth]);
    let pull = this.#pulling.get(key);
    if (!pull) {
      pull = this.#pullNow(name, auth).finally(() => this.#pulling.delete(key));
      this.#pulling.set(key, pull);
      pull.catch(() => {}); // Those who wait hear of it; nobody may be left.
    }
    return abortable(pull, signal);
  }

  async #pullNow(name: string, auth: AuthConfig | undefined): Promise<Image> {
    const image = { image: name, userSpecifiedImage: name };
    const { imageRef } = await this.#deps.cri.pullImage({ image, auth });
    const found = (await this.#find(imageRef)) ?? (await this.#find(name));
    if (!found) throw new Error(`image ${name} was pulled, but the runtime does not have it`);
    return found;
  }

  async #find(name: string, signal?: AbortSignal): Promise<Image | undefined> {
    return (await this.#deps.cri.imageStatus({ image: { image: name } }, { signal })).image;
  }

  /** How long to wait for the next pull. */
  #countFailure(uid: string, name: string, message: string): number {
    const ofPod = this.#failures.get(uid) ?? new Map<string, Failure>();
    const count = (ofPod.get(name)?.count ?? 0) + 1;
    const delayMs = backoffDelayMs(count, PULL_BACKOFF);
    this.#failures.set(uid, ofPod.set(name, { count, notBefore: this.#deps.clock.now() + delayMs, message }));
    return delayMs;
  }
}

/** Tells, after what went wrong, what the container's status says of it. */
function startError(
  wish: Wish,
  reason: string,
  message: string,
  options?: { readonly cause?: unknown; readonly retryAfterMs?: number },
): ContainerStartError {
  wish.tell('Warning', 'Failed', `Error: ${reason}`);
  return new ContainerStartError(reason, message, options);
}

function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function formatSeconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)}ms` : `${(ms / 1000).toFixed(3).replace(/0+$/, '').replace(/\.$/, '')}s`;
}
