import assert from 'node:assert/strict';
import { test } from 'node:test';
import { certificateTerms } from './certificate-terms.ts';

const NOW = Date.UTC(2026, 0, 1);
const HOUR = 3600;
const YEAR = 365 * 24 * HOUR;

const cases: readonly (readonly [string, number | undefined, endsAfterSeconds: number])[] = [
  ['nothing asked for', undefined, YEAR - 300],
  ['too long', 2 * YEAR, YEAR - 300],
  ['an hour', HOUR, HOUR],
  ['eight hours', 8 * HOUR, 8 * HOUR - 300],
  ['too short', 60, 600],
];
for (const [what, seconds, endsAfterSeconds] of cases) {
  test(`certificateTerms: ${what}`, () =>
    assert.deepEqual(certificateTerms(seconds, NOW), {
      notBeforeMs: NOW - 300_000,
      notAfterMs: NOW + endsAfterSeconds * 1000,
    }));
}
