import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Secret } from '../../api/core/secret.ts';
import { tokenData } from './token-data.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const whole = { 'ca.crt': base64('CA'), namespace: base64('a'), token: base64('t') };

const cases: readonly (readonly [string, Record<string, string>, ReturnType<typeof tokenData>])[] = [
  ['nothing is there', {}, { data: { 'ca.crt': base64('CA'), namespace: base64('a') }, needsToken: true }],
  ['all is there', whole, undefined],
  ['another authority', { ...whole, 'ca.crt': base64('old') }, { data: { 'ca.crt': base64('CA') }, needsToken: false }],
  ['another namespace stays', { ...whole, namespace: base64('b') }, undefined],
  ['an empty token', { ...whole, token: '' }, { data: {}, needsToken: true }],
];
for (const [what, data, wanted] of cases) {
  test(`tokenData: ${what}`, () =>
    assert.deepEqual(tokenData({ metadata: { namespace: 'a' }, data } as unknown as Secret, 'CA'), wanted));
}
