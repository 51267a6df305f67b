// Connect subresources: finds the object, admits the request and hands it to the connector that is registered.

import { DecodeError } from '../../api/decode-error.ts';
import { decodeStruct } from '../../api/decode-object.ts';
import type { AnyDraft, Subresource } from '../../api/kind.ts';
import { leafOf, type Struct } from '../../api/schema.ts';
import { badRequest, StatusError } from '../../api/status-error.ts';
import type { ApiResponse } from '../../client/transport.ts';
import type { Call } from '../chain/call.ts';
import type { NamedTarget, Takeover } from '../http/connector.ts';
import { admitMutating, admitValidating } from '../registry/admission-chain.ts';
import type { Registry } from '../registry/registry.ts';
import { isTrue, type RequestInfo } from '../request-info.ts';
import { readVersion } from './get.ts';

export type ConnectSubresource = Subresource & { readonly type: 'connect' };

export async function connect(
  registry: Registry,
  call: Call,
  subresource: ConnectSubresource,
): Promise<ApiResponse | Takeover> {
  const { info, resource, request, user, lifetime, warn } = call;
  if (request.query.has('dryRun')) throw badRequest('dryRun is not supported');
  const { name: objectName, ...target } = namedTarget(call, subresource);
  const version = await readVersion(registry, { ...call, info: { ...info, name: objectName } });
  const options = optionsOf(subresource.options, request.query);
  const attributes = { operation: 'CONNECT', draft: options as unknown as AnyDraft, previous: undefined } as const;
  const { subresource: name, namespace } = info;
  const admitted = { resource, subresource: name, namespace, name: info.name, user, dryRun: false, warn };
  await admitMutating(registry.admission, admitted, attributes);
  await admitValidating(registry.admission, admitted, attributes);
  const connector = registry.connectors[`${resource.kind.plural}/${name}`];
  if (!connector) throw new StatusError('ServiceUnavailable', `nothing serves ${resource.kind.plural}/${name} here`);
  return connector({
    kind: resource.kind,
    subresource: name,
    object: resource.serve(version).object,
    suffix: suffixOf(request.path, info),
    target,
    options,
    request,
    user,
    signal: lifetime.signal,
  });
}

/** Upstream: apimachinery/pkg/util/net.SplitSchemeNamePort. */
function namedTarget({ info, resource }: Call, { nameSaysPort }: ConnectSubresource): NamedTarget & { name: string } {
  const given = info.name;
  if (!nameSaysPort) return { name: given, given, scheme: '', port: '' };
  const parts = given.split(':');
  const [scheme, name = '', port = ''] = parts.length === 3 ? parts : ['', ...parts];
  const isScheme = scheme === '' || scheme === 'http' || scheme === 'https';
  if (parts.length <= 3 && name !== '' && isScheme) return { name, given, scheme, port };
  throw badRequest(`invalid ${resource.kind.singular} request ${JSON.stringify(given)}`);
}

/** The options in a query string: lists repeat their name, booleans and integers are text. */
function optionsOf(struct: Struct, query: URLSearchParams): Readonly<Record<string, unknown>> {
  const given: Record<string, unknown> = {};
  for (const [name, field] of struct.jsonFields) {
    const values = query.getAll(name);
    const [first = ''] = values;
    if (values.length === 0) continue;
    if (field.shape === 'list') given[name] = values;
    else if (leafOf(field) === 'bool') given[name] = isTrue(first);
    else if (leafOf(field) === 'int32' || leafOf(field) === 'int64')
      given[name] = first === '' ? undefined : Number(first);
    else given[name] = first;
  }
  try {
    return decodeStruct(struct, given);
  } catch (error) {
    if (error instanceof DecodeError) throw badRequest(error.message, error);
    throw error;
  }
}

/** What follows the subresource in the path, as it came: an escaped slash stays one. */
function suffixOf(path: string, { group, namespace, resource, suffix }: RequestInfo): string {
  if (suffix === '') return path.endsWith('/') ? '/' : '';
  const root = group === '' ? 2 : 3;
  const scope = namespace === '' || resource === 'namespaces' ? 0 : 2;
  const parts = path.split('/').filter((part) => part !== '');
  return `${parts.slice(root + scope + 3).join('/')}${path.endsWith('/') ? '/' : ''}`;
}
