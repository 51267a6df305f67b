import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { resourceVersionOffset, withoutResourceVersion, withResourceVersion } from './resource-version-splice.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const CASES: readonly { readonly title: string; readonly stored: string; readonly served: string }[] = [
  {
    title: 'stands behind the uid',
    stored: '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","uid":"u-1","labels":{}},"spec":{}}',
    served:
      '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","uid":"u-1","resourceVersion":"42","labels":{}},"spec":{}}',
  },
  {
    title: 'stands behind a uid that is last',
    stored: '{"metadata":{"name":"a","uid":"u"}}',
    served: '{"metadata":{"name":"a","uid":"u","resourceVersion":"42"}}',
  },
  {
    title: 'stands first where there is no uid',
    stored: '{"metadata":{"name":"a"},"uid":"x"}',
    served: '{"metadata":{"resourceVersion":"42","name":"a"},"uid":"x"}',
  },
  {
    title: 'stands alone in empty metadata',
    stored: '{"metadata":{}}',
    served: '{"metadata":{"resourceVersion":"42"}}',
  },
  {
    title: 'is not misled by texts and nested objects that look like it',
    stored:
      '{"a":"\\"metadata\\":{","b":{"metadata":{"uid":"no"}},"metadata":{"n":"\\"uid\\":\\"no\\"","o":[{"uid":"no"}],"uid":"ü\\\\","z":1}}',
    served:
      '{"a":"\\"metadata\\":{","b":{"metadata":{"uid":"no"}},"metadata":{"n":"\\"uid\\":\\"no\\"","o":[{"uid":"no"}],"uid":"ü\\\\","resourceVersion":"42","z":1}}',
  },
];

describe('withResourceVersion', () => {
  for (const { title, stored, served } of CASES) {
    test(title, () => {
      const bytes = encoder.encode(stored);
      const offset = resourceVersionOffset(bytes);
      const result = withResourceVersion(bytes, offset, 42);
      assert.equal(decoder.decode(result), served);
      const back = withoutResourceVersion(result, offset, result.length - bytes.length);
      assert.equal(decoder.decode(back), stored);
    });
  }

  test('resourceVersionOffset throws for JSON without metadata', () => {
    assert.throws(() => resourceVersionOffset(encoder.encode('{"spec":{"metadata":{}}}')), TypeError);
  });
});
