// What is said of a pull that has failed, in the words of upstream: pure. Upstream: evalCRIPullErr in
// pkg/kubelet/images/image_manager.go, k8s.io/apimachinery/pkg/util/errors.

import { messageOf } from '../../base/message-of.ts';
import { CriError } from '../../cri/cri.ts';

export interface PullError {
  /** What the container waits for: `ErrImagePull`, or what the runtime knows better. */
  readonly reason: string;
  readonly message: string;
  /** The runtime's own words. */
  readonly told: string;
}

/** Beginnings of what runtimes say, by which they tell more than that it failed. */
const KNOWN: Readonly<Record<string, string>> = {
  RegistryUnavailable: 'the registry is unavailable',
  SignatureValidationFailed: 'the signature validation failed',
};

/** `cause` may be an AggregateError: one for each credential that was tried. */
export function pullError(image: string, cause: unknown): PullError {
  const causes = cause instanceof AggregateError ? cause.errors : [cause];
  const texts = [...new Set(causes.map(textOf))];
  const told = texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`;
  for (const [reason, why] of Object.entries(KNOWN)) {
    if (!told.startsWith(reason)) continue;
    return { reason, told, message: `image pull failed for ${image} because ${why}${told.slice(reason.length)}` };
  }
  return { reason: 'ErrImagePull', told, message: told };
}

/** A code that says nothing is left out. */
function textOf(error: unknown): string {
  if (error instanceof CriError && error.code === 'UNKNOWN') return error.details;
  return messageOf(error);
}
