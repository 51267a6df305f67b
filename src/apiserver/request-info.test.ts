import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Method } from '../client/transport.ts';
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

describe('requestInfoOf paths', () => {
  const cases: [method: Method, target: string, expected: string][] = [
    ['GET', '/', 'get /'],
    ['GET', '/healthz', 'get /healthz'],
    ['GET', '/api', 'get /api'],
    ['GET', '/api/v1', 'get /api/v1'],
    ['GET', '/apis/apps/v1', 'get /apis/apps/v1'],
    ['GET', '/apis/apps/v1/', 'get /apis/apps/v1/'],
    ['POST', '/foo/bar/baz/qux', 'post /foo/bar/baz/qux'],
    ['GET', '/api/v1/pods', 'list  v1 pods'],
    ['HEAD', '/api/v1/namespaces/a/pods/b', 'get  v1 pods ns=a name=b'],
    ['GET', '/api/v1/namespaces', 'list  v1 namespaces'],
    ['GET', '/api/v1/namespaces/a', 'get  v1 namespaces ns=a name=a'],
    ['GET', '/api/v1/namespaces/a/status', 'get  v1 namespaces ns=a name=a sub=status'],
    ['PUT', '/api/v1/namespaces/a/finalize', 'update  v1 namespaces ns=a name=a sub=finalize'],
    ['POST', '/api/v1/namespaces/a/pods', 'create  v1 pods ns=a'],
    ['PATCH', '/apis/apps/v1/namespaces/a/deployments/b', 'patch apps v1 deployments ns=a name=b'],
    ['PUT', '/apis/apps/v1/namespaces/a/deployments/b/scale', 'update apps v1 deployments ns=a name=b sub=scale'],
    ['DELETE', '/api/v1/namespaces/a/pods/b', 'delete  v1 pods ns=a name=b'],
    ['DELETE', '/api/v1/namespaces/a/pods', 'deletecollection  v1 pods ns=a'],
    ['GET', '/api/v1/pods?watch=1', 'watch  v1 pods'],
    ['GET', '/api/v1/pods?watch=', 'watch  v1 pods'],
    ['GET', '/api/v1/pods?watch=false', 'list  v1 pods'],
    ['GET', '/api/v1/pods?watch=0', 'list  v1 pods'],
    ['GET', '/api/v1/watch/namespaces/a/pods', 'watch  v1 pods ns=a'],
    ['GET', '/api/v1/watch/namespaces/a/pods/b', 'watch  v1 pods ns=a name=b'],
    ['GET', '/api/v1/namespaces/a/pods/b/log', 'get  v1 pods ns=a name=b sub=log'],
    ['GET', '/api/v1/nodes/n/proxy/logs/x', 'get  v1 nodes name=n sub=proxy suffix=logs/x'],
    ['GET', '/api/v1/namespaces/a%2Fb/pods', 'list  v1 pods ns=a/b'],
    ['OPTIONS', '/api/v1/namespaces/a/pods/b', '  v1 pods ns=a name=b'],
  ];
  for (const [method, target, expected] of cases) {
    test(`${method} ${target}`, () => {
      const [path = '', query = ''] = target.split('?');
      const info = requestInfoOf({ method, path, query: new URLSearchParams(query) });
      const { verb, group, version, resource, namespace, name, subresource, suffix } = info;
      const parts = [
        `${verb} ${group} ${version} ${resource}`,
        ...(namespace ? [`ns=${namespace}`] : []),
        ...(name ? [`name=${name}`] : []),
        ...(subresource ? [`sub=${subresource}`] : []),
        ...(suffix ? [`suffix=${suffix}`] : []),
      ];
      assert.equal(info.isResource ? parts.join(' ') : `${verb} ${info.path}`, expected);
    });
  }

  test('a path that is not percent-encoded is refused', () => {
    assert.throws(() => requestInfoOf({ method: 'GET', path: '/api/v1/%zz/a', query: new URLSearchParams() }), {
      reason: 'BadRequest',
    });
  });
});
