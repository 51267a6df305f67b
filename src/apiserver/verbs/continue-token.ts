// Tokens by which a list goes on where its last page ended. Upstream: k8s.io/apiserver/pkg/storage/continue.go.

import { badRequest } from '../../api/status-error.ts';

export interface ContinueToken {
  /** The revision that all pages are as of; -1 to go on with what is there now. */
  readonly revision: number;
  /** The first key of the next page, within the namespace that is listed. */
  readonly start: string;
}

export function encodeContinue({ revision, start }: ContinueToken): string {
  return btoa(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start }))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}

/** Throws StatusError `BadRequest` for what is no such token. */
export function decodeContinue(text: string): ContinueToken {
  const { v, rv, start } = parse(text);
  if (v !== 'meta.k8s.io/v1') throw notValid(`server does not recognize this encoded version ${String(v ?? '')}`);
  if (typeof rv !== 'number' || !Number.isSafeInteger(rv) || rv === 0) {
    throw notValid('incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  }
  if (typeof start !== 'string' || start === '') throw notValid('encoded start key empty (version meta.k8s.io/v1)');
  const steps = start.replace(/^\//, '').split('/');
  if (steps.some((step) => step === '' || step === '.' || step === '..')) throw notValid(start);
  return { revision: rv, start };
}

function parse(text: string): { v?: unknown; rv?: unknown; start?: unknown } {
  try {
    const value: unknown = JSON.parse(atob(text.replaceAll('-', '+').replaceAll('_', '/')));
    return typeof value === 'object' && value !== null ? value : {};
  } catch (error) {
    throw notValid(String((error as Error).message));
  }
}

function notValid(why: string) {
  return badRequest(`invalid continue token: continue key is not valid: ${why}`);
}
