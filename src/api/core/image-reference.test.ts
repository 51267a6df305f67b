import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseImageReference } from './image-reference.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

test('parseImageReference takes names apart', () => {
  const cases: [string, string][] = [
    ['nginx', '|nginx|latest|'],
    ['nginx:1.27', '|nginx|1.27|'],
    ['library/nginx', '|library/nginx|latest|'],
    ['registry.k8s.io/pause:3.10', 'registry.k8s.io|pause|3.10|'],
    ['localhost:5000/a/b:v1', 'localhost:5000|a/b|v1|'],
    ['localhost/a', 'localhost|a|latest|'],
    ['Host/a', 'Host|a|latest|'],
    ['[::1]:5000/a', '[::1]:5000|a|latest|'],
    [`nginx@${DIGEST}`, `|nginx||${DIGEST}`],
    [`nginx:1@${DIGEST}`, `|nginx|1|${DIGEST}`],
    ['a__b/c-d.e_f', '|a__b/c-d.e_f|latest|'],
  ];
  for (const [image, expected] of cases) {
    const { registry, repository, tag, digest } = parseImageReference(image) ?? assert.fail(image);
    assert.equal([registry, repository, tag, digest].join('|'), expected, image);
  }
});

test('parseImageReference refuses what is no name', () => {
  for (const image of [
    '',
    ' ',
    'Nginx',
    'a/B',
    'nginx:',
    'nginx:-1',
    'a//b',
    'a@sha256:12',
    '-a',
    'f'.repeat(64),
    'a'.repeat(2000),
  ]) {
    assert.equal(parseImageReference(image), undefined, image);
  }
});
