// The manager of the node's images, put together: the records of what was pulled, the programs that have credentials, and how
// much is pulled at once.

import { readFile } from 'node:fs/promises';
import { ServiceAccount } from '../../api/core/service-account.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import type { Random } from '../../base/random.ts';
import { Slots } from '../../base/slots.ts';
import type { Client } from '../../client/client.ts';
import type { Cri } from '../../cri/cri.ts';
import { TokenManager } from '../token-manager.ts';
import { readCredentialProviders } from './credential-provider-config.ts';
import { CredentialProviders } from './credential-providers.ts';
import { ImageManager, type ImageManagerDeps } from './image-manager.ts';
import { PullRecords } from './pull-records.ts';
import { runCredentialProvider } from './run-credential-provider.ts';
import type { VerificationOptions } from './verify-pull.ts';

export interface ImageOptions extends VerificationOptions {
  /** How many images are pulled at once. */
  readonly maxParallelImagePulls: number;
  /** Where it is written down what was pulled. */
  readonly recordsDir: string;
  readonly credentialProviders?: CredentialProviderOptions | undefined;
}

/** Upstream's --image-credential-provider-config and --image-credential-provider-bin-dir. */
export interface CredentialProviderOptions {
  readonly configFile: string;
  readonly binDir: string;
  /** What the programs get. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface ImageDeps extends Pick<ImageManagerDeps, 'events' | 'secret'> {
  readonly client: Client;
  readonly cri: Cri;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: Random;
}

/** A runtime that does not answer does not keep the agent from starting. */
const LIST_MS = 5_000;

/** Rejects where the options, or the file of credential providers, cannot be. */
export async function openImageManager(deps: ImageDeps, options: ImageOptions): Promise<ImageManager> {
  const { cri, clock, log, events, secret } = deps;
  const slots = new Slots(options.maxParallelImagePulls);
  const records = await PullRecords.open(
    { clock, log, directory: options.recordsDir, options },
    async () => (await cri.listImages({}, { timeoutMs: LIST_MS })).images,
  );
  return new ImageManager({
    cri,
    clock,
    events,
    secret,
    records,
    slots,
    providers: await openProviders(deps, options),
  });
}

async function openProviders(
  { client, clock, random, log }: ImageDeps,
  { credentialProviders: programs }: ImageOptions,
): Promise<CredentialProviders> {
  const providers = programs ? readCredentialProviders(await readFile(programs.configFile, 'utf8')) : [];
  return new CredentialProviders(
    {
      ...{ clock, log },
      run: (provider, request) => {
        const { binDir: directory = '', environment = {} } = programs ?? {};
        return runCredentialProvider({ clock, directory, environment }, provider, request);
      },
      serviceAccount: (namespace, name) => client.get(ServiceAccount, { namespace, name }),
      // Apart from the tokens of volumes: nobody has to be told when these run out.
      tokens: new TokenManager({ client, clock, random }),
    },
    providers,
  );
}
