// Signs what machines that join read of a cluster before they trust it (ConfigMap cluster-info in kube-public) with each
// bootstrap token that is meant for it. Upstream: pkg/controller/bootstrap/bootstrapsigner.go.

import { CompactSign } from 'jose/jws/compact/sign';
import { isBootstrapToken, signingToken } from '../../api/core/bootstrap-token.ts';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Secret } from '../../api/core/secret.ts';
import { isStatusError } from '../../api/status-error.ts';
import { deepEqual } from '../../base/deep-equal.ts';
import { underWay } from '../../base/under-way.ts';
import { keyOf } from '../../client/object-key.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';

const CLUSTER_INFO = { namespace: 'kube-public', name: 'cluster-info' };
const SIGNATURE_PREFIX = 'jws-kubeconfig-';

export function bootstrapSigner({ client, clock, informers }: ControllerDeps): Controller {
  const { namespace, name } = CLUSTER_INFO;
  const secrets = informers.informer(Secret);
  const configMaps = informers.informer(ConfigMap, { namespace, fieldSelector: `metadata.name=${name}` });
  const key = keyOf(CLUSTER_INFO);
  return {
    name: 'bootstrap-signer-controller',
    reads: [secrets, configMaps],
    watch: (enqueue) => [
      configMaps.subscribe(() => enqueue(key)),
      secrets.subscribe((changes) => {
        if (changes.some(({ object }) => isBootstrapToken(object))) enqueue(key);
      }),
    ],
    async reconcile(_, { signal }) {
      const info = configMaps.get(CLUSTER_INFO);
      const content = info?.data?.['kubeconfig'];
      if (!info?.data || content === undefined) return;
      const rest = Object.entries(info.data).filter(([each]) => !each.startsWith(SIGNATURE_PREFIX));
      const tokens = secrets.list('kube-system').filter(isBootstrapToken);
      const signatures = tokens.flatMap((secret) => {
        const token = signingToken(secret, clock.now());
        return token ? [signed(content, token)] : [];
      });
      const data = Object.fromEntries([...rest, ...(await Promise.all(signatures))]);
      if (deepEqual(data, info.data)) return;
      try {
        await client.update(ConfigMap, { ...info, data }, { signal });
      } catch (error) {
        if (!isStatusError(error, 'NotFound', 'Conflict')) throw error; // What changed it brings it here again.
      }
    },
  };
}

/** A JWS whose payload is left out: whoever checks it has the content from elsewhere (RFC 7515, appendix F). */
async function signed(content: string, token: { readonly id: string; readonly secret: string }) {
  const encoder = new TextEncoder();
  const jws = new CompactSign(encoder.encode(content)).setProtectedHeader({ alg: 'HS256', kid: token.id });
  const [header, , signature] = (await underWay(jws.sign(encoder.encode(token.secret)))).split('.');
  return [SIGNATURE_PREFIX + token.id, `${header}..${signature}`] as const;
}
