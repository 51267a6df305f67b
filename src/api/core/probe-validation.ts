// The rules of probes and lifecycle hooks. Upstream: validateProbe, validateHandler and validateLifecycle in
// pkg/apis/core/validation.

import {
  type AlternativeChecks,
  checkAlternatives,
  checkFaults,
  checkNonNegative,
  checkPortOrName,
} from '../field-checks.ts';
import { type FieldError, fieldError, type Path } from '../field-error.ts';
import { httpHeaderName } from '../names.ts';
import type { Container } from './container.ts';
import type { Lifecycle, LifecycleHandler, Probe, ProbeHandler } from './probe.ts';

/** `gracePeriodSeconds` is the pod's; a hook may not sleep longer. */
export function checkProbesAndHooks(
  container: Pick<Container, 'livenessProbe' | 'readinessProbe' | 'startupProbe' | 'lifecycle'>,
  gracePeriodSeconds: number | undefined,
  at: Path,
  errors: FieldError[],
): void {
  const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
  if (lifecycle) checkLifecycle(lifecycle, gracePeriodSeconds, at.child('lifecycle'), errors);
  if (livenessProbe) checkOnceIsEnough(livenessProbe, at.child('livenessProbe'), errors);
  if (readinessProbe) {
    const path = at.child('readinessProbe');
    checkProbe(readinessProbe, path, errors);
    const { terminationGracePeriodSeconds: period } = readinessProbe;
    if (period !== undefined) {
      const why = 'must not be set for readinessProbes';
      errors.push(fieldError.invalid(path.child('terminationGracePeriodSeconds'), period, why));
    }
  }
  if (startupProbe) checkOnceIsEnough(startupProbe, at.child('startupProbe'), errors);
}

function checkOnceIsEnough(probe: Probe, at: Path, errors: FieldError[]): void {
  checkProbe(probe, at, errors);
  if (probe.successThreshold !== 1) {
    errors.push(fieldError.invalid(at.child('successThreshold'), probe.successThreshold ?? 0, 'must be 1'));
  }
}

const COUNTS = [
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
] as const satisfies readonly (keyof Probe)[];

function checkProbe(probe: Probe, at: Path, errors: FieldError[]): void {
  checkHandler(probe, undefined, at, errors);
  for (const field of COUNTS) checkNonNegative(probe[field], at.child(field), errors);
  const period = probe.terminationGracePeriodSeconds;
  if (period !== undefined && period <= 0) {
    errors.push(fieldError.invalid(at.child('terminationGracePeriodSeconds'), period, 'must be greater than 0'));
  }
}

function checkLifecycle(
  { postStart, preStop }: Lifecycle,
  gracePeriodSeconds: number | undefined,
  at: Path,
  errors: FieldError[],
): void {
  if (postStart) checkHandler(postStart, gracePeriodSeconds, at.child('postStart'), errors);
  if (preStop) checkHandler(preStop, gracePeriodSeconds, at.child('preStop'), errors);
}

type Handler = ProbeHandler & LifecycleHandler;

const HANDLERS: AlternativeChecks<Handler, { readonly gracePeriodSeconds: number | undefined }> = {
  exec({ command }, at, errors) {
    if (!command?.length) errors.push(fieldError.required(at.child('command')));
  },
  httpGet({ path, port, httpHeaders }, at, errors) {
    if (!path) errors.push(fieldError.required(at.child('path')));
    checkPortOrName(port, at.child('port'), errors);
    for (const { name } of httpHeaders ?? []) {
      checkFaults(httpHeaderName(name), name, at.child('httpHeaders'), errors);
    }
  },
  tcpSocket: ({ port }, at, errors) => checkPortOrName(port, at.child('port'), errors),
  grpc: ({ port }, at, errors) => checkPortOrName(port, at.child('port'), errors),
  sleep({ seconds }, at, errors, { gracePeriodSeconds }) {
    // A pod without a grace period is refused for that alone.
    if (gracePeriodSeconds === undefined || (seconds >= 0 && seconds <= gracePeriodSeconds)) return;
    const why = `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriodSeconds})`;
    errors.push(fieldError.invalid(at, seconds, why));
  },
};

function checkHandler(handler: Handler, gracePeriodSeconds: number | undefined, at: Path, errors: FieldError[]): void {
  const texts = { none: 'must specify a handler type', several: 'may not specify more than 1 handler type' };
  checkAlternatives(handler, HANDLERS, at, errors, { gracePeriodSeconds }, texts);
}
