// All actions on objects, by resource and subresource.

import type { Clock } from '../../../base/clock.ts';
import type { Random } from '../../../base/random.ts';
import type { Client } from '../../../client/client.ts';
import type { ServiceAccountKey } from '../../authentication/service-account-keys.ts';
import type { Action } from '../handlers.ts';
import type { ObjectReader } from '../object-reader.ts';
import { podBinding } from './pod-binding.ts';
import { podEviction } from './pod-eviction.ts';
import { type TokenRequestOptions, tokenRequest } from './token-request.ts';

export interface ActionDeps {
  readonly objects: ObjectReader;
  /** May update the status of disruption budgets. */
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  /** Signs service account tokens. */
  readonly key: ServiceAccountKey;
}

export function defaultActions(deps: ActionDeps, options: TokenRequestOptions): Readonly<Record<string, Action>> {
  return {
    'pods/binding': podBinding(deps),
    'pods/eviction': podEviction(deps),
    'serviceaccounts/token': tokenRequest(deps, options),
  };
}
