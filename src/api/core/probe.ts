// Probe.

import { inline, int32, int64, intOrString, list, message, type Read, string, struct } from '../schema.ts';

export const HTTPHeader = struct('core/v1.HTTPHeader', {
  name: string(1, { required: true }),
  value: string(2, { required: true, mayBeEmpty: true }),
});
export type HTTPHeader = Read<typeof HTTPHeader>;

export const URIScheme = ['HTTP', 'HTTPS'] as const;
export type URIScheme = (typeof URIScheme)[number];

export const HTTPGetAction = struct('core/v1.HTTPGetAction', {
  path: string(1, { defaultsTo: '/' }),
  port: intOrString(2, { required: true }),
  host: string(3),
  scheme: string(4, { defaultsTo: 'HTTP', enum: URIScheme }),
  httpHeaders: list(5, HTTPHeader, { list: 'atomic' }),
});
export type HTTPGetAction = Read<typeof HTTPGetAction>;

export const TCPSocketAction = struct('core/v1.TCPSocketAction', {
  port: intOrString(1, { required: true }),
  host: string(2),
});
export type TCPSocketAction = Read<typeof TCPSocketAction>;

export const GRPCAction = struct('core/v1.GRPCAction', {
  port: int32(1, { required: true }),
  service: string(2, { optional: true, omit: 'never', default: '' }),
});
export type GRPCAction = Read<typeof GRPCAction>;

export const ExecAction = struct('core/v1.ExecAction', {
  command: list(1, 'string', { list: 'atomic' }),
});
export type ExecAction = Read<typeof ExecAction>;

export const SleepAction = struct('core/v1.SleepAction', {
  seconds: int64(1, { required: true }),
});
export type SleepAction = Read<typeof SleepAction>;

export const ProbeHandler = struct('core/v1.ProbeHandler', {
  exec: message(1, ExecAction, { optional: true }),
  httpGet: message(2, HTTPGetAction, { optional: true }),
  tcpSocket: message(3, TCPSocketAction, { optional: true }),
  grpc: message(4, GRPCAction, { optional: true }),
});
export type ProbeHandler = Read<typeof ProbeHandler>;

export const Probe = struct('core/v1.Probe', {
  handler: inline(1, ProbeHandler, { omit: 'never' }),
  initialDelaySeconds: int32(2),
  timeoutSeconds: int32(3, { defaultsTo: 1 }),
  periodSeconds: int32(4, { defaultsTo: 10 }),
  successThreshold: int32(5, { defaultsTo: 1 }),
  failureThreshold: int32(6, { defaultsTo: 3 }),
  terminationGracePeriodSeconds: int64(7, { optional: true }),
});
export type Probe = Read<typeof Probe>;

export const LifecycleHandler = struct('core/v1.LifecycleHandler', {
  exec: message(1, ExecAction, { optional: true }),
  httpGet: message(2, HTTPGetAction, { optional: true }),
  tcpSocket: message(3, TCPSocketAction, { optional: true, deprecated: true }),
  sleep: message(4, SleepAction, { optional: true }),
});
export type LifecycleHandler = Read<typeof LifecycleHandler>;

export const Signal = [
  'SIGABRT',
  'SIGALRM',
  'SIGBUS',
  'SIGCHLD',
  'SIGCLD',
  'SIGCONT',
  'SIGFPE',
  'SIGHUP',
  'SIGILL',
  'SIGINT',
  'SIGIO',
  'SIGIOT',
  'SIGKILL',
  'SIGPIPE',
  'SIGPOLL',
  'SIGPROF',
  'SIGPWR',
  'SIGQUIT',
  'SIGSEGV',
  'SIGSTKFLT',
  'SIGSTOP',
  'SIGSYS',
  'SIGTERM',
  'SIGTRAP',
  'SIGTSTP',
  'SIGTTIN',
  'SIGTTOU',
  'SIGURG',
  'SIGUSR1',
  'SIGUSR2',
  'SIGVTALRM',
  'SIGWINCH',
  'SIGXCPU',
  'SIGXFSZ',
  'SIGRTMIN',
  'SIGRTMIN+1',
  'SIGRTMIN+2',
  'SIGRTMIN+3',
  'SIGRTMIN+4',
  'SIGRTMIN+5',
  'SIGRTMIN+6',
  'SIGRTMIN+7',
  'SIGRTMIN+8',
  'SIGRTMIN+9',
  'SIGRTMIN+10',
  'SIGRTMIN+11',
  'SIGRTMIN+12',
  'SIGRTMIN+13',
  'SIGRTMIN+14',
  'SIGRTMIN+15',
  'SIGRTMAX-14',
  'SIGRTMAX-13',
  'SIGRTMAX-12',
  'SIGRTMAX-11',
  'SIGRTMAX-10',
  'SIGRTMAX-9',
  'SIGRTMAX-8',
  'SIGRTMAX-7',
  'SIGRTMAX-6',
  'SIGRTMAX-5',
  'SIGRTMAX-4',
  'SIGRTMAX-3',
  'SIGRTMAX-2',
  'SIGRTMAX-1',
  'SIGRTMAX',
] as const;
export type Signal = (typeof Signal)[number];

export const Lifecycle = struct('core/v1.Lifecycle', {
  postStart: message(1, LifecycleHandler, { optional: true }),
  preStop: message(2, LifecycleHandler, { optional: true }),
  stopSignal: string(3, { optional: true, enum: Signal, disabledBy: 'ContainerStopSignals' }),
});
export type Lifecycle = Read<typeof Lifecycle>;
