// Which declaration a fixture of the public API test data is read by: that of the served kind, of what is posted to its
// subresources, of the types of meta/v1, or one of those in unserved/. A version that has no declaration of its own looks
// like another version of its kind, which the fixtures themselves show.

import { APIGroupDiscovery } from '../../src/api/apidiscovery/api-group-discovery.ts';
import { Scale } from '../../src/api/autoscaling/scale.ts';
import { KINDS } from '../../src/api/catalog.ts';
import { PodLogOptions } from '../../src/api/core/pod-options.ts';
import type { ObjectType } from '../../src/api/decode-object.ts';
import type { Kind } from '../../src/api/kind.ts';
import { APIGroup, APIVersions } from '../../src/api/meta/discovery.ts';
import {
  CreateOptions,
  DeleteOptions,
  GetOptions,
  ListOptions,
  PatchOptions,
  UpdateOptions,
} from '../../src/api/meta/options.ts';
import { Status } from '../../src/api/meta/status.ts';
import { NetworkPolicy } from '../../src/api/networking/network-policy.ts';
import type { Struct } from '../../src/api/schema.ts';
import { ADMISSION_TYPES } from './unserved/admission.ts';
import { ADMISSIONREGISTRATION_TYPES } from './unserved/admissionregistration.ts';
import { APPS_TYPES } from './unserved/apps.ts';
import { AUTHORIZATION_TYPES } from './unserved/authorization.ts';
import { CERTIFICATES_TYPES } from './unserved/certificates.ts';
import { COORDINATION_TYPES } from './unserved/coordination.ts';
import { CORE_TYPES } from './unserved/core.ts';
import { DISCOVERY_TYPES } from './unserved/discovery.ts';
import { EXTENSIONS_TYPES } from './unserved/extensions.ts';
import { FLOWCONTROL_TYPES } from './unserved/flowcontrol.ts';
import { IMAGEPOLICY_TYPES } from './unserved/imagepolicy.ts';
import { INTERNAL_TYPES } from './unserved/internal.ts';
import { NETWORKING_TYPES } from './unserved/networking.ts';
import { NODE_TYPES } from './unserved/node.ts';
import { RBAC_TYPES } from './unserved/rbac.ts';
import { RESOURCE_TYPES } from './unserved/resource.ts';
import { SCHEDULING_TYPES } from './unserved/scheduling.ts';
import { STORAGEMIGRATION_TYPES } from './unserved/storagemigration.ts';

export interface FixtureType {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** The type of a fixture; undefined where nothing is declared that could be it. */
export function fixtureType({ group, version, kind }: FixtureType): ObjectType | undefined {
  const sameKind = TYPES.filter((type) => type.kind === kind && type.group === group);
  const declared = sameKind.find((type) => type.version === version) ?? sameKind[0];
  return declared && { group, version, kind, schema: declared.schema };
}

/** Options and statuses are of every group; the fixtures have them in the core group. */
const SHARED: Readonly<Record<string, Struct>> = {
  APIGroup,
  APIVersions,
  CreateOptions,
  DeleteOptions,
  GetOptions,
  ListOptions,
  PatchOptions,
  PodLogOptions,
  Status,
  UpdateOptions,
};

const TYPES: readonly ObjectType[] = [
  ...KINDS,
  ...KINDS.flatMap(subresourceTypes),
  ...Object.entries(SHARED).map(([kind, schema]) => ({ group: '', version: 'v1', kind, schema })),
  { group: 'apidiscovery.k8s.io', version: 'v2', kind: 'APIGroupDiscovery', schema: APIGroupDiscovery },
  { group: 'autoscaling', version: 'v1', kind: 'Scale', schema: Scale },
  { group: 'extensions', version: 'v1beta1', kind: 'NetworkPolicy', schema: NetworkPolicy.schema },
  ...ADMISSION_TYPES,
  ...ADMISSIONREGISTRATION_TYPES,
  ...APPS_TYPES,
  ...AUTHORIZATION_TYPES,
  ...CERTIFICATES_TYPES,
  ...COORDINATION_TYPES,
  ...CORE_TYPES,
  ...DISCOVERY_TYPES,
  ...EXTENSIONS_TYPES,
  ...FLOWCONTROL_TYPES,
  ...IMAGEPOLICY_TYPES,
  ...INTERNAL_TYPES,
  ...NETWORKING_TYPES,
  ...NODE_TYPES,
  ...RBAC_TYPES,
  ...RESOURCE_TYPES,
  ...SCHEDULING_TYPES,
  ...STORAGEMIGRATION_TYPES,
];

/** What is posted to a kind's subresources, and what their query strings hold. */
function subresourceTypes({ subresources }: Kind): readonly ObjectType[] {
  return Object.values(subresources).flatMap((subresource) => {
    if (subresource.type === 'action') return [subresource];
    // A kind that is named for what a connection gives is no name of its options.
    if (subresource.type !== 'connect' || !subresource.kind.endsWith('Options')) return [];
    return [{ group: '', version: 'v1', kind: subresource.kind, schema: subresource.options }];
  });
}
