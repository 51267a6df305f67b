// What every controller is given. Its client has its own identity; the informers are shared by all.

import type { Kind } from '../api/kind.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import type { EventRecorder } from '../client/event-recorder.ts';
import type { InformerFactory } from '../client/informer-factory.ts';
import type { CertificateSigner } from './certificates/certificate-signer.ts';
import type { SecretTokenSigner } from './serviceaccount-token/token-signer.ts';

export interface ControllerDeps {
  readonly client: Client;
  readonly informers: InformerFactory;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly config: ControllerConfig;
}

/** What a cluster decides once. */
export interface ControllerConfig {
  /** Every kind that is served, custom ones included; asked whenever it matters. */
  readonly kinds: () => readonly Kind[];
  /** PEM: what pods verify the API server by. */
  readonly rootCertificateAuthority: string;
  /** Certifies with the cluster's authority. */
  readonly certificateSigner: CertificateSigner;
  /** Signs the tokens that are kept in Secrets. */
  readonly tokenSigner: SecretTokenSigner;
  /** Pod addresses of the whole cluster. Absent: 10.244.0.0/16. */
  readonly clusterCidr?: string;
  /** The prefix length of each node's share. Absent: 24. */
  readonly nodeCidrMaskSize?: number;
  /** Where pods ask for names, and the port on which every node answers. */
  readonly dns: { readonly clusterIp: string; readonly nodePort: number };
  /** How many ended pods are kept. Absent: 12500. */
  readonly terminatedPodThreshold?: number;
}
