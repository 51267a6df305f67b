// Discovery.

import { bool, list, message, type Read, string, stringList, struct } from '../schema.ts';

export const ServerAddressByClientCIDR = struct('meta/v1.ServerAddressByClientCIDR', {
  clientCIDR: string(1, { required: true }),
  serverAddress: string(2, { required: true }),
});
export type ServerAddressByClientCIDR = Read<typeof ServerAddressByClientCIDR>;

export const APIVersions = struct('meta/v1.APIVersions', {
  versions: list(1, 'string', { required: true, list: 'atomic' }),
  serverAddressByClientCIDRs: list(2, ServerAddressByClientCIDR, { required: true, list: 'atomic' }),
});
export type APIVersions = Read<typeof APIVersions>;

export const GroupVersionForDiscovery = struct('meta/v1.GroupVersionForDiscovery', {
  groupVersion: string(1, { required: true }),
  version: string(2, { required: true }),
});
export type GroupVersionForDiscovery = Read<typeof GroupVersionForDiscovery>;

export const APIGroup = struct('meta/v1.APIGroup', {
  name: string(1, { required: true }),
  versions: list(2, GroupVersionForDiscovery, { required: true, list: 'atomic' }),
  preferredVersion: message(3, GroupVersionForDiscovery),
  serverAddressByClientCIDRs: list(4, ServerAddressByClientCIDR, { list: 'atomic' }),
});
export type APIGroup = Read<typeof APIGroup>;

export const APIGroupList = struct('meta/v1.APIGroupList', {
  groups: list(1, APIGroup, { required: true, list: 'atomic' }),
});
export type APIGroupList = Read<typeof APIGroupList>;

export const APIResource = struct('meta/v1.APIResource', {
  name: string(1, { required: true }),
  singularName: string(6, { required: true }),
  namespaced: bool(2, { required: true }),
  group: string(8),
  version: string(9),
  kind: string(3, { required: true }),
  verbs: stringList(4, { required: true }),
  shortNames: list(5, 'string', { list: 'atomic' }),
  categories: list(7, 'string', { list: 'atomic' }),
  storageVersionHash: string(10),
});
export type APIResource = Read<typeof APIResource>;

export const APIResourceList = struct('meta/v1.APIResourceList', {
  groupVersion: string(1, { required: true }),
  resources: list(2, APIResource, { required: true, list: 'atomic' }),
});
export type APIResourceList = Read<typeof APIResourceList>;

export const RootPaths = struct('meta/v1.RootPaths', {
  paths: list(1, 'string', { required: true, list: 'atomic' }),
});
export type RootPaths = Read<typeof RootPaths>;
