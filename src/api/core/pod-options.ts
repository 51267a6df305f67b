// Pod options.

import { bool, int64, list, type Read, string, struct, time } from '../schema.ts';

export const PodLogOptions = struct('core/v1.PodLogOptions', {
  container: string(1),
  follow: bool(2),
  previous: bool(3),
  sinceSeconds: int64(4, { optional: true }),
  sinceTime: time(5, { optional: true }),
  timestamps: bool(6),
  tailLines: int64(7, { optional: true }),
  limitBytes: int64(8, { optional: true }),
  insecureSkipTLSVerifyBackend: bool(9),
  stream: string(10, { optional: true }),
});
export type PodLogOptions = Read<typeof PodLogOptions>;

export const PodAttachOptions = struct('core/v1.PodAttachOptions', {
  stdin: bool(1),
  stdout: bool(2),
  stderr: bool(3),
  tty: bool(4),
  container: string(5),
});
export type PodAttachOptions = Read<typeof PodAttachOptions>;

export const PodExecOptions = struct('core/v1.PodExecOptions', {
  stdin: bool(1),
  stdout: bool(2),
  stderr: bool(3),
  tty: bool(4),
  container: string(5),
  command: list(6, 'string', { required: true, list: 'atomic' }),
});
export type PodExecOptions = Read<typeof PodExecOptions>;

export const PodPortForwardOptions = struct('core/v1.PodPortForwardOptions', {
  ports: list(1, 'int32', { list: 'atomic' }),
});
export type PodPortForwardOptions = Read<typeof PodPortForwardOptions>;

export const PodProxyOptions = struct('core/v1.PodProxyOptions', {
  path: string(1),
});
export type PodProxyOptions = Read<typeof PodProxyOptions>;
