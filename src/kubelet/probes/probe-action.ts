// One probe, by the kind that the pod asks for, within its time. Upstream: pkg/kubelet/prober/prober.go.

import type { Probe } from '../../api/core/probe.ts';
import type { Clock } from '../../base/clock.ts';
import { TimeLimitError, withTimeLimit } from '../time-limit.ts';
import { portNumber } from './container-port.ts';
import type { ExecResult } from './exec-probe.ts';
import { probeGrpc } from './grpc-probe.ts';
import { probeHttp } from './http-probe.ts';
import type { ProbeAction, ProbeOutcome, ProbeTarget } from './probe-manager.ts';
import { probeTcp } from './tcp-probe.ts';

export interface ProbeActionDeps {
  readonly clock: Clock;
  /** Runs a command in a container. Rejects when it could not be run; `timedOut` when it took too long. */
  readonly exec: (
    containerId: string,
    command: readonly string[],
    options: { readonly timeoutMs: number; readonly signal: AbortSignal },
  ) => Promise<ExecResult>;
}

/** Makes probes. `version` is `1.36`, for the user agent. */
export function probeAction({ clock, exec }: ProbeActionDeps, { version }: { readonly version: string }): ProbeAction {
  const userAgent = `kube-probe/${version}`;

  async function probeNetwork(target: ProbeTarget, probe: Probe, signal: AbortSignal): Promise<ProbeOutcome> {
    const { container, podIp } = target;
    if (probe.httpGet) return probeHttp(target, probe.httpGet, userAgent, signal);
    if (probe.tcpSocket) {
      return probeTcp(probe.tcpSocket.host || podIp, portNumber(container, probe.tcpSocket.port), signal);
    }
    if (probe.grpc) {
      const { port, service } = probe.grpc;
      return probeGrpc({ host: podIp, port, service: service ?? '', userAgent }, signal);
    }
    throw new Error(`missing probe handler for ${container.name}`);
  }

  return async (target, probe, signal) => {
    const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000;
    if (probe.exec) {
      const command = probe.exec.command ?? [];
      const { exitCode, output, timedOut } = await exec(target.containerId, command, { timeoutMs, signal });
      if (timedOut) {
        const said = `command timed out: "${command.join(' ')}" timed out after ${timeoutMs / 1000}s`;
        return { verdict: 'failure', output: said };
      }
      return { verdict: exitCode === 0 ? 'success' : 'failure', output };
    }
    try {
      return await withTimeLimit(clock, timeoutMs, signal, (within) => probeNetwork(target, probe, within));
    } catch (error) {
      if (!(error instanceof TimeLimitError)) throw error;
      return { verdict: 'failure', output: timeoutWords(target, probe) };
    }
  };
}

function timeoutWords({ container, podIp }: ProbeTarget, probe: Probe): string {
  if (probe.tcpSocket) {
    const { host, port } = probe.tcpSocket;
    return `dial tcp ${host || podIp}:${portNumber(container, port)}: i/o timeout`;
  }
  if (probe.grpc) return `timeout: health rpc did not complete within ${probe.timeoutSeconds ?? 1}s`;
  return 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)';
}
