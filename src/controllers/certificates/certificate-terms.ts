// From when until when a certificate is valid. Upstream: PermissiveSigningPolicy in pkg/controller/certificates/authority
// and duration() in signer/signer.go.

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** What a request gets that asks for nothing, and at most. */
const MAX_LIFETIME_MS = 365 * 24 * HOUR_MS;
const MIN_LIFETIME_MS = 10 * MINUTE_MS;
/** For machines whose clocks are behind. */
const BACKDATE_MS = 5 * MINUTE_MS;
/** A certificate shorter than this does not lose at its end what it is backdated. */
const SHORT_MS = 8 * HOUR_MS;

export function certificateTerms(
  expirationSeconds: number | undefined,
  nowMs: number,
): { readonly notBeforeMs: number; readonly notAfterMs: number } {
  const askedMs = expirationSeconds === undefined ? MAX_LIFETIME_MS : expirationSeconds * 1000;
  const lifetimeMs = Math.min(Math.max(askedMs, MIN_LIFETIME_MS), MAX_LIFETIME_MS);
  const notBeforeMs = nowMs - BACKDATE_MS;
  return { notBeforeMs, notAfterMs: (lifetimeMs < SHORT_MS ? nowMs : notBeforeMs) + lifetimeMs };
}
