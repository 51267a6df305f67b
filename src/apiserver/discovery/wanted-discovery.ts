// In which form a client wants discovery: the older one, a document for each group and version, or everything in one
// (KEP-3352), which it asks for by the type it wants to have it as.

import { ACCEPTED, clausesOf, type Format, formatOf, notAcceptable } from '../negotiation/accept.ts';

export const AGGREGATED_GROUP = 'apidiscovery.k8s.io';
export const AGGREGATED_KIND = 'APIGroupDiscoveryList';
const AGGREGATED_VERSIONS = ['v2', 'v2beta1'] as const;
export type AggregatedVersion = (typeof AGGREGATED_VERSIONS)[number];

export interface WantedDiscovery {
  readonly format: Format;
  readonly aggregated: AggregatedVersion | undefined;
}

/** The first of the client's wishes that can be met. Throws StatusError `NotAcceptable`. */
export function wantedDiscovery(
  accept: string | undefined,
  offered: { readonly aggregated: boolean },
): WantedDiscovery {
  for (const { mediaType, parameters } of clausesOf(accept || '*/*')) {
    const format = formatOf(mediaType);
    if (!format) continue;
    const { as, g, v } = parameters;
    if (as === undefined) return { format, aggregated: undefined };
    const aggregated = AGGREGATED_VERSIONS.find((version) => version === v);
    if (offered.aggregated && as === AGGREGATED_KIND && g === AGGREGATED_GROUP && aggregated)
      return { format, aggregated };
  }
  throw notAcceptable(ACCEPTED);
}
