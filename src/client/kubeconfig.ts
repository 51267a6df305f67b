// Reads kubeconfig files and says how to reach the cluster of a context and as whom. Credentials that commands give are
// in exec-credential.ts. Rules: client-go/tools/clientcmd.

import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import type { Clock } from '../base/clock.ts';
import { createExecCredential, type ExecConfig } from './exec-credential.ts';
import type { ClientCertificate, HttpsTransportOptions, TokenSource } from './https-transport.ts';

export interface KubeconfigCluster {
  readonly server: string;
  readonly 'certificate-authority'?: string;
  readonly 'certificate-authority-data'?: string;
  readonly 'insecure-skip-tls-verify'?: boolean;
  readonly 'tls-server-name'?: string;
  readonly 'proxy-url'?: string;
}

export interface KubeconfigUser {
  readonly 'client-certificate'?: string;
  readonly 'client-certificate-data'?: string;
  readonly 'client-key'?: string;
  readonly 'client-key-data'?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly username?: string;
  readonly 'auth-provider'?: unknown;
  readonly exec?: ExecConfig;
}

export interface KubeconfigContext {
  readonly cluster: string;
  readonly user: string;
  readonly namespace?: string;
}

/** Merged from all files; paths are absolute. */
export interface Kubeconfig {
  readonly currentContext: string;
  readonly clusters: ReadonlyMap<string, KubeconfigCluster>;
  readonly users: ReadonlyMap<string, KubeconfigUser>;
  readonly contexts: ReadonlyMap<string, KubeconfigContext>;
}

/** What is wrong with a kubeconfig, in words for whoever wrote it. */
export class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError';
}

/** The files that `$KUBECONFIG` names, in the order in which they count, else `~/.kube/config`. */
export function kubeconfigPaths(env: { readonly KUBECONFIG?: string | undefined; readonly HOME?: string | undefined }) {
  const named = (env.KUBECONFIG ?? '').split(':').filter((path) => path !== '');
  return named.length > 0 ? named : [resolve(env.HOME ?? '/', '.kube/config')];
}

/**
 * Reads and merges the files; of two entries of one name the first counts. A file that does not exist counts as empty.
 * Throws `KubeconfigError` for one that cannot be understood.
 */
export async function loadKubeconfig(paths: readonly string[]): Promise<Kubeconfig> {
  const merged = {
    currentContext: '',
    clusters: new Map<string, KubeconfigCluster>(),
    users: new Map<string, KubeconfigUser>(),
    contexts: new Map<string, KubeconfigContext>(),
  };
  for (const path of paths) {
    const file = await readKubeconfigFile(path);
    if (!file) continue;
    merged.currentContext ||= file.currentContext;
    for (const part of ['clusters', 'users', 'contexts'] as const) {
      const into = merged[part] as Map<string, unknown>;
      for (const [name, entry] of file[part]) if (!into.has(name)) into.set(name, entry);
    }
  }
  return merged;
}

export interface Connection {
  readonly context: string;
  readonly namespace: string;
  readonly transport: HttpsTransportOptions;
}

/**
 * How to reach the cluster of a context (absent: the current one), with its files read. Throws `KubeconfigError` when
 * something is missing.
 */
export async function connectionOf(
  { clock, env }: { readonly clock: Clock; readonly env: Readonly<Record<string, string | undefined>> },
  kubeconfig: Kubeconfig,
  options: { readonly context?: string } = {},
): Promise<Connection> {
  const name = options.context ?? kubeconfig.currentContext;
  if (name === '') throw new KubeconfigError('the kubeconfig has no current context');
  const context = kubeconfig.contexts.get(name);
  if (!context) throw new KubeconfigError(`context "${name}" does not exist`);
  const cluster = kubeconfig.clusters.get(context.cluster);
  if (!cluster) throw new KubeconfigError(`cluster "${context.cluster}" of context "${name}" does not exist`);
  const user = kubeconfig.users.get(context.user) ?? {};
  refuseUnsupported(cluster, user);

  const ca = await textOrFile(cluster['certificate-authority-data'], cluster['certificate-authority']);
  const exec = user.exec ? createExecCredential({ clock, env }, user.exec, { ...cluster, ca }) : undefined;
  const certificate = (await staticCertificate(user)) ?? exec?.clientCertificate;
  const token = tokenOf(clock, user) ?? exec?.tokens;
  return {
    context: name,
    namespace: context.namespace || 'default',
    transport: {
      server: cluster.server,
      ...(ca === undefined ? {} : { certificateAuthority: ca }),
      ...(certificate === undefined ? {} : { clientCertificate: certificate }),
      ...(token === undefined ? {} : { token }),
      ...(cluster['tls-server-name'] ? { serverName: cluster['tls-server-name'] } : {}),
      ...(cluster['insecure-skip-tls-verify'] ? { insecureSkipTlsVerify: true } : {}),
    },
  };
}

/** A token from a file that is replaced before it runs out, as service account tokens are. */
function tokenFromFile(clock: Clock, path: string): TokenSource {
  const rereadAfterMs = 60_000;
  let cached: { readonly token: string; readonly readAtMs: number } | undefined;
  return {
    async token() {
      if (cached && clock.elapsed() - cached.readAtMs < rereadAfterMs) return cached.token;
      cached = { token: (await readFile(path, 'utf8')).trim(), readAtMs: clock.elapsed() };
      return cached.token;
    },
    refused() {
      cached = undefined;
    },
  };
}

async function readKubeconfigFile(path: string): Promise<Kubeconfig | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new KubeconfigError(`the kubeconfig ${path} cannot be read`, { cause: error });
  }
  let document: unknown;
  try {
    document = parse(text);
  } catch (error) {
    throw new KubeconfigError(`the kubeconfig ${path} is not valid YAML`, { cause: error });
  }
  const root = (document ?? {}) as Record<string, unknown>;
  if (typeof root !== 'object') throw new KubeconfigError(`the kubeconfig ${path} is not a mapping`);
  const folder = dirname(resolve(path));
  return {
    currentContext: typeof root['current-context'] === 'string' ? root['current-context'] : '',
    clusters: namedEntries(path, folder, root, 'clusters', 'cluster', ['certificate-authority']),
    users: namedEntries(path, folder, root, 'users', 'user', ['client-certificate', 'client-key', 'tokenFile']),
    contexts: namedEntries(path, folder, root, 'contexts', 'context', []),
  };
}

/** `[{ name, cluster: {…} }]` as a map, the paths of files made absolute. */
function namedEntries<Entry>(
  path: string,
  folder: string,
  root: Record<string, unknown>,
  part: string,
  key: string,
  fileFields: readonly string[],
): Map<string, Entry> {
  const list = root[part] ?? [];
  if (!Array.isArray(list)) throw new KubeconfigError(`the kubeconfig ${path} is wrong: ${part} is not a list`);
  const entries = new Map<string, Entry>();
  for (const item of list as readonly Record<string, unknown>[]) {
    const entry = { ...(item[key] as Record<string, unknown> | null) };
    for (const field of fileFields) {
      if (typeof entry[field] === 'string' && entry[field] !== '') entry[field] = resolve(folder, entry[field]);
    }
    const exec = entry['exec'] as { command?: string } | undefined;
    // As upstream: a command with a slash in it is relative to the file, any other is looked up in the path.
    if (exec?.command?.includes('/')) entry['exec'] = { ...exec, command: resolve(folder, exec.command) };
    const name = String(item['name'] ?? '');
    if (!entries.has(name)) entries.set(name, entry as Entry);
  }
  return entries;
}

function refuseUnsupported(cluster: KubeconfigCluster, user: KubeconfigUser): void {
  const unsupported = [
    cluster['proxy-url'] ? 'proxy-url' : undefined,
    user['auth-provider'] ? 'auth-provider' : undefined,
    user.username ? 'username and password' : undefined,
  ].filter((name) => name !== undefined);
  if (unsupported.length > 0) throw new KubeconfigError(`the kubeconfig uses ${unsupported.join(', ')}: not supported`);
}

async function staticCertificate(user: KubeconfigUser): Promise<ClientCertificate | undefined> {
  const certificate = await textOrFile(user['client-certificate-data'], user['client-certificate']);
  const key = await textOrFile(user['client-key-data'], user['client-key']);
  if (certificate === undefined && key === undefined) return undefined;
  if (certificate === undefined || key === undefined) {
    throw new KubeconfigError('the kubeconfig has a client certificate without its key, or the other way round');
  }
  return { certificate, key };
}

function tokenOf(clock: Clock, user: KubeconfigUser): string | TokenSource | undefined {
  if (user.tokenFile) return tokenFromFile(clock, user.tokenFile);
  return user.token || undefined;
}

async function textOrFile(base64: string | undefined, path: string | undefined): Promise<string | undefined> {
  if (base64) return Buffer.from(base64, 'base64').toString();
  if (!path) return undefined;
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new KubeconfigError(`the kubeconfig names the file ${path}, which cannot be read`, { cause: error });
  }
}
