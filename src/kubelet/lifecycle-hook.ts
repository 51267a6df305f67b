// postStart and preStop: a command in the container, an HTTP request, or a sleep. Upstream: pkg/kubelet/lifecycle/handlers.go.

import { request } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { Container } from '../api/core/container.ts';
import type { LifecycleHandler } from '../api/core/probe.ts';
import { type Clock, sleep } from '../base/clock.ts';
import type { Cri } from '../cri/cri.ts';
import { portNumber } from './probes/container-port.ts';
import { requestHeaders } from './probes/request-headers.ts';
import { withTimeLimit } from './time-limit.ts';

export interface HookTarget {
  readonly container: Container;
  readonly containerId: string;
  /** Of the pod, or of the node where the pod is in its network. */
  readonly podIp: string;
}

export interface HookOptions {
  /** Undefined: as long as it takes. */
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal;
}

/** Runs the hook to its end. Throws what went wrong, TimeLimitError when its time is over, or the signal's reason. */
export async function runHook(
  { cri, clock }: { readonly cri: Pick<Cri, 'execSync'>; readonly clock: Clock },
  handler: LifecycleHandler,
  target: HookTarget,
  { timeoutMs, signal }: HookOptions,
): Promise<void> {
  const run = (within: AbortSignal) => runWithin({ cri, clock }, handler, target, within);
  await (timeoutMs === undefined ? run(signal) : withTimeLimit(clock, timeoutMs, signal, run));
}

async function runWithin(
  { cri, clock }: { readonly cri: Pick<Cri, 'execSync'>; readonly clock: Clock },
  handler: LifecycleHandler,
  target: HookTarget,
  signal: AbortSignal,
): Promise<void> {
  if (handler.exec) {
    const command = handler.exec.command ?? [];
    const answer = await cri.execSync({ containerId: target.containerId, cmd: command }, { signal });
    if (answer.exitCode !== 0) {
      const output = Buffer.concat([answer.stdout, answer.stderr]).toString('utf8');
      throw new Error(`command '${command.join(' ')}' exited with ${answer.exitCode}: ${output}`);
    }
  } else if (handler.httpGet) {
    await getOnce(handler.httpGet, target, signal);
  } else if (handler.sleep) {
    await sleep(clock, handler.sleep.seconds * 1000, signal);
  } else if (handler.tcpSocket) {
    throw new Error('tcpSocket hooks are not supported');
  }
}

function getOnce(
  { host, port, path = '/', scheme = 'HTTP', httpHeaders }: NonNullable<LifecycleHandler['httpGet']>,
  { container, podIp }: HookTarget,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = {
      host: host || podIp,
      port: portNumber(container, port),
      path: path.startsWith('/') ? path : `/${path}`,
      headers: requestHeaders(httpHeaders ?? [], 'kube-lifecycle'),
      agent: false,
      signal,
    } as const;
    const send = scheme === 'HTTPS' ? secureRequest : request;
    // That it was answered is enough, as upstream has it, whatever the status.
    const sent = send({ ...options, rejectUnauthorized: false }, (response) => {
      response.resume();
      resolve();
    });
    sent.on('error', reject);
    sent.end();
  });
}
