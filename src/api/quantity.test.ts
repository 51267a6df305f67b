import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  parseQuantity,
  QuantityError,
  quantityMilliValue,
  quantityOf,
  quantityOfMilli,
  quantitySign,
  quantityToNumber,
  quantityValue,
  subtractQuantities,
} from './quantity.ts';

const CANONICAL: readonly (readonly [string, string])[] = [
  ['0', '0'],
  ['0m', '0'],
  ['0Ki', '0'],
  ['0n', '0'],
  ['-0', '0'],
  ['1', '1'],
  ['100m', '100m'],
  ['1000m', '1'],
  ['1500m', '1500m'],
  ['0.5', '500m'],
  ['0.001', '1m'],
  ['0.0001', '100u'],
  ['2000', '2k'],
  ['1000000k', '1G'],
  ['128Mi', '128Mi'],
  ['1024Mi', '1Gi'],
  ['1536Mi', '1536Mi'],
  ['1.5Gi', '1536Mi'],
  ['0.5Ki', '512'],
  ['1024', '1024'],
  ['1000Ki', '1000Ki'],
  ['16266456Ki', '16266456Ki'],
  ['100Mi', '100Mi'],
  ['1e3', '1e3'],
  ['12e1', '120'],
  ['1E6', '1E6'],
  ['1000e3', '1e6'],
  ['10E', '10E'],
  ['3T', '3T'],
  ['-5', '-5'],
  ['-1000m', '-1'],
  ['+1', '+1'],
  ['1.0', '1'],
  ['0.1n', '1n'],
  ['-0.1n', '-1n'],
  ['1.1n', '2n'],
  ['9223372036854775807', '9223372036854775807'],
  ['9Ei', '9223372036854775807'],
  ['0.00000000001', '1n'],
];

test('canonicalQuantity writes every quantity as the server does, and twice the same', () => {
  for (const [given, canonical] of CANONICAL) {
    assert.equal(canonicalQuantity(given), canonical, given);
    assert.equal(canonicalQuantity(canonical), canonical, canonical);
  }
});

test('canonicalQuantity keeps a text that upstream takes for canonical', () => {
  assert.equal(canonicalQuantity('1.500'), '1.500');
  assert.equal(canonicalQuantity('01'), '01');
  assert.equal(canonicalQuantity('M'), '0');
});

test('parseQuantity refuses what is no quantity with the reason', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['', /must match the regular expression/],
    ['1.1.1', /must match the regular expression/],
    ['1+1.0M', /must match the regular expression/],
    ['aoeu', /must match the regular expression/],
    [' 1', /must match the regular expression/],
    ['1 ', /must match the regular expression/],
    ['1i', /unable to parse quantity's suffix/],
    ['1mi', /unable to parse quantity's suffix/],
    ['1e', /unable to parse quantity's suffix/],
    ['1e99999999999', /unable to parse quantity's suffix/],
  ];
  for (const [text, reason] of cases) {
    assert.throws(
      () => parseQuantity(text),
      (error) => error instanceof QuantityError && reason.test(error.message),
      text,
    );
  }
});

test('compareQuantities compares values, whatever their form', () => {
  const cases: readonly (readonly [string, string, number])[] = [
    ['1', '1000m', 0],
    ['1Gi', '1024Mi', 0],
    ['1e3', '1k', 0],
    ['1', '2', -1],
    ['100m', '0.2', -1],
    ['1Gi', '1G', 1],
    ['-1', '0', -1],
    ['1n', '0', 1],
  ];
  for (const [a, b, order] of cases) {
    assert.equal(Math.sign(compareQuantities(a, b)), order, `${a} ${b}`);
    assert.equal(Math.sign(compareQuantities(b, a)), -order || 0, `${b} ${a}`);
  }
});

test('addQuantities and subtractQuantities keep the format of the first unless it is zero', () => {
  assert.equal(addQuantities('1', '500m'), '1500m');
  assert.equal(addQuantities('512Mi', '512Mi'), '1Gi');
  assert.equal(addQuantities('0', '1Gi'), '1Gi');
  assert.equal(addQuantities('1Gi', '1G'), '2073741824');
  assert.equal(addQuantities('1G', '1Ki'), '1000001024');
  assert.equal(subtractQuantities('1', '100m'), '900m');
  assert.equal(subtractQuantities('1Gi', '1Gi'), '0');
  assert.equal(subtractQuantities('100m', '1'), '-900m');
});

test('quantityValue and quantityMilliValue round away from zero', () => {
  const cases: readonly (readonly [string, number, number])[] = [
    ['100m', 1, 100],
    ['1', 1, 1000],
    ['1.5', 2, 1500],
    ['-1500m', -2, -1500],
    ['1n', 1, 1],
    ['2k', 2000, 2_000_000],
    ['128Mi', 134217728, 134217728000],
    ['1Gi', 1073741824, 1073741824000],
    ['16266456Ki', 16656850944, 16656850944000],
    ['0', 0, 0],
  ];
  for (const [text, value, milli] of cases) {
    assert.equal(quantityValue(text), value, text);
    assert.equal(quantityMilliValue(text), milli, text);
  }
});

test('quantityOf and quantityOfMilli write numbers', () => {
  assert.equal(quantityOf(2000), '2k');
  assert.equal(quantityOf(1073741824, 'BinarySI'), '1Gi');
  assert.equal(quantityOfMilli(1500), '1500m');
  assert.equal(quantityOfMilli(2000), '2');
});

test('quantitySign and quantityToNumber say what they can of a value', () => {
  assert.deepEqual(['-1m', '0', '1n'].map(quantitySign), [-1, 0, 1]);
  assert.deepEqual(['100m', '1Ki', '1e-3'].map(quantityToNumber), [0.1, 1024, 0.001]);
});
