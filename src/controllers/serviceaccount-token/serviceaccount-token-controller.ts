// Fills Secrets of type service-account-token with a token of their account, and deletes them when the account has gone.
// Upstream: pkg/controller/serviceaccount/tokens_controller.go; since KEP-2799 no such Secret is made unasked.

import { Secret } from '../../api/core/secret.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import {
  ACCOUNT_NAME_ANNOTATION,
  ACCOUNT_UID_ANNOTATION,
  accountOf,
  TOKEN_SECRET_TYPE,
} from '../../api/core/token-secret.ts';
import { isStatusError } from '../../api/status-error.ts';
import { encodeBase64 } from '../../base/base64.ts';
import { type ObjectRef, refOf } from '../../client/client.ts';
import type { Informer } from '../../client/informer.ts';
import { keyOf } from '../../client/object-key.ts';
import type { Controller } from '../controller.ts';
import type { ControllerDeps } from '../controller-deps.ts';
import { tokenData } from './token-data.ts';

/** Token Secrets by the account that they name. */
const ACCOUNT_INDEX = 'token account';
const byAccount = (secret: Secret): readonly string[] =>
  secret.type === TOKEN_SECRET_TYPE ? [accountKeyOf(secret)] : [];

export function serviceAccountTokenController(deps: ControllerDeps): Controller {
  const { informers } = deps;
  const accounts = informers.informer(ServiceAccount);
  const secrets = informers.informer(Secret, { indexes: { [ACCOUNT_INDEX]: byAccount } });
  const state: State = { ...deps, accounts, secrets };
  return {
    name: 'serviceaccount-token-controller',
    reads: [accounts, secrets],
    watch: (enqueue) => [
      secrets.subscribe((changes) => {
        for (const { type, object } of changes) {
          if (object.type !== TOKEN_SECRET_TYPE) continue;
          const key = keyOf(object.metadata);
          // Whose reference has to go is not told by a Secret that has gone; it is by the key.
          enqueue(type === 'deleted' ? `${accountKeyOf(object)}/${object.metadata.name}` : key);
        }
      }),
      accounts.subscribe((changes) => {
        for (const { type, object } of changes) {
          if (type !== 'deleted') continue;
          for (const secret of secrets.byIndex(ACCOUNT_INDEX, keyOf(object.metadata))) enqueue(keyOf(secret.metadata));
        }
      }),
    ],
    async reconcile(key, { signal }) {
      const [namespace = '', name = '', gone] = key.split('/');
      if (gone !== undefined) return removeReference(state, { namespace, name }, gone, signal);
      const secret = secrets.get(key);
      if (secret?.type !== TOKEN_SECRET_TYPE || secret.metadata.deletionTimestamp !== undefined) return;
      const account = await findAccount(state, secret, signal);
      if (account) await fill(state, secret, account, signal);
      else await remove(state, secret, signal);
    },
  };
}

interface State extends ControllerDeps {
  readonly accounts: Informer<ServiceAccount>;
  readonly secrets: Informer<Secret>;
}

function accountKeyOf(secret: Secret): string {
  return `${secret.metadata.namespace}/${accountOf(secret).name}`;
}

/** As the API server has it if it is not known here: a Secret may be seen before its account. */
async function findAccount({ client, accounts }: State, secret: Secret, signal: AbortSignal) {
  const { name, uid } = accountOf(secret);
  const ref = { namespace: secret.metadata.namespace, name };
  const isThatOne = (account: ServiceAccount) => uid === undefined || account.metadata.uid === uid;
  const known = accounts.get(ref);
  if (known && isThatOne(known)) return known;
  try {
    const found = await client.get(ServiceAccount, ref, { signal });
    return isThatOne(found) ? found : undefined;
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return undefined;
    throw error;
  }
}

async function fill({ client, config }: State, secret: Secret, account: ServiceAccount, signal: AbortSignal) {
  const { namespace, name, annotations } = secret.metadata;
  const missing = tokenData(secret, config.rootCertificateAuthority);
  if (!missing) return;
  const { name: accountName, uid } = account.metadata;
  const token = missing.needsToken
    ? await config.tokenSigner.sign({ namespace, account: { name: accountName, uid }, secret: name })
    : undefined;
  const data = {
    ...secret.data,
    ...missing.data,
    ...(token === undefined ? {} : { token: encodeBase64(new TextEncoder().encode(token)) }),
  };
  const owned = { ...annotations, [ACCOUNT_NAME_ANNOTATION]: accountName, [ACCOUNT_UID_ANNOTATION]: uid };
  try {
    await client.update(Secret, { ...secret, metadata: { ...secret.metadata, annotations: owned }, data }, { signal });
  } catch (error) {
    // Changed since: what changed it brings the Secret here again.
    if (!isStatusError(error, 'NotFound', 'Conflict')) throw error;
  }
}

async function remove({ client }: State, secret: Secret, signal: AbortSignal): Promise<void> {
  const { uid } = secret.metadata;
  try {
    await client.delete(Secret, refOf(secret), { preconditions: { uid }, signal });
  } catch (error) {
    if (!isStatusError(error, 'NotFound', 'Conflict')) throw error;
  }
}

/** An account does not go on naming a token that has gone. A conflict is tried again. */
async function removeReference(
  { client, accounts, secrets }: State,
  ref: ObjectRef,
  secret: string,
  signal: AbortSignal,
) {
  if (secrets.get({ namespace: ref.namespace, name: secret })) return; // Made anew.
  if (!accounts.get(ref)?.secrets?.some(({ name }) => name === secret)) return;
  try {
    const account = await client.get(ServiceAccount, ref, { signal });
    const rest = account.secrets?.filter(({ name }) => name !== secret) ?? [];
    if (rest.length < (account.secrets?.length ?? 0)) {
      await client.update(ServiceAccount, { ...account, secrets: rest }, { signal });
    }
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error;
  }
}
