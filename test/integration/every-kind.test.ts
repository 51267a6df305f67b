// Every kind that is served by default, by every verb: generated from the declarations, so that a kind that is added is
// tried like all others. What is particular to a kind is tested beside it.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Kind } from '../../src/api/kind.ts';
import { pathOf } from '../../src/client/client.ts';
import { type Http2Requests, http2Requests } from '../support/http2-requests.ts';
import { type SampleObject, STORED_KINDS, sampleObject } from '../support/sample-objects.ts';
import { type ServedCluster, servedCluster } from '../support/served-cluster.ts';

const NAMESPACE = 'every';
const JSON_TYPE = { 'content-type': 'application/json' };

let cluster: ServedCluster;
let requests: Http2Requests;
before(async () => {
  cluster = await servedCluster();
  await cluster.inNamespace(NAMESPACE);
  const { ca, superAdmin } = cluster.certificates;
  requests = await http2Requests(cluster.url, { ca: ca.certificate, client: superAdmin });
});
after(async () => {
  await requests?.[Symbol.asyncDispose]();
  await cluster?.[Symbol.asyncDispose]();
});

interface Served extends SampleObject {
  readonly metadata: SampleObject['metadata'] & {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly managedFields?: readonly { readonly manager: string; readonly operation: string }[];
  };
}

async function send(method: string, path: string, body?: object, type = JSON_TYPE['content-type']) {
  const sent = body === undefined ? {} : { headers: { 'content-type': type }, body: JSON.stringify(body) };
  const { status, bytes } = await requests.send({ method, path, ...sent });
  return { status, body: JSON.parse(bytes.toString()) };
}

async function ok(method: string, path: string, body?: object, type?: string): Promise<Served> {
  const answer = await send(method, path, body, type);
  assert.ok(answer.status === 200 || answer.status === 201, `${method} ${path}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

const title = ({ apiVersion, plural }: Kind) => `${apiVersion} ${plural}`;
const labelled = (object: SampleObject, labels: Readonly<Record<string, string>>) => ({
  ...object,
  metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...labels } },
});

describe('the API serves', { concurrency: 8 }, () => {
  for (const [index, kind] of STORED_KINDS.entries()) {
    const object = sampleObject(kind, `sample-${index}`, NAMESPACE);
    const name = object.metadata.name ?? '';
    const collection = pathOf(kind, { namespace: NAMESPACE });
    const item = pathOf(kind, { namespace: NAMESPACE, name });
    const labelsOf = async (): Promise<Readonly<Record<string, string>>> =>
      (await ok('GET', item)).metadata.labels ?? {};

    test(`${title(kind)}: create, get, list, update, patch, apply, delete and watch`, async () => {
      const { metadata: before } = (await ok('GET', `${collection}?limit=1`)) as unknown as Served;
      assert.equal((await send('POST', `${collection}?dryRun=All`, object)).status, 201);
      assert.equal((await send('GET', item)).status, 404, 'a dry run stores nothing');

      const created = await ok('POST', collection, object);
      assert.equal(created.metadata.name, name);
      assert.match(created.metadata.uid, /^[0-9a-f-]{36}$/);
      assert.equal((await send('POST', collection, object)).body.reason, 'AlreadyExists');
      assert.equal((await ok('GET', item)).metadata.uid, created.metadata.uid);
      const listed = (await ok('GET', `${collection}?fieldSelector=metadata.name%3D${name}`)) as unknown as {
        readonly kind: string;
        readonly items: readonly Served[];
      };
      assert.equal(listed.kind, kind.listKind);
      assert.deepEqual(
        listed.items.map(({ metadata }) => metadata.uid),
        [created.metadata.uid],
      );

      await updates(object, item);
      assert.equal((await labelsOf())['by'], 'update');
      await patches(item);
      assert.deepEqual(await labelsOf().then(({ merge, json }) => [merge, json]), ['yes', 'yes']);
      await applies(object, item);

      assert.equal((await send('DELETE', `${item}?dryRun=All`)).status, 200);
      assert.equal((await send('GET', item)).status, 200, 'a dry run deletes nothing');
      await ok('DELETE', item, { preconditions: { uid: created.metadata.uid } });
      await watchTells(kind, before.resourceVersion, name);
    });

    test(`${title(kind)}: deletecollection takes what is selected`, async () => {
      if (!kind.verbs.includes('deletecollection') || HELD.has(kind.plural)) return;
      if (!isFreelyNamed(object, `sample-${index}`)) return;
      const path = (suffix: string) => pathOf(kind, { namespace: NAMESPACE, name: `${name}-${suffix}` });
      for (const suffix of ['a', 'b', 'c']) {
        const named = sampleObject(kind, `${name}-${suffix}`, NAMESPACE);
        await ok('POST', collection, labelled(named, { goes: suffix === 'c' ? 'no' : name }));
      }
      await ok('DELETE', `${collection}?labelSelector=goes%3D${name}`);
      const left = (await ok('GET', `${collection}?labelSelector=goes`)) as unknown as { items: readonly Served[] };
      const names = left.items.map(({ metadata }) => metadata.name).filter((each) => each.startsWith(name));
      assert.deepEqual(names, [`${name}-c`]);
      await ok('DELETE', path('c'));
    });

    test(`${title(kind)}: bad requests are refused and nothing is stored`, async () => {
      const strict = `${collection}?fieldValidation=Strict`;
      const unknown = await send('POST', strict, { ...object, nonsense: 1 });
      assert.equal(unknown.status, 400);
      assert.match(unknown.body.message, /strict decoding error: unknown field "nonsense"/);
      const other = await send('POST', collection, { ...object, kind: 'Nonsense' });
      assert.equal(other.status, 400);
      const misnamed = await send('POST', collection, { ...object, metadata: { name: 'a%/b' } });
      assert.equal(misnamed.status, 422, JSON.stringify(misnamed.body));
      assert.equal(misnamed.body.reason, 'Invalid');
      const away = { method: 'PATCH', path: item, headers: { 'content-type': 'application/nonsense' }, body: '{}' };
      assert.equal((await requests.send(away)).status, 415);
      const accept = { method: 'GET', path: collection, headers: { accept: 'application/nonsense' } };
      assert.equal((await requests.send(accept)).status, 406);
    });
  }
});

/** An update made from what was read goes through, one made from an older version does not. */
async function updates(object: SampleObject, item: string): Promise<void> {
  const old = await ok('GET', item);
  await writeNewest(item, (newest) => labelled(newest, { by: 'update' }));
  const stale = await send('PUT', item, labelled(old, { by: 'nobody' }));
  assert.equal(stale.status, 409);
  assert.equal(stale.body.reason, 'Conflict');
  const renamed = await send('PUT', item, { ...old, metadata: { ...old.metadata, name: `${object.metadata.name}-x` } });
  assert.equal(renamed.status, 400);
}

/** A controller may have written in between. */
async function writeNewest(item: string, change: (newest: Served) => object): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const { status, body } = await send('PUT', item, change(await ok('GET', item)));
    if (status === 409) continue;
    assert.equal(status, 200, JSON.stringify(body));
    return;
  }
  assert.fail(`${item} changes all the time`);
}

async function patches(item: string): Promise<void> {
  await ok('PATCH', item, { metadata: { labels: { merge: 'yes', by: null } } }, 'application/merge-patch+json');
  const strategic = { metadata: { labels: { $retainKeys: ['merge'], merge: 'yes' } } };
  await ok('PATCH', item, { metadata: { labels: { strategic: 'yes' } } }, 'application/strategic-merge-patch+json');
  const emptied = await send('PATCH', item, strategic, 'application/strategic-merge-patch+json');
  assert.equal(emptied.status, 200);
  const json = [
    { op: 'test', path: '/metadata/labels/merge', value: 'yes' },
    { op: 'add', path: '/metadata/labels/json', value: 'yes' },
  ];
  await ok('PATCH', item, json, 'application/json-patch+json');
  const failing = await send(
    'PATCH',
    item,
    [{ op: 'test', path: '/metadata/labels/merge', value: 'no' }],
    'application/json-patch+json',
  );
  assert.equal(failing.status, 422);
}

/** Two managers want a label to be different: the second is told of the first, and gets it by force. */
async function applies({ apiVersion, kind, metadata: { name } }: SampleObject, item: string): Promise<void> {
  const apply = (manager: string, value: string, more = '') => {
    const body = { apiVersion, kind, metadata: { name, labels: { applied: value } } };
    return send('PATCH', `${item}?fieldManager=${manager}${more}`, body, 'application/apply-patch+yaml');
  };
  const first = await apply('one', 'a');
  assert.equal(first.status, 200, JSON.stringify(first.body));
  const conflict = await apply('two', 'b');
  assert.equal(conflict.status, 409, JSON.stringify(conflict.body));
  assert.deepEqual(conflict.body.details.causes, [
    { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.metadata.labels.applied' },
  ]);
  const forced = await apply('two', 'b', '&force=true');
  assert.equal(forced.status, 200);
  assert.equal(forced.body.metadata.labels.applied, 'b');
  const managers = (forced.body as Served).metadata.managedFields?.map(({ manager, operation }) => [
    manager,
    operation,
  ]);
  assert.ok(managers?.some(([manager, operation]) => manager === 'two' && operation === 'Apply'));
  assert.ok(!managers?.some(([manager]) => manager === 'one'));
}

/** A watch from before the object was made tells its whole life. */
async function watchTells(kind: Kind, resourceVersion: string, name: string): Promise<void> {
  const query = `watch=1&resourceVersion=${resourceVersion}&timeoutSeconds=1&fieldSelector=metadata.name%3D${name}`;
  const path = `${pathOf(kind, { namespace: NAMESPACE })}?${query}`;
  const { status, bytes } = await requests.send({ method: 'GET', path });
  assert.equal(status, 200);
  const events: { readonly type: string }[] = bytes
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
  const types = events.map(({ type }) => type);
  assert.equal(types[0], 'ADDED');
  assert.ok(types.filter((type) => type === 'MODIFIED').length >= 6, types.join());
  if (!HELD.has(kind.plural)) assert.equal(types.at(-1), 'DELETED');
}

/** Kinds with a finalizer from the beginning: an object is gone when its controller has done its part. */
const HELD: ReadonlySet<string> = new Set(['namespaces', 'servicecidrs']);

function isFreelyNamed({ metadata }: SampleObject, name: string): boolean {
  return metadata.name === name;
}

/**
 * kubectl sends these again each time: they hold a list without keys that the server fills in, a field that is never read
 * back, or one that is always replaced.
 */
const APPLIED_AGAIN = [
  'endpoints',
  'endpointslice.discovery.k8s.io',
  'limitrange',
  'mutatingadmissionpolicy.admissionregistration.k8s.io',
  'mutatingwebhookconfiguration.admissionregistration.k8s.io',
  'poddisruptionbudget.policy',
  'resourceclaim.resource.k8s.io',
  'resourceclaimtemplate.resource.k8s.io',
  'secret',
  'validatingadmissionpolicy.admissionregistration.k8s.io',
  'validatingwebhookconfiguration.admissionregistration.k8s.io',
];

const kindOfRow = (row: string) => row.split('/')[0] ?? '';

describe('kubectl, for objects of every kind at once', () => {
  const objects = STORED_KINDS.map((kind, index) => sampleObject(kind, `tool-${index}`, NAMESPACE));
  const stdin = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  const all = async (args: string, ending: string, input = stdin): Promise<void> => {
    const rows = (await cluster.kubectl(`${args} -f -`, { stdin: input })).trimEnd().split('\n');
    const odd = rows.filter((row) => !row.endsWith(ending));
    assert.deepEqual(odd, []);
    assert.equal(rows.length, objects.length);
  };

  test('create, as a dry run and for good', async () => {
    await all('create --dry-run=server', ' created (server dry run)');
    await all('create --validate=strict --save-config', ' created');
  });
  test('get', async () => {
    const names = (await cluster.kubectl('get -o name -f -', { stdin })).trimEnd().split('\n');
    assert.equal(names.length, objects.length);
    for (const form of ['wide', 'yaml', 'json']) assert.ok(await cluster.kubectl(`get -o ${form} -f -`, { stdin }));
    const described = await cluster.kubectl('describe -f -', { stdin });
    assert.equal(described.split(/^Name:/m).length - 1, objects.length);
  });
  test('label and annotate', async () => {
    await all('label tier=test', ' labeled');
    await all('annotate note=kept', ' annotated');
  });
  test('patch', () => all('patch --type=merge --patch={"metadata":{"labels":{"tier":"other"}}}', ' patched'));
  test('apply, by the client and by the server', async () => {
    const changed = JSON.stringify({
      apiVersion: 'v1',
      kind: 'List',
      items: objects.map((object) => labelled(object, { applied: 'yes' })),
    });
    await all('apply', ' configured', changed);
    const again = (await cluster.kubectl('apply -f -', { stdin: changed })).trimEnd().split('\n');
    assert.deepEqual(
      again
        .filter((row) => !row.endsWith(' unchanged'))
        .map(kindOfRow)
        .sort(),
      APPLIED_AGAIN,
    );
    await all('apply --server-side --force-conflicts', ' serverside-applied', changed);
    assert.equal(await cluster.kubectl('diff --server-side --force-conflicts -f -', { stdin: changed }), '');
  });
  test('replace, by what was read', async () => {
    const readAndReplace = async () =>
      all('replace', ' replaced', await cluster.kubectl('get -o json -f -', { stdin }));
    // A controller may have written one of them in between: whoever replaces reads again then.
    await readAndReplace().catch(async (error: Error) => {
      assert.match(error.message, /the object has been modified/);
      await readAndReplace();
    });
  });
  test('delete', async () => {
    const rows = (await cluster.kubectl('delete --wait=false -f -', { stdin })).trimEnd().split('\n');
    assert.equal(rows.length, objects.length);
    assert.ok(
      rows.every((row) => / (force )?deleted( from \S+ namespace)?$/.test(row)),
      rows.join('\n'),
    );
  });
});

test('nothing went wrong in the server', () => {
  assert.deepEqual(
    cluster.errors.map(({ message, fields }) => `${message} ${JSON.stringify(fields)}`),
    [],
  );
});
