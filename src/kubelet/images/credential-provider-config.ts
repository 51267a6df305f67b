// The file that says which programs have credentials for which images: CredentialProviderConfig of
// kubelet.config.k8s.io/v1, as JSON or YAML. Upstream: pkg/credentialprovider/plugin/config.go.

import { parse } from 'yaml';
import { durationToMs } from '../../api/time.ts';

export interface CredentialProvider {
  /** That of the program, too. */
  readonly name: string;
  readonly matchImages: readonly string[];
  readonly defaultCacheMs: number;
  readonly apiVersion: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly tokenAttributes: TokenAttributes | undefined;
}

/** The program is given a token of the pod's service account (KEP-4412). */
export interface TokenAttributes {
  readonly serviceAccountTokenAudience: string;
  /** Credentials are for the token alone, or for all pods of the service account. */
  readonly cacheType: 'Token' | 'ServiceAccount';
  /** Otherwise pods without one are served without a token. */
  readonly requireServiceAccount: boolean;
  readonly requiredServiceAccountAnnotationKeys: readonly string[];
  readonly optionalServiceAccountAnnotationKeys: readonly string[];
}

const CONFIG_VERSIONS = ['v1', 'v1beta1', 'v1alpha1'].map((version) => `kubelet.config.k8s.io/${version}`);
const V1 = 'credentialprovider.kubelet.k8s.io/v1';
const PROTOCOL_VERSIONS = [V1, `${V1}beta1`, `${V1}alpha1`];

/** Throws with all that is wrong with the file. */
export function readCredentialProviders(text: string): readonly CredentialProvider[] {
  const config = objectOf(parse(text));
  const { apiVersion, kind } = config;
  if (kind !== 'CredentialProviderConfig' || !CONFIG_VERSIONS.includes(String(apiVersion))) {
    throw new Error(`unsupported credential provider configuration: ${String(apiVersion)}, kind ${String(kind)}`);
  }
  const raw = listOf(config['providers']).map(objectOf);
  const problems = raw.length === 0 ? ['providers: Required value: at least 1 item in plugins is required'] : [];
  const names = raw.map(({ name }) => name);
  for (const [index, provider] of raw.entries()) {
    problems.push(...problemsOf(provider).map((problem) => `providers[${index}].${problem}`));
    if (names.indexOf(provider['name']) < index) {
      problems.push(`providers[${index}].name: Duplicate value: ${JSON.stringify(provider['name'])}`);
    }
  }
  if (problems.length > 0) throw new Error(`invalid configuration: ${problems.join('; ')}`);
  return raw.map(providerOf);
}

type Raw = Readonly<Record<string, unknown>>;

function problemsOf(provider: Raw): readonly string[] {
  const { name, matchImages, defaultCacheDuration, apiVersion, tokenAttributes } = provider;
  const problems: string[] = [];
  if (typeof name !== 'string' || name === '') problems.push('name: Required value');
  else if (/[/\s]/.test(name) || name === '.' || name === '..') {
    problems.push(
      `name: Invalid value: ${JSON.stringify(name)}: provider name cannot be '.' or '..', or have '/' or spaces`,
    );
  }
  if (!PROTOCOL_VERSIONS.includes(String(apiVersion))) {
    problems.push(
      `apiVersion: Unsupported value: ${JSON.stringify(apiVersion)}: supported values: ${PROTOCOL_VERSIONS.join(', ')}`,
    );
  }
  const images = listOf(matchImages);
  if (images.length === 0) problems.push('matchImages: Required value: at least 1 item in matchImages is required');
  if (!images.every((image) => typeof image === 'string' && image !== '')) {
    problems.push('matchImages: Invalid value: every item must be the place of an image');
  }
  if (durationOf(defaultCacheDuration) === undefined) {
    problems.push('defaultCacheDuration: Required value: a duration of 0 or more is required');
  }
  if (tokenAttributes !== undefined) {
    problems.push(
      ...tokenProblems(objectOf(tokenAttributes), apiVersion).map((problem) => `tokenAttributes.${problem}`),
    );
  }
  return problems;
}

function tokenProblems(attributes: Raw, apiVersion: unknown): readonly string[] {
  const { serviceAccountTokenAudience, cacheType, requireServiceAccount, requiredServiceAccountAnnotationKeys } =
    attributes;
  const problems: string[] = [];
  if (apiVersion !== V1) problems.push(`apiVersion: Forbidden: tokenAttributes is only supported for ${V1}`);
  if (typeof serviceAccountTokenAudience !== 'string' || serviceAccountTokenAudience === '') {
    problems.push('serviceAccountTokenAudience: Required value');
  }
  if (cacheType !== 'Token' && cacheType !== 'ServiceAccount') {
    problems.push(
      `cacheType: Unsupported value: ${JSON.stringify(cacheType)}: supported values: ServiceAccount, Token`,
    );
  }
  if (typeof requireServiceAccount !== 'boolean') problems.push('requireServiceAccount: Required value');
  if (requireServiceAccount === false && listOf(requiredServiceAccountAnnotationKeys).length > 0) {
    problems.push(
      'requiredServiceAccountAnnotationKeys: Forbidden: requireServiceAccount cannot be false when they are set',
    );
  }
  return problems;
}

function providerOf(raw: Raw): CredentialProvider {
  return {
    name: String(raw['name']),
    matchImages: listOf(raw['matchImages']).map(String),
    defaultCacheMs: durationOf(raw['defaultCacheDuration']) ?? 0,
    apiVersion: String(raw['apiVersion']),
    args: listOf(raw['args']).map(String),
    env: listOf(raw['env'])
      .map(objectOf)
      .map(({ name, value }) => ({ name: String(name), value: String(value ?? '') })),
    tokenAttributes: raw['tokenAttributes'] === undefined ? undefined : attributesOf(objectOf(raw['tokenAttributes'])),
  };
}

function attributesOf(raw: Raw): TokenAttributes {
  return {
    serviceAccountTokenAudience: String(raw['serviceAccountTokenAudience']),
    cacheType: raw['cacheType'] === 'Token' ? 'Token' : 'ServiceAccount',
    requireServiceAccount: raw['requireServiceAccount'] === true,
    requiredServiceAccountAnnotationKeys: listOf(raw['requiredServiceAccountAnnotationKeys']).map(String),
    optionalServiceAccountAnnotationKeys: listOf(raw['optionalServiceAccountAnnotationKeys']).map(String),
  };
}

/** Undefined for what is no duration, or a negative one. */
function durationOf(value: unknown): number | undefined {
  try {
    const ms = durationToMs(String(value));
    return ms >= 0 ? ms : undefined;
  } catch {
    return undefined;
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function objectOf(value: unknown): Raw {
  return typeof value === 'object' && value !== null ? (value as Raw) : {};
}
