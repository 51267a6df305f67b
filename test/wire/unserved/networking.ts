// Types of networking that v1.36 knows and serves nothing as unless it is told to.

import type { ObjectType } from '../../../src/api/decode-object.ts';
import { Ingress } from './extensions.ts';

export const NETWORKING_TYPES: readonly ObjectType[] = [
  { group: 'networking.k8s.io', version: 'v1beta1', kind: 'Ingress', schema: Ingress },
];
