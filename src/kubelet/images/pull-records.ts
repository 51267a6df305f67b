// Which images the agent has pulled, and with whose credentials, kept over restarts: a file for each image that was pulled,
// and one for each that is being pulled. Upstream: pkg/kubelet/images/pullmanager (KEP-2535), whose files these are.

import { createHash } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatTime } from '../../api/time.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import { listIfThere, readIfThere } from '../../cri/if-there.ts';
import type { Image } from '../../cri/image-messages.ts';
import type { Credential } from './pull-credentials.ts';
import {
  accessOf,
  isVerified,
  MAX_REMEMBERED_SECRETS,
  mergePulled,
  nameInRecord,
  type PulledRecord,
  type PulledWith,
  pulledWith,
  type VerificationOptions,
} from './verify-pull.ts';

export interface PullRecordsDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** `image_manager` in the agent's own directory. */
  readonly directory: string;
  readonly options: VerificationOptions;
}

const API_VERSION = 'kubelet.config.k8s.io/v1beta1';

export class PullRecords {
  readonly #deps: PullRecordsDeps;
  readonly #pulled = new Map<string, PulledRecord>();
  /** Names of images that are being pulled, or were when the agent ended, with how many pulls there are now. */
  readonly #intents = new Map<string, number>();
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(deps: PullRecordsDeps) {
    this.#deps = deps;
  }

  /** With what is left from before. An image whose pull nobody saw the end of is one of which nobody knows who may use it. */
  static async open(deps: PullRecordsDeps, images: () => Promise<readonly Image[]>): Promise<PullRecords> {
    const records = new PullRecords(deps);
    for (const kind of ['pulling', 'pulled']) await mkdir(join(deps.directory, kind), { recursive: true, mode: 0o700 });
    for (const record of await records.#read<PulledRecord>('pulled')) {
      if (record.imageRef && record.credentialMapping) records.#pulled.set(record.imageRef, record);
    }
    for (const { image } of await records.#read<{ image: string }>('pulling')) records.#intents.set(image, 0);
    try {
      if (records.#intents.size > 0) await records.#settleIntents(await images());
    } catch (error) {
      // They stand as they are: the images, should they be there, count as pulled by whoever it was.
      deps.log.warn('what became of pulls that the agent did not see the end of could not be found out', { error });
    }
    return records;
  }

  /** Whether the pod may not use the image as it is on the node. The credentials are asked for only where they matter. */
  async mustPull(image: string, imageRef: string, credentials: () => Promise<readonly Credential[]>): Promise<boolean> {
    const record = this.#pulled.get(imageRef);
    if (!isVerified(image, record !== undefined || this.#intents.has(image), this.#deps.options)) return false;
    const name = nameInRecord(image);
    const known = record?.credentialMapping[name];
    if (!known) return true;
    if (known.nodePodsAccessible) return false;
    const { allowed, remember } = accessOf(known, await credentials());
    if (remember && (known.kubernetesSecrets?.length ?? 0) < MAX_REMEMBERED_SECRETS) {
      await this.#remember(image, imageRef, remember);
    }
    return !allowed;
  }

  /** Before an image is pulled: should the agent end meanwhile, the image is not taken for one that was there before. */
  async begin(image: string): Promise<void> {
    const count = this.#intents.get(image) ?? 0;
    this.#intents.set(image, count + 1);
    if (count === 0) await this.#write('pulling', image, { kind: 'ImagePullIntent', image });
  }

  async succeeded(image: string, imageRef: string, credential: Credential | undefined): Promise<void> {
    await this.#remember(image, imageRef, pulledWith(credential));
    await this.failed(image);
  }

  async failed(image: string): Promise<void> {
    const count = this.#intents.get(image) ?? 0;
    if (count > 1) return void this.#intents.set(image, count - 1);
    this.#intents.delete(image);
    await this.#remove('pulling', image);
  }

  /** Forgets images that are not on the node any more, unless they came after that moment. */
  async prune(imageRefs: ReadonlySet<string>, beforeMs: number): Promise<void> {
    for (const { imageRef, lastUpdatedTime } of this.#pulled.values()) {
      if (imageRefs.has(imageRef) || Date.parse(lastUpdatedTime) >= beforeMs) continue;
      this.#pulled.delete(imageRef);
      await this.#remove('pulled', imageRef);
    }
  }

  async #settleIntents(images: readonly Image[]): Promise<void> {
    for (const { id, repoTags, repoDigests } of images) {
      for (const name of [...repoTags, ...repoDigests]) {
        const intent = [...this.#intents.keys()].find((image) => fullName(image) === name);
        if (intent !== undefined) await this.#remember(intent, id, {});
      }
    }
    for (const image of [...this.#intents.keys()]) await this.failed(image);
  }

  /** Nothing is written where all of it is known. */
  async #remember(image: string, imageRef: string, news: PulledWith): Promise<void> {
    const name = nameInRecord(image);
    const before = this.#pulled.get(imageRef);
    const known = before?.credentialMapping[name];
    const isNothing = Object.keys(news).length === 0;
    const merged = known ? mergePulled(known, news) : news;
    if (before && (isNothing || merged === known)) return;
    const credentialMapping = { ...before?.credentialMapping, ...(isNothing ? {} : { [name]: merged }) };
    const record = { lastUpdatedTime: formatTime(this.#deps.clock.now()), imageRef, credentialMapping };
    this.#pulled.set(imageRef, record);
    await this.#write('pulled', imageRef, { kind: 'ImagePulledRecord', ...record });
  }

  #write(kind: 'pulling' | 'pulled', key: string, content: object): Promise<void> {
    const path = this.#file(kind, key);
    return this.#inTurn(async () => {
      await writeFile(`${path}.tmp`, JSON.stringify({ ...content, apiVersion: API_VERSION }), { mode: 0o600 });
      await rename(`${path}.tmp`, path);
    });
  }

  #remove(kind: 'pulling' | 'pulled', key: string): Promise<void> {
    return this.#inTurn(() => rm(this.#file(kind, key), { force: true }));
  }

  /** What is done to the files is done in the order in which it was decided. */
  #inTurn(change: () => Promise<void>): Promise<void> {
    const done = this.#writing.then(change);
    this.#writing = done.catch(() => {}); // Whoever has decided it hears of it.
    return done;
  }

  async #read<T>(kind: 'pulling' | 'pulled'): Promise<readonly T[]> {
    const found: T[] = [];
    for (const { name } of await listIfThere(join(this.#deps.directory, kind))) {
      const path = join(this.#deps.directory, kind, name);
      try {
        if (!name.endsWith('.tmp')) found.push(JSON.parse((await readIfThere(path)) ?? ''));
      } catch (error) {
        this.#deps.log.warn('a record of a pulled image cannot be read', { path, error });
      }
    }
    return found;
  }

  #file(kind: 'pulling' | 'pulled', key: string): string {
    return join(this.#deps.directory, kind, `sha256-${createHash('sha256').update(key).digest('hex')}`);
  }
}

/** `docker.io/library/nginx:latest` of `nginx`, as runtimes have it. */
function fullName(image: string): string {
  const name = nameInRecord(image);
  const rest = image.slice(image.lastIndexOf('/') + 1);
  const suffix = rest.slice(rest.search(/[:@]|$/));
  return `${name}${suffix === '' ? ':latest' : suffix}`;
}
