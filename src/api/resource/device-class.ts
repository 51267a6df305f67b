// DeviceClass.

import { type Kind, kind, type ObjectOf } from '../kind.ts';
import { ObjectMeta } from '../meta/object-meta.ts';
import { ageColumn, nameColumn } from '../printing.ts';
import { inline, list, message, type Read, string, struct } from '../schema.ts';
import { validateDeviceClass } from './device-class-validation.ts';
import { DeviceConfiguration, DeviceSelector } from './device-selector.ts';

export const DeviceClassConfiguration = struct('resource.k8s.io/v1.DeviceClassConfiguration', {
  deviceConfiguration: inline(1, DeviceConfiguration, { omit: 'never' }),
});
export type DeviceClassConfiguration = Read<typeof DeviceClassConfiguration>;

export const DeviceClassSpec = struct('resource.k8s.io/v1.DeviceClassSpec', {
  selectors: list(1, DeviceSelector, { list: 'atomic' }),
  config: list(2, DeviceClassConfiguration, { list: 'atomic' }),
  extendedResourceName: string(4, { optional: true }),
});
export type DeviceClassSpec = Read<typeof DeviceClassSpec>;

const schema = struct('resource.k8s.io/v1.DeviceClass', {
  metadata: message(1, ObjectMeta),
  spec: message(2, DeviceClassSpec, { required: true }),
});
export type DeviceClass = ObjectOf<Kind<typeof schema, 'Cluster'>>;

export const DeviceClass = kind({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'DeviceClass',
  plural: 'deviceclasses',
  returnsDeleted: true,
  scope: 'Cluster',
  schema,
  generation: [['spec']],
  columns: [nameColumn, ageColumn],
  validate: validateDeviceClass,
});
