// What an all-in-one API server authenticates, authorizes, admits and acts by: every part made and joined in one place.

import { KINDS } from '../api/catalog.ts';
import { defaultAdmissionPlugins } from '../apiserver/admission/default-plugins.ts';
import type { ApiServerParts } from '../apiserver/api-server.ts';
import { authenticatorUnion } from '../apiserver/authentication/authenticator-union.ts';
import { bearerTokenAuthenticator, tokenAuthenticatorUnion } from '../apiserver/authentication/bearer-token.ts';
import { bootstrapTokenAuthenticator } from '../apiserver/authentication/bootstrap-token-authenticator.ts';
import { legacyTokenAuthenticator } from '../apiserver/authentication/legacy-token-authenticator.ts';
import { oidcDocuments } from '../apiserver/authentication/oidc-discovery.ts';
import { serviceAccountAuthenticator } from '../apiserver/authentication/service-account-authenticator.ts';
import { importServiceAccountKey } from '../apiserver/authentication/service-account-keys.ts';
import { x509Authenticator } from '../apiserver/authentication/x509-authenticator.ts';
import { authorizerUnion, superuserAuthorizer } from '../apiserver/authorization/authorizer-union.ts';
import { nodeAuthorizer } from '../apiserver/authorization/node-authorizer.ts';
import { NodeGraph } from '../apiserver/authorization/node-graph.ts';
import { RbacAuthorizer } from '../apiserver/authorization/rbac.ts';
import { type Component, componentStatusSource } from '../apiserver/component-statuses.ts';
import { nodeConnectors } from '../apiserver/http/node-connectors.ts';
import { nodeUsageReader } from '../apiserver/http/node-usage.ts';
import { proxyConnectors } from '../apiserver/http/proxy-connectors.ts';
import { defaultActions } from '../apiserver/registry/actions/default-actions.ts';
import { type ServiceAllocator, serviceAllocator } from '../apiserver/registry/allocators/service-allocator.ts';
import type { ObjectReader } from '../apiserver/registry/object-reader.ts';
import { defaultReviews } from '../apiserver/registry/reviews/default-reviews.ts';
import { resourceMetricsSources } from '../apiserver/resource-metrics/resource-metrics-sources.ts';
import { type ReadNodeUsage, UsageSampler } from '../apiserver/resource-metrics/usage-sampler.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { MetricsRegistry } from '../base/metrics.ts';
import type { Random } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import type { KeyPair } from './certificate-authority.ts';
import type { ApiServerCertificates } from './certificates.ts';
import type { ControlPlaneConfig } from './cluster-config.ts';

export interface ApiServerPartsDeps {
  readonly config: ControlPlaneConfig;
  readonly certificates: ApiServerCertificates;
  /** What is shown to node agents; asked for each connection, since it is renewed. */
  readonly kubeletClient: () => KeyPair;
  /** Where it is known what is used on a node. Absent: its agent is asked. */
  readonly readNodeUsage?: ReadNodeUsage | undefined;
  readonly objects: ObjectReader;
  /** The API server's own client; it works once the server does. */
  readonly client: Client;
  /** What componentstatuses tells of. */
  readonly components: readonly Component[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
}

export interface MadeParts extends ApiServerParts {
  /** Wants to be repaired once the server serves. */
  readonly allocator: ServiceAllocator;
  /** Closes what follows the objects. */
  readonly closing: AsyncDisposableStack;
}

export async function apiServerParts(deps: ApiServerPartsDeps): Promise<MadeParts> {
  const { config, certificates, kubeletClient, objects, client, components, clock, random, log, metrics } = deps;
  const closing = new AsyncDisposableStack();
  const issuer = `https://kubernetes.default.svc.${config.clusterDomain}`;
  const key = await importServiceAccountKey(certificates.serviceAccountKey);
  const tokens = tokenAuthenticatorUnion([
    serviceAccountAuthenticator({ objects, clock, keys: [key] }, { issuer, audiences: [issuer] }),
    bootstrapTokenAuthenticator({ objects, clock }, { audiences: [issuer] }),
    legacyTokenAuthenticator({ objects, client, clock, log, keys: [key] }, { audiences: [issuer] }),
  ]);
  const rbac = closing.use(new RbacAuthorizer({ objects }));
  const graph = closing.use(new NodeGraph({ objects }));
  const authorizer = authorizerUnion([superuserAuthorizer, nodeAuthorizer({ graph }), rbac]);
  const allocator = closing.use(
    serviceAllocator({ client, objects, clock, random, log }, { serviceCidr: config.serviceCidr }),
  );
  const documents = oidcDocuments([key], { issuer });
  const agentTls = {
    ca: certificates.ca.certificate,
    get certificate() {
      return kubeletClient().certificate;
    },
    get key() {
      return kubeletClient().key;
    },
  };
  const read = deps.readNodeUsage ?? closing.use(nodeUsageReader(agentTls)).read;
  const sampler = closing.use(new UsageSampler({ read, clock, log }));
  return {
    allocator,
    closing,
    authenticator: authenticatorUnion([
      x509Authenticator({ clock, metrics }),
      bearerTokenAuthenticator({ tokens }, { audiences: [issuer] }),
    ]),
    authorizer,
    admission: defaultAdmissionPlugins({ objects, authorizer, rbac, client, clock, random }),
    actions: defaultActions({ objects, client, clock, random, key }, { issuer, audiences: [issuer] }),
    reviews: defaultReviews({ authorizer, rbac, tokens }, { audiences: [issuer] }),
    sources: { ...resourceMetricsSources({ objects, sampler, clock }), ...componentStatusSource(components) },
    hooks: [allocator],
    connectors: {
      ...nodeConnectors({ reader: objects, log, tls: agentTls }),
      ...proxyConnectors({ reader: objects, random, log, tls: agentTls }),
    },
    routes: documents.map(({ path, contentType, cacheControl, body }) => ({ info }) => {
      if (info.path !== path) return undefined;
      return {
        status: 200,
        headers: { 'cache-control': cacheControl },
        body: { type: 'bytes', contentType, bytes: new TextEncoder().encode(body) },
      };
    }),
  };
}

/** Every kind that is served. */
export const servedKinds = () => KINDS;
