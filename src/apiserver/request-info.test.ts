import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { requestInfoOf, selectedValue } from './request-info.ts';

describe('requestInfoOf', () => {
  const cases: [string, string, string][] = [
    ['one name', 'metadata.name=web', 'web'],
    ['one name among other fields', 'status.phase!=Failed,metadata.name==web', 'web'],
    ['no name', 'status.phase=Running', ''],
    ['all but one name', 'metadata.name!=web', ''],
    ['a value that only looks like a name', 'status.phase!=x\\,metadata.name=web', ''],
    ['a name that is none', 'metadata.name=a/b', ''],
    ['something unreadable', 'metadata.name', ''],
  ];
  for (const [what, fieldSelector, name] of cases) {
    test(`names ${name || 'nothing'} for a list with a selector of ${what}`, () => {
      const query = new URLSearchParams({ fieldSelector });
      const info = requestInfoOf({ method: 'GET', path: '/api/v1/namespaces/a/pods', query });
      assert.deepEqual([info.verb, info.namespace, info.name, info.fieldSelector], ['list', 'a', name, fieldSelector]);
    });
  }
});

describe('selectedValue', () => {
  test('reads what a backslash takes literally', () => {
    assert.equal(selectedValue('metadata.name=x\\,y,spec.nodeName=node1', 'metadata.name'), 'x,y');
    assert.equal(selectedValue(undefined, 'metadata.name'), undefined);
  });
});
