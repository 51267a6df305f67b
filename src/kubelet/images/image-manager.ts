// Images on this node: whether one has to be pulled, pulling it once for all who wait, and backing off from failures.
// Upstream: pkg/kubelet/images/image_manager.go.

import type { Container } from '../../api/core/container.ts';
import { parseImageReference } from '../../api/core/image-reference.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { Secret } from '../../api/core/secret.ts';
import type { ImageVolumeSource } from '../../api/core/volume.ts';
import { type BackoffOptions, backoffDelayMs } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/message-of.ts';
import type { Slots } from '../../base/slots.ts';
import type { Cri } from '../../cri/cri.ts';
import type { AuthConfig, Image } from '../../cri/image-messages.ts';
import { ContainerStartError, type EventType, type PodEvents } from '../pod-parts.ts';
import type { CredentialProviders } from './credential-providers.ts';
import { type Credential, credentialsFor, secretCredentials } from './pull-credentials.ts';
import { type PullError, pullError } from './pull-error.ts';
import type { PullRecords } from './pull-records.ts';

const PULL_BACKOFF: BackoffOptions = { baseMs: 10_000, maxMs: 300_000 };

export interface ImageManagerDeps {
  readonly cri: Pick<Cri, 'imageStatus' | 'pullImage'>;
  readonly clock: Clock;
  readonly events: PodEvents;
  readonly secret: (namespace: string, name: string) => Promise<Secret | undefined>;
  readonly providers: Pick<CredentialProviders, 'credentials' | 'forget'>;
  readonly records: Pick<PullRecords, 'mustPull' | 'begin' | 'succeeded' | 'failed' | 'prune'>;
  /** How many images are pulled at once. */
  readonly slots: Slots;
}

interface Failure extends PullError {
  readonly count: number;
  readonly notBefore: number;
}

/** What a pod asks for, with what its events are to say. */
interface Wish {
  readonly pod: Pod;
  readonly name: string;
  readonly policy: string;
  tell(type: EventType, reason: string, message: string): void;
}

interface Pulled {
  readonly image: Image;
  /** Without the wait for a slot. */
  readonly tookMs: number;
}

export class ImageManager {
  readonly #deps: ImageManagerDeps;
  /** By image and credentials. */
  readonly #pulling = new Map<string, Promise<Pulled>>();
  /** By pod uid, then by image: a new pod does not wait for what former ones failed with. */
  readonly #failures = new Map<string, Map<string, Failure>>();

  constructor(deps: ImageManagerDeps) {
    this.#deps = deps;
  }

  /** The image of the container, pulled if its policy asks for that. Throws ContainerStartError. */
  async ensure(pod: Pod, container: Container, signal: AbortSignal): Promise<Image> {
    const { image: name = '', imagePullPolicy: policy = 'IfNotPresent' } = container;
    const tell: Wish['tell'] = (...what) => this.#deps.events.container(pod, container.name, ...what);
    return this.#ensure({ pod, name, policy, tell }, signal);
  }

  /** The same for the image of a volume. */
  async ensureVolume(pod: Pod, source: ImageVolumeSource, signal: AbortSignal): Promise<Image> {
    const { reference: name = '', pullPolicy: policy = 'IfNotPresent' } = source;
    return this.#ensure({ pod, name, policy, tell: (...what) => this.#deps.events.pod(pod, ...what) }, signal);
  }

  /** The pod is gone: so is what it failed with. */
  forget(uid: string): void {
    this.#failures.delete(uid);
    this.#deps.providers.forget(uid);
  }

  /** What is written down of pulls before that time of images that are not among these any more is forgotten. */
  prune(ids: ReadonlySet<string>, beforeMs: number): Promise<void> {
    return this.#deps.records.prune(ids, beforeMs);
  }

  async #ensure(wish: Wish, signal: AbortSignal): Promise<Image> {
    const { name, policy } = wish;
    const quoted = JSON.stringify(name);
    if (!parseImageReference(name)) {
      const message = `Failed to apply default image tag ${quoted}: couldn't parse image name ${quoted}: invalid reference format`;
      wish.tell('Warning', 'InspectFailed', message);
      throw startError(wish, 'InvalidImageName', message);
    }
    const present = policy === 'Always' ? undefined : await this.#inspect(wish, signal);
    if (!present && policy === 'Never') throw neverPulled(wish);
    const credentials = onDemand(() => this.#credentials(wish));
    if (present && !(await this.#deps.records.mustPull(name, present.id, credentials))) {
      const message = `Container image ${quoted} already present on machine and can be accessed by the pod`;
      wish.tell('Normal', 'Pulled', message);
      return present;
    }
    if (policy === 'Never') throw neverPulled(wish);
    this.#checkBackoff(wish);
    return this.#pull(wish, await credentials(), signal);
  }

  async #inspect(wish: Wish, signal: AbortSignal): Promise<Image | undefined> {
    try {
      return await this.#find(wish.name, signal);
    } catch (cause) {
      signal.throwIfAborted();
      const why = messageOf(cause);
      const message = `Failed to inspect image ${JSON.stringify(wish.name)}: ${why}`;
      wish.tell('Warning', 'InspectFailed', message);
      throw startError(wish, 'ImageInspectError', message, { cause });
    }
  }

  /** Those of the pod come before the machine's own. */
  async #credentials({ pod, name }: Wish): Promise<readonly Credential[]> {
    const { namespace } = pod.metadata;
    const names = (pod.spec.imagePullSecrets ?? []).flatMap((reference) => (reference.name ? [reference.name] : []));
    const secrets = await Promise.all(names.map((of) => this.#deps.secret(namespace, of)));
    const missing = names.filter((_name, index) => !secrets[index]);
    if (missing.length > 0) {
      const which = `Unable to retrieve some image pull secrets (${missing.join(', ')})`;
      const message = `${which}; attempting to pull the image may not succeed.`;
      this.#deps.events.pod(pod, 'Warning', 'FailedToRetrieveImagePullSecret', message);
    }
    const ofSecrets = secrets.flatMap((secret) => (secret ? secretCredentials(secret) : []));
    return [...credentialsFor(name, ofSecrets), ...(await this.#deps.providers.credentials(pod, name))];
  }

  /** Throws while the pod is not to try again. */
  #checkBackoff(wish: Wish): void {
    const failure = this.#failures.get(wish.pod.metadata.uid)?.get(wish.name);
    const retryAfterMs = failure ? failure.notBefore - this.#deps.clock.now() : 0;
    if (!failure || retryAfterMs <= 0) return;
    const message = `Back-off pulling image ${JSON.stringify(wish.name)}`;
    wish.tell('Normal', 'BackOff', message);
    throw startError(wish, 'ImagePullBackOff', `${message}: ${failure.reason}: ${failure.message}`, { retryAfterMs });
  }

  async #pull(wish: Wish, credentials: readonly Credential[], signal: AbortSignal): Promise<Image> {
    const { clock, records } = this.#deps;
    const { pod, name } = wish;
    const quoted = JSON.stringify(name);
    wish.tell('Normal', 'Pulling', `Pulling image ${quoted}`);
    const startedAt = clock.elapsed();
    await records.begin(name);
    try {
      const { image, tookMs, credential } = await this.#pullWithAny(name, credentials, signal);
      await records.succeeded(name, image.id, credential);
      const [took, inAll] = [tookMs, clock.elapsed() - startedAt].map(formatSeconds);
      this.#failures.get(pod.metadata.uid)?.delete(name);
      const message = `Successfully pulled image ${quoted} in ${took} (${inAll} including waiting). Image size: ${image.size} bytes.`;
      wish.tell('Normal', 'Pulled', message);
      return image;
    } catch (cause) {
      await records.failed(name);
      signal.throwIfAborted();
      const failure = pullError(name, cause);
      const retryAfterMs = this.#countFailure(pod.metadata.uid, name, failure);
      wish.tell('Warning', 'Failed', `Failed to pull image ${quoted}: ${failure.told}`);
      throw startError(wish, failure.reason, failure.message, { cause, retryAfterMs });
    }
  }

  /** With each of the credentials that may serve, or with none where there are none. */
  async #pullWithAny(
    name: string,
    credentials: readonly Credential[],
    signal: AbortSignal,
  ): Promise<Pulled & { readonly credential: Credential | undefined }> {
    const errors: unknown[] = [];
    for (const credential of credentials.length > 0 ? credentials : [undefined]) {
      try {
        return { ...(await this.#pullOnce(name, credential?.auth, signal)), credential };
      } catch (error) {
        signal.throwIfAborted();
        errors.push(error);
      }
    }
    throw new AggregateError(errors, 'no credential would do');
  }

  /** Whoever wants the image while it is being pulled waits for that pull, which goes on even if one of them leaves. */
  #pullOnce(name: string, auth: AuthConfig | undefined, signal: AbortSignal): Promise<Pulled> {
    const key = JSON.stringify([name, auth]);
    let pull = this.#pulling.get(key);
    if (!pull) {
      pull = this.#deps.slots.run(() => this.#pullNow(name, auth)).finally(() => this.#pulling.delete(key));
      this.#pulling.set(key, pull);
      pull.catch(() => {}); // Those who wait hear of it; nobody may be left.
    }
    return abortable(pull, signal);
  }

  async #pullNow(name: string, auth: AuthConfig | undefined): Promise<Pulled> {
    const { cri, clock } = this.#deps;
    const startedAt = clock.elapsed();
    const image = { image: name, userSpecifiedImage: name };
    const { imageRef } = await cri.pullImage({ image, auth });
    const found = (await this.#find(imageRef)) ?? (await this.#find(name));
    if (!found) throw new Error(`image ${name} was pulled, but the runtime does not have it`);
    return { image: found, tookMs: clock.elapsed() - startedAt };
  }

  async #find(name: string, signal?: AbortSignal): Promise<Image | undefined> {
    return (await this.#deps.cri.imageStatus({ image: { image: name } }, { signal })).image;
  }

  /** How long to wait for the next pull. */
  #countFailure(uid: string, name: string, failure: PullError): number {
    const ofPod = this.#failures.get(uid) ?? new Map<string, Failure>();
    const count = (ofPod.get(name)?.count ?? 0) + 1;
    const delayMs = backoffDelayMs(count, PULL_BACKOFF);
    this.#failures.set(uid, ofPod.set(name, { ...failure, count, notBefore: this.#deps.clock.now() + delayMs }));
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

function neverPulled(wish: Wish): ContainerStartError {
  const message = `Container image ${JSON.stringify(wish.name)} is not present with pull policy of Never`;
  wish.tell('Warning', 'ErrImageNeverPull', message);
  return startError(wish, 'ErrImageNeverPull', message);
}

/** Asked for once, and only if anybody wants to know. */
function onDemand<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined;
  return () => {
    asked ??= ask();
    return asked;
  };
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
