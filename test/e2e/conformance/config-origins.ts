// Where the files of a volume come from: a ConfigMap or a Secret, in a volume of its own or in a projected one.

import { ConfigMap } from '../../../src/api/core/config-map.ts';
import { Secret } from '../../../src/api/core/secret.ts';
import type { Client } from '../../../src/client/client.ts';
import type { VolumeSourceInput } from './volume-readers.ts';

type Data = Readonly<Record<string, string>>;

interface Ref {
  readonly name: string;
  readonly namespace: string;
}

export interface VolumeOptions {
  readonly items?: { readonly key: string; readonly path: string; readonly mode?: number }[];
  readonly optional?: boolean;
  readonly defaultMode?: number;
}

/** What holds the data, and how a volume refers to it. */
export interface Origin {
  create(client: Client, metadata: Ref, data: Data): Promise<unknown>;
  update(client: Client, metadata: Ref, data: Data): Promise<unknown>;
  remove(client: Client, ref: Ref): Promise<unknown>;
  source(name: string, options?: VolumeOptions): VolumeSourceInput;
}

const configMaps: Omit<Origin, 'source'> = {
  create: (client, metadata, data) => client.create(ConfigMap, { metadata, data }),
  update: (client, metadata, data) => client.update(ConfigMap, { metadata, data }),
  remove: (client, ref) => client.delete(ConfigMap, ref),
};

const secrets: Omit<Origin, 'source'> = {
  create: (client, metadata, data) => client.create(Secret, { metadata, stringData: data }),
  update: (client, metadata, data) => client.update(Secret, { metadata, stringData: data }),
  remove: (client, ref) => client.delete(Secret, ref),
};

const projectedFrom =
  (field: 'configMap' | 'secret'): Origin['source'] =>
  (name, { defaultMode, ...options } = {}) => ({
    projected: {
      ...(defaultMode === undefined ? {} : { defaultMode }),
      sources: [{ [field]: { name, ...options } }],
    },
  });

export type OriginName = 'configMap' | 'secret' | 'projectedConfigMap' | 'projectedSecret';

export const ORIGINS: Readonly<Record<OriginName, Origin>> = {
  configMap: { ...configMaps, source: (name, options) => ({ configMap: { name, ...options } }) },
  secret: { ...secrets, source: (secretName, options) => ({ secret: { secretName, ...options } }) },
  projectedConfigMap: { ...configMaps, source: projectedFrom('configMap') },
  projectedSecret: { ...secrets, source: projectedFrom('secret') },
};
