// Credentials from programs of the machine's administrator, run for the images that they are configured for; what they answer
// is kept as long as they say. Upstream: pkg/credentialprovider/plugin (KEP-2133, KEP-4412).

import { createHash } from 'node:crypto';
import { parseImageReference } from '../../api/core/image-reference.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { ServiceAccount } from '../../api/core/service-account.ts';
import { durationToMs } from '../../api/time.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import type { TokenManager } from '../token-manager.ts';
import type { CredentialProvider, TokenAttributes } from './credential-provider-config.ts';
import { matchesImage, repositoryOf } from './matches-image.ts';
import { type Credential, credentialsFor, type PlacedCredential, placeOf } from './pull-credentials.ts';

export interface CredentialProvidersDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** Runs the provider's program with the request as its input. Resolves with what it has printed, parsed as JSON. */
  readonly run: (provider: CredentialProvider, request: object) => Promise<unknown>;
  readonly serviceAccount: (namespace: string, name: string) => Promise<ServiceAccount>;
  readonly tokens: Pick<TokenManager, 'token' | 'forget'>;
}

/** How long a token lives that names no time of its own. */
const TOKEN_SECONDS = 3_600;

interface Cached {
  readonly credentials: readonly PlacedCredential[];
  readonly expiresAt: number;
}

/** On whose behalf a provider is asked; empty where it is asked without a token. */
interface Asker {
  readonly token: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly source: Credential['source'];
  /** Answers are the same for all askers of the same key. */
  readonly key: string;
}

const NOBODY: Asker = { token: '', annotations: {}, source: undefined, key: '' };

export class CredentialProviders {
  readonly #deps: CredentialProvidersDeps;
  readonly #providers: readonly CredentialProvider[];
  /** By provider, asker and what the answer is for; expired ones go with the next look. */
  readonly #cache = new Map<string, Cached>();
  readonly #asking = new Map<string, Promise<readonly PlacedCredential[]>>();

  constructor(deps: CredentialProvidersDeps, providers: readonly CredentialProvider[]) {
    this.#deps = deps;
    this.#providers = providers;
  }

  /** What the providers have for the image. One that fails has nothing, and the log says why. */
  async credentials(pod: Pod, image: string): Promise<readonly Credential[]> {
    const reference = parseImageReference(image);
    if (!reference) return [];
    const repository = repositoryOf(reference);
    const found: Credential[] = [];
    for (const provider of this.#providers) {
      if (!provider.matchImages.some((place) => matchesImage(place, repository))) continue;
      try {
        found.push(...credentialsFor(image, await this.#ask(provider, pod, repository)));
      } catch (error) {
        this.#deps.log.error('a credential provider has failed', { provider: provider.name, image, error });
      }
    }
    return found;
  }

  /** The pod is gone. */
  forget(uid: string): void {
    this.#deps.tokens.forget(uid);
  }

  async #ask(provider: CredentialProvider, pod: Pod, repository: string): Promise<readonly PlacedCredential[]> {
    const asker = provider.tokenAttributes ? await this.#asker(provider.tokenAttributes, pod) : NOBODY;
    if (!asker) return [];
    const keyOf = (scope: string) => JSON.stringify([provider.name, asker.key, scope]);
    const now = this.#deps.clock.now();
    for (const [key, { expiresAt }] of this.#cache) if (expiresAt <= now) this.#cache.delete(key);
    for (const scope of SCOPES) {
      const cached = this.#cache.get(keyOf(scopeOf(scope, repository)));
      if (cached) return cached.credentials;
    }
    const key = JSON.stringify([keyOf(repository), asker.token]);
    const running = this.#asking.get(key) ?? this.#run(provider, asker, repository, keyOf);
    this.#asking.set(key, running);
    try {
      return await running;
    } finally {
      this.#asking.delete(key);
    }
  }

  async #run(
    provider: CredentialProvider,
    { token, annotations, source }: Asker,
    repository: string,
    keyOf: (scope: string) => string,
  ): Promise<readonly PlacedCredential[]> {
    const answer = answerOf(
      await this.#deps.run(provider, {
        kind: 'CredentialProviderRequest',
        apiVersion: provider.apiVersion,
        image: repository,
        ...(token === '' ? {} : { serviceAccountToken: token }),
        ...(Object.keys(annotations).length === 0 ? {} : { serviceAccountAnnotations: annotations }),
      }),
      provider.apiVersion,
    );
    const credentials = answer.auth.map(([key, auth]) => ({ place: placeOf(key), auth, source }));
    const cacheMs = answer.cacheMs ?? provider.defaultCacheMs;
    const expiresAt = this.#deps.clock.now() + cacheMs;
    if (cacheMs > 0) this.#cache.set(keyOf(scopeOf(answer.scope, repository)), { credentials, expiresAt });
    return credentials;
  }

  /** Undefined: the provider is not for the pod. */
  async #asker(attributes: TokenAttributes, pod: Pod): Promise<Asker | undefined> {
    const name = pod.spec.serviceAccountName ?? '';
    if (name === '') return attributes.requireServiceAccount ? undefined : NOBODY;
    const { namespace } = pod.metadata;
    const account = await this.#deps.serviceAccount(namespace, name);
    const annotations = annotationsFor(account.metadata.annotations ?? {}, attributes);
    if (!annotations) return undefined;
    const token = await this.#deps.tokens.token(pod, attributes.serviceAccountTokenAudience, TOKEN_SECONDS);
    const { uid } = account.metadata;
    const tokenHash = attributes.cacheType === 'Token' ? createHash('sha256').update(token).digest('hex') : '';
    return {
      token,
      annotations,
      source: { serviceAccount: { uid, namespace, name } },
      key: JSON.stringify([namespace, name, uid, Object.entries(annotations).sort(), tokenHash]),
    };
  }
}

/** Undefined where one that is required is missing: service accounts ask for a provider that way. */
function annotationsFor(
  annotations: Readonly<Record<string, string>>,
  { requiredServiceAccountAnnotationKeys: required, optionalServiceAccountAnnotationKeys: optional }: TokenAttributes,
): Readonly<Record<string, string>> | undefined {
  if (!required.every((key) => annotations[key] !== undefined)) return undefined;
  const wanted = [...required, ...optional];
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => wanted.includes(key)));
}

/** What an answer holds for: the one image, all of its registry, or everything. */
type Scope = 'Image' | 'Registry' | 'Global';
const SCOPES: readonly Scope[] = ['Image', 'Registry', 'Global'];

function scopeOf(scope: Scope, repository: string): string {
  switch (scope) {
    case 'Image':
      return repository;
    case 'Registry':
      return repository.slice(0, repository.indexOf('/'));
    case 'Global':
      return 'global';
    default:
      return scope satisfies never;
  }
}

interface Answer {
  readonly scope: Scope;
  /** Undefined: as the provider's configuration says. */
  readonly cacheMs: number | undefined;
  readonly auth: readonly (readonly [string, { readonly username: string; readonly password: string }])[];
}

/** Throws where the program has printed something else than an answer. */
function answerOf(printed: unknown, apiVersion: string): Answer {
  const answer = (printed ?? {}) as Readonly<Record<string, unknown>>;
  if (answer['kind'] !== 'CredentialProviderResponse' || answer['apiVersion'] !== apiVersion) {
    throw new Error(`apiVersion from credential plugin response did not match expected apiVersion:${apiVersion}`);
  }
  const scope = SCOPES.find((name) => name === answer['cacheKeyType']);
  if (!scope) {
    throw new Error(
      `credential provider plugin did not return a valid cacheKeyType: ${JSON.stringify(answer['cacheKeyType'])}`,
    );
  }
  const { cacheDuration, auth } = answer;
  const entries = Object.entries((auth ?? {}) as Readonly<Record<string, { username?: unknown; password?: unknown }>>);
  return {
    scope,
    cacheMs: typeof cacheDuration === 'string' ? durationToMs(cacheDuration) : undefined,
    auth: entries.map(([key, { username, password }]) => {
      return [key, { username: String(username ?? ''), password: String(password ?? '') }] as const;
    }),
  };
}
