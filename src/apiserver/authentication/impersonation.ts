// Acting as somebody else: a request may name a user, groups, a uid and extras in its headers, each of which the one who
// sends it must be allowed to impersonate. Upstream: k8s.io/apiserver/pkg/endpoints/filters/impersonation/.

import { badRequest } from '../../api/status-error.ts';
import { serviceAccountUser, type User } from '../../client/user.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import { forbiddenRequest } from '../authorization/forbidden.ts';
import type { RequestInfo } from '../request-info.ts';
import { ANONYMOUS_USER } from './anonymous.ts';

const EXTRA_PREFIX = 'impersonate-extra-';
const AUTHENTICATION_GROUP = 'authentication.k8s.io';
const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;

/** What the headers ask for. */
interface Impersonation {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/**
 * The user that the request is to be carried out as; undefined when it asks for nothing of the kind. `headers` have
 * lower-case names; a header that was sent several times is joined by `, `. Throws `Forbidden` for the first thing that
 * the sender may not impersonate, and `InternalError` (as upstream does) for headers that name no user.
 */
export function impersonate(
  { authorizer }: { readonly authorizer: Authorizer },
  sender: User,
  headers: Readonly<Record<string, string>>,
): User | undefined {
  const wanted = readHeaders(headers);
  if (!wanted) return undefined;
  for (const request of requestsFor(wanted)) {
    const decision = authorizer.authorize(sender, request);
    if (decision.verdict !== 'allow') throw forbiddenRequest(sender, request, decision.reason);
  }
  return userFor(wanted);
}

function readHeaders(headers: Readonly<Record<string, string>>): Impersonation | undefined {
  const name = headers['impersonate-user'] ?? '';
  const uid = headers['impersonate-uid'] ?? '';
  const groups = valuesOf(headers['impersonate-group']);
  const extra: Record<string, readonly string[]> = {};
  for (const [header, value] of Object.entries(headers)) {
    if (header.startsWith(EXTRA_PREFIX)) extra[extraKey(header)] = valuesOf(value);
  }
  const without = [
    ...groups.map((group) => `{Group    ${group}    }`),
    ...Object.keys(extra).map((key) => `{UserExtra  ${key} ${AUTHENTICATION_GROUP}/v1  }`),
    ...(uid === '' ? [] : [`{UID  ${uid} ${AUTHENTICATION_GROUP}/v1  }`]),
  ];
  if (name !== '') return { name, uid, groups, extra };
  if (without.length === 0) return undefined;
  const what = `[${without.join(' ')}]`;
  throw badRequest(`requested ${what} without impersonating a user name`);
}

/** A question for the authorizer for each thing that is asked for. */
function requestsFor({ name, uid, groups, extra }: Impersonation): RequestInfo[] {
  const requests: RequestInfo[] = [];
  const ask = (resource: string, of: string, more: Partial<RequestInfo> = {}) =>
    requests.push({
      path: '',
      verb: 'impersonate',
      isResource: true,
      group: '',
      version: 'v1',
      resource,
      subresource: '',
      namespace: '',
      name: of,
      suffix: '',
      ...more,
    });
  const account = SERVICE_ACCOUNT.exec(name);
  if (account) ask('serviceaccounts', account[2]!, { namespace: account[1]! });
  else ask('users', name);
  for (const group of groups) ask('groups', group);
  for (const [key, values] of Object.entries(extra)) {
    for (const value of values) ask('userextras', value, { group: AUTHENTICATION_GROUP, subresource: key });
  }
  if (uid !== '') ask('uids', uid, { group: AUTHENTICATION_GROUP });
  return requests;
}

/** A service account brings its groups along unless some are named; everybody known or unknown has the group for it. */
function userFor({ name, uid, groups, extra }: Impersonation): User {
  const account = SERVICE_ACCOUNT.exec(name);
  const named = groups.length === 0 && account ? serviceAccountUser(account[1]!, account[2]!).groups : groups;
  return { name, uid: uid || undefined, groups: withOwnGroup(name, named), extra };
}

function withOwnGroup(name: string, groups: readonly string[]): readonly string[] {
  const unauthenticated = 'system:unauthenticated';
  if (name === ANONYMOUS_USER.name) return groups.includes(unauthenticated) ? groups : [...groups, unauthenticated];
  const isSaid = groups.includes('system:authenticated') || groups.includes(unauthenticated);
  return isSaid ? groups : [...groups, 'system:authenticated'];
}

/** A key may hold characters that no header name can: it is percent-encoded. */
function extraKey(header: string): string {
  const encoded = header.slice(EXTRA_PREFIX.length);
  try {
    return decodeURIComponent(encoded).toLowerCase();
  } catch {
    return encoded; // Not encoded after all: older clients send the key as it is.
  }
}

function valuesOf(header: string | undefined): string[] {
  return header === undefined ? [] : header.split(', ');
}
