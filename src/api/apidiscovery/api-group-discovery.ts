// Api group discovery.

import { GroupVersionKind } from '../meta/group-version.ts';
import { ListMeta } from '../meta/list-meta.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { list, message, type Read, string, struct } from '../schema.ts';

export const APISubresourceDiscovery = struct('apidiscovery.k8s.io/v2.APISubresourceDiscovery', {
  subresource: string(1, { required: true }),
  responseKind: message(2, GroupVersionKind, { optional: true }),
  acceptedTypes: list(3, GroupVersionKind, { list: { keys: ['group', 'version', 'kind'] } }),
  verbs: list(4, 'string', { required: true, list: 'set' }),
});
export type APISubresourceDiscovery = Read<typeof APISubresourceDiscovery>;

export const APIResourceDiscovery = struct('apidiscovery.k8s.io/v2.APIResourceDiscovery', {
  resource: string(1, { required: true }),
  responseKind: message(2, GroupVersionKind, { optional: true }),
  scope: string(3, { required: true }),
  singularResource: string(4, { required: true }),
  verbs: list(5, 'string', { required: true, list: 'set' }),
  shortNames: list(6, 'string', { list: 'set' }),
  categories: list(7, 'string', { list: 'set' }),
  subresources: list(8, APISubresourceDiscovery, { list: { keys: ['subresource'] } }),
});
export type APIResourceDiscovery = Read<typeof APIResourceDiscovery>;

export const APIVersionDiscovery = struct('apidiscovery.k8s.io/v2.APIVersionDiscovery', {
  version: string(1, { required: true }),
  resources: list(2, APIResourceDiscovery, { list: { keys: ['resource'] } }),
  freshness: string(3),
});
export type APIVersionDiscovery = Read<typeof APIVersionDiscovery>;

export const APIGroupDiscovery = struct('apidiscovery.k8s.io/v2.APIGroupDiscovery', {
  metadata: message(1, ObjectMeta),
  versions: list(2, APIVersionDiscovery, { list: { keys: ['version'] } }),
});
export type APIGroupDiscovery = Read<typeof APIGroupDiscovery>;

export const APIGroupDiscoveryList = struct('apidiscovery.k8s.io/v2.APIGroupDiscoveryList', {
  metadata: message(1, ListMeta),
  items: list(2, APIGroupDiscovery, { required: true }),
});
export type APIGroupDiscoveryList = Read<typeof APIGroupDiscoveryList>;
