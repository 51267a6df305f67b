// What the core group has in fixtures and serves nothing as: leftovers, and what annotations hold.

import { ObjectReference } from '../../../src/api/core/references.ts';
import type { ObjectType } from '../../../src/api/decode-object.ts';
import { ObjectMeta } from '../../../src/api/meta/object-meta.ts';
import { bytes, message, string, struct } from '../../../src/api/schema.ts';

const RangeAllocation = struct('core/v1.RangeAllocation', {
  metadata: message(1, ObjectMeta),
  range: string(2, { required: true }),
  data: bytes(3, { required: true }),
});

const SerializedReference = struct('core/v1.SerializedReference', {
  reference: message(1, ObjectReference),
});

export const CORE_TYPES: readonly ObjectType[] = [
  { group: '', version: 'v1', kind: 'RangeAllocation', schema: RangeAllocation },
  { group: '', version: 'v1', kind: 'SerializedReference', schema: SerializedReference },
];
