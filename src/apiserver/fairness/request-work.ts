// What a request is going to take, by what the server knows: how much a list would read, and who would be told of a write.

import { keyOf, type ResourceTable } from '../registry/resource.ts';
import { isTrue, type RequestInfo } from '../request-info.ts';
import { estimateList, estimateWrite, ONE_SEAT, type WorkEstimate } from './work-estimate.ts';

/** `maxSeats`: what its level allows. */
export function workOf(
  resources: ResourceTable,
  { info, query }: { readonly info: RequestInfo; readonly query: URLSearchParams },
  maxSeats: number,
): WorkEstimate {
  if (!info.isResource) return ONE_SEAT;
  switch (info.verb) {
    case 'watch':
      return beginsWithState(query) ? listWork(resources, info, query, maxSeats) : ONE_SEAT;
    case 'list':
      return listWork(resources, info, query, maxSeats);
    case 'create':
    case 'update':
    case 'patch':
    case 'delete':
      return writeWork(resources, info, maxSeats);
    default:
      return ONE_SEAT;
  }
}

function listWork(resources: ResourceTable, info: RequestInfo, query: URLSearchParams, maxSeats: number): WorkEstimate {
  const cache = resources.find(info.group, info.version, info.resource)?.storage?.cache;
  if (!cache) return ONE_SEAT;
  const limit = Number(query.get('limit') ?? 0);
  return estimateList({ count: cache.size, sizeBytes: cache.sizeBytes, limit, single: info.name !== '' }, maxSeats);
}

function writeWork(resources: ResourceTable, info: RequestInfo, maxSeats: number): WorkEstimate {
  const resource = resources.find(info.group, info.version, info.resource);
  // A token is made for an account without changing it.
  if (!resource?.storage || info.subresource === 'token') return ONE_SEAT;
  const key = keyOf(resource.kind, { name: info.name, namespace: info.namespace });
  return estimateWrite(resource.storage.cache.hub.watchersOf(key), maxSeats);
}

/** Whether a watch first tells what is there. */
function beginsWithState(query: URLSearchParams): boolean {
  const revision = query.get('resourceVersion') ?? '';
  return isTrue(query.get('sendInitialEvents')) || revision === '' || revision === '0';
}
