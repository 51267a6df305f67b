// Credentials that a command gives, run when they are first needed and again when they have run out or were refused.
// Rules: client-go/plugin/pkg/client/auth/exec, client.authentication.k8s.io/v1.

import { execFile } from 'node:child_process';
import { timeToMs } from '../api/time.ts';
import type { Clock } from '../base/clock.ts';
import type { ClientCertificate, TokenSource } from './https-transport.ts';
import type { KubeconfigCluster } from './kubeconfig.ts';

export interface ExecConfig {
  readonly apiVersion: string;
  readonly command: string;
  readonly args?: readonly string[] | null;
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
  readonly installHint?: string;
  readonly provideClusterInfo?: boolean;
  readonly interactiveMode?: 'Never' | 'IfAvailable' | 'Always';
}

export interface ExecCredential {
  readonly tokens: TokenSource;
  clientCertificate(): Promise<ClientCertificate | undefined>;
}

/** The command did not give a credential: the message says what to do. */
export class ExecCredentialError extends Error {
  override readonly name = 'ExecCredentialError';
}

interface Status {
  readonly expirationTimestamp?: string;
  readonly token?: string;
  readonly clientCertificateData?: string;
  readonly clientKeyData?: string;
}

const API_VERSIONS = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];
const TIMEOUT_MS = 120_000;
const MAX_OUTPUT_BYTES = 1024 * 1024;

/** Several requests that need a credential at once run the command once. */
export function createExecCredential(
  deps: { readonly clock: Clock; readonly env: Readonly<Record<string, string | undefined>> },
  config: ExecConfig,
  cluster: KubeconfigCluster & { readonly ca: string | undefined },
): ExecCredential {
  if (!API_VERSIONS.includes(config.apiVersion)) {
    throw new ExecCredentialError(`exec plugin: invalid apiVersion ${JSON.stringify(config.apiVersion)}`);
  }
  if (config.interactiveMode === 'Always') {
    throw new ExecCredentialError(`exec plugin ${config.command} needs a terminal, which it cannot be given here`);
  }
  let current: Promise<Status> | undefined;
  let expiresAtMs = Number.POSITIVE_INFINITY;

  const status = (): Promise<Status> => {
    if (deps.clock.now() >= expiresAtMs) current = undefined;
    current ??= run(deps.env, config, cluster).then(
      (fresh) => {
        expiresAtMs = fresh.expirationTimestamp ? timeToMs(fresh.expirationTimestamp) : Number.POSITIVE_INFINITY;
        return fresh;
      },
      (error: unknown) => {
        current = undefined;
        throw error;
      },
    );
    return current;
  };

  return {
    tokens: {
      token: async () => (await status()).token,
      refused: () => {
        current = undefined;
      },
    },
    async clientCertificate() {
      const { clientCertificateData: certificate, clientKeyData: key } = await status();
      return certificate && key ? { certificate, key } : undefined;
    },
  };
}

async function run(
  env: Readonly<Record<string, string | undefined>>,
  config: ExecConfig,
  cluster: KubeconfigCluster & { readonly ca: string | undefined },
): Promise<Status> {
  const info = {
    apiVersion: config.apiVersion,
    kind: 'ExecCredential',
    spec: { interactive: false, ...(config.provideClusterInfo ? { cluster: clusterInfo(cluster) } : {}) },
  };
  const extra = Object.fromEntries((config.env ?? []).map(({ name, value }) => [name, value]));
  const output = await new Promise<string>((resolve, reject) => {
    execFile(
      config.command,
      [...(config.args ?? [])],
      {
        env: { ...env, ...extra, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
        timeout: TIMEOUT_MS,
        maxBuffer: MAX_OUTPUT_BYTES,
      },
      (error, stdout, stderr) => {
        if (!error) return resolve(stdout);
        const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
        const hint = missing && config.installHint ? `\n\n${config.installHint}` : '';
        const said = missing ? 'executable not found' : stderr.trim() || error.message;
        reject(new ExecCredentialError(`exec plugin ${config.command} failed: ${said}${hint}`, { cause: error }));
      },
    );
  });
  return statusOf(config, output);
}

function clusterInfo(cluster: KubeconfigCluster & { readonly ca: string | undefined }) {
  return {
    server: cluster.server,
    ...(cluster.ca === undefined ? {} : { 'certificate-authority-data': Buffer.from(cluster.ca).toString('base64') }),
    ...(cluster['tls-server-name'] ? { 'tls-server-name': cluster['tls-server-name'] } : {}),
    ...(cluster['insecure-skip-tls-verify'] ? { 'insecure-skip-tls-verify': true } : {}),
  };
}

function statusOf(config: ExecConfig, output: string): Status {
  let credential: { kind?: string; apiVersion?: string; status?: Status };
  try {
    credential = JSON.parse(output);
  } catch (error) {
    throw new ExecCredentialError(`exec plugin ${config.command} did not print JSON`, { cause: error });
  }
  if (credential.kind !== 'ExecCredential' || credential.apiVersion !== config.apiVersion) {
    throw new ExecCredentialError(
      `exec plugin ${config.command} is configured for ${config.apiVersion}, it answered ${credential.apiVersion}`,
    );
  }
  const { status } = credential;
  if (!status || (!status.token && !(status.clientCertificateData && status.clientKeyData))) {
    throw new ExecCredentialError(`exec plugin ${config.command} gave neither a token nor a certificate with its key`);
  }
  return status;
}
