// Webhook client config.

import { bytes, int32, message, type Read, string, struct } from '../schema.ts';

export const ServiceReference = struct('admissionregistration.k8s.io/v1.ServiceReference', {
  // Validation reports these two itself, in its own way.
  namespace: string(1, { required: true, mayBeEmpty: true }),
  name: string(2, { required: true, mayBeEmpty: true }),
  path: string(3, { optional: true }),
  port: int32(4, { optional: true, defaultsTo: 443 }),
});
export type ServiceReference = Read<typeof ServiceReference>;

export const WebhookClientConfig = struct('admissionregistration.k8s.io/v1.WebhookClientConfig', {
  url: string(3, { optional: true }),
  service: message(1, ServiceReference, { optional: true }),
  caBundle: bytes(2),
});
export type WebhookClientConfig = Read<typeof WebhookClientConfig>;
