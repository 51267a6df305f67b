import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeYaml, YamlError } from './yaml-decode.ts';

test('decodeYaml resolves plain scalars as YAML 1.1 does upstream', () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ['yes', true],
    ['Off', false],
    ['y', true],
    ['True', true],
    ['~', null],
    ['', null],
    ['null', null],
    ['0777', 511],
    ['0o17', 15],
    ['0x1F', 31],
    ['0b11', 3],
    ['1_000', 1000],
    ['-12', -12],
    ['08', 8],
    ['1.5', 1.5],
    ['1e3', 1000],
    ['1e999', '1e999'],
    ['.5', 0.5],
    ['12:30:45', '12:30:45'],
    ['2024-01-01', '2024-01-01'],
    ['1.2.3', '1.2.3'],
    ['100m', '100m'],
    ['"yes"', 'yes'],
    ["'1'", '1'],
    ['!!str 1', '1'],
    ['|\n  text\n', 'text\n'],
    ['[a, ]', ['a']],
    ['hello world', 'hello world'],
  ];
  for (const [text, value] of cases) assert.deepEqual(decodeYaml(`key: ${text}`).value, { key: value }, text);
});

test('decodeYaml reads maps, lists, anchors and merge keys', () => {
  const text = `
base: &base
  a: 1
  b: [x, z]
derived:
  <<: *base
  a: 2
list:
- *base
1: number
true: word
`;
  assert.deepEqual(decodeYaml(text).value, {
    base: { a: 1, b: ['x', 'z'] },
    derived: { a: 2, b: ['x', 'z'] },
    list: [{ a: 1, b: ['x', 'z'] }],
    '1': 'number',
    true: 'word',
  });
});

test('decodeYaml reads the first document, and JSON', () => {
  assert.deepEqual(decodeYaml('---\na: 1\n---\nb: 2\n').value, { a: 1 });
  assert.deepEqual(decodeYaml('{"a": [1, "yes"], "b": true}').value, { a: [1, 'yes'], b: true });
  assert.equal(decodeYaml('# nothing\n').value, null);
  assert.deepEqual(decodeYaml('a: |\n  x\n  y').value, { a: 'x\ny' });
  assert.deepEqual(decodeYaml('a: |\n  x\nb: |-\n  y').value, { a: 'x\n', b: 'y' });
});

test('decodeYaml tells of keys that stand twice, and lets the last one count', () => {
  const { value, duplicateKeys } = decodeYaml('a: 1\nb:\n  c: 1\n  c: 2\na: 3\n');
  assert.deepEqual(value, { a: 3, b: { c: 2 } });
  assert.equal(
    duplicateKeys,
    'yaml: unmarshal errors:\n  line 4: key "c" already set in map\n  line 5: key "a" already set in map',
  );
  assert.equal(decodeYaml('a: 1').duplicateKeys, undefined);
});

test('decodeYaml refuses what is not YAML, or is more than JSON can say', () => {
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x,x]',
    ...'bcdefgh'.split('').map((name, i) => `${name}: &${name} [${`*${'abcdefg'[i]},`.repeat(9)}*${'abcdefg'[i]}]`),
  ].join('\n');
  const cases: readonly (readonly [string, RegExp])[] = [
    ['a: b: c', /^yaml: line 1: mapping values are not allowed in this context$/],
    ['a:\n\t- b', /^yaml: line 2: /],
    ['a: [1', /^yaml: line 1: /],
    ['a: .inf', /unsupported value/],
    ['[a]: b', /unsupported map key/],
    ['a: *nobody', /nobody/],
    [bomb, /excessive aliasing/],
    [`a: ${'['.repeat(600)}${']'.repeat(600)}`, /exceeded max depth/],
  ];
  for (const [text, message] of cases) {
    assert.throws(
      () => decodeYaml(text),
      (error) => error instanceof YamlError && message.test(error.message),
      text.slice(0, 30),
    );
  }
});
