// Types of node that v1.36 knows and serves nothing as unless it is told to.

import type { ObjectType } from '../../../src/api/decode-object.ts';
import { ObjectMeta } from '../../../src/api/meta/object-meta.ts';
import { Overhead, Scheduling } from '../../../src/api/node/runtime-class.ts';
import { message, string, struct } from '../../../src/api/schema.ts';

const RuntimeClassSpec = struct('node.k8s.io/v1alpha1.RuntimeClassSpec', {
  runtimeHandler: string(1, { required: true }),
  overhead: message(2, Overhead, { optional: true }),
  scheduling: message(3, Scheduling, { optional: true }),
});

const RuntimeClass = struct('node.k8s.io/v1alpha1.RuntimeClass', {
  metadata: message(1, ObjectMeta),
  spec: message(2, RuntimeClassSpec),
});

export const NODE_TYPES: readonly ObjectType[] = [
  { group: 'node.k8s.io', version: 'v1alpha1', kind: 'RuntimeClass', schema: RuntimeClass },
];
