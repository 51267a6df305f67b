// Images on this node: whether one has to be pulled, pulling it once for all who wait, and backing off from failures.
// Upstream: pkg/kubelet/images/image_manager.go.

import type { Container } from '../api/core/container.ts';
import type { Pod } from '../api/core/pod.ts';
import { type BackoffOptions, backoffDelayMs } from '../base/backoff.ts';
import type { Clock } from '../base/clock.ts';
import type { Cri } from '../cri/cri.ts';
import type { Image } from '../cri/image-messages.ts';
import { ContainerStartError, type PodEvents } from './pod-worker.ts';

const PULL_BACKOFF: BackoffOptions = { baseMs: 10_000, maxMs: 300_000 };
/** Images whose pull has failed lately; the oldest are forgotten. */
const MAX_FAILURES = 1_000;

export interface ImageManagerDeps {
  readonly cri: Cri;
  readonly clock: Clock;
  readonly events: PodEvents;
}

export class ImageManager {
  readonly #deps: ImageManagerDeps;
  readonly #pulling = new Map<string, Promise<Image>>();
  readonly #failures = new Map<string, { readonly count: number; readonly notBefore: number }>();

  constructor(deps: ImageManagerDeps) {
    this.#deps = deps;
  }

  /** The image of the container, pulled if its policy asks for that. Throws ContainerStartError. */
  async ensure(pod: Pod, container: Container, signal: AbortSignal): Promise<Image> {
    const { events } = this.#deps;
    const name = container.image ?? '';
    const present = await this.#find(name, signal);
    const policy = container.imagePullPolicy ?? 'IfNotPresent';
    if (policy === 'Never' && !present) {
      const message = `Container image ${JSON.stringify(name)} is not present with pull policy of Never`;
      events.container(pod, container.name, 'Warning', 'ErrImageNeverPull', message);
      throw new ContainerStartError('ErrImageNeverPull', message);
    }
    if (present && policy !== 'Always') {
      events.container(
        pod,
        container.name,
        'Normal',
        'Pulled',
        `Container image ${JSON.stringify(name)} already present on machine and can be accessed by the pod`,
      );
      return present;
    }
    return this.#pull(pod, container, name, signal);
  }

  async #pull(pod: Pod, container: Container, name: string, signal: AbortSignal): Promise<Image> {
    const { clock, events } = this.#deps;
    const failed = this.#failures.get(name);
    if (failed && clock.now() < failed.notBefore) {
      const message = `Back-off pulling image ${JSON.stringify(name)}`;
      events.container(pod, container.name, 'Normal', 'BackOff', message);
      throw new ContainerStartError('ImagePullBackOff', message);
    }
    events.container(pod, container.name, 'Normal', 'Pulling', `Pulling image ${JSON.stringify(name)}`);
    const startedAt = clock.elapsed();
    try {
      const image = await this.#pullOnce(name, signal);
      const took = formatSeconds(clock.elapsed() - startedAt);
      this.#failures.delete(name);
      events.container(
        pod,
        container.name,
        'Normal',
        'Pulled',
        `Successfully pulled image ${JSON.stringify(name)} in ${took} (${took} including waiting). Image size: ${image.size} bytes.`,
      );
      return image;
    } catch (cause) {
      signal.throwIfAborted();
      this.#countFailure(name);
      const message = cause instanceof Error ? cause.message : String(cause);
      events.container(
        pod,
        container.name,
        'Warning',
        'Failed',
        `Failed to pull image ${JSON.stringify(name)}: ${message}`,
      );
      events.container(pod, container.name, 'Warning', 'Failed', 'Error: ErrImagePull');
      throw new ContainerStartError('ErrImagePull', message, { cause });
    }
  }

  /** Whoever wants the image while it is being pulled waits for that pull, which goes on even if one of them leaves. */
  #pullOnce(name: string, signal: AbortSignal): Promise<Image> {
    let pull = this.#pulling.get(name);
    if (!pull) {
      pull = this.#pullNow(name).finally(() => this.#pulling.delete(name));
      this.#pulling.set(name, pull);
      pull.catch(() => {}); // Those who wait hear of it; nobody may be left.
    }
    return abortable(pull, signal);
  }

  async #pullNow(name: string): Promise<Image> {
    const { imageRef } = await this.#deps.cri.pullImage({ image: { image: name, userSpecifiedImage: name } });
    const image = (await this.#find(imageRef)) ?? (await this.#find(name));
    if (!image) throw new Error(`image ${name} was pulled, but the runtime does not have it`);
    return image;
  }

  async #find(name: string, signal?: AbortSignal): Promise<Image | undefined> {
    return (await this.#deps.cri.imageStatus({ image: { image: name } }, { signal })).image;
  }

  #countFailure(name: string): void {
    const count = (this.#failures.get(name)?.count ?? 0) + 1;
    this.#failures.delete(name);
    this.#failures.set(name, { count, notBefore: this.#deps.clock.now() + backoffDelayMs(count, PULL_BACKOFF) });
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > MAX_FAILURES && oldest !== undefined) this.#failures.delete(oldest);
  }
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
