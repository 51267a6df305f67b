// What every kind can be asked for: to be made, read, listed, watched, replaced, patched and deleted, its status too.
// Upstream: test/e2e/framework/conformance/conformance.go.

import assert from 'node:assert/strict';
import type { AnyObject, InputOf, Kind } from '../../../src/api/kind.ts';
import { type ObjectRef, type Patch, pathOf } from '../../../src/client/client.ts';
import type { Scene } from './conformance-suite.ts';
import { type EventLog, recordEvents } from './event-log.ts';
import { whenGone } from './object-changes.ts';

export interface Operations<K extends Kind> {
  readonly kind: K;
  /** Without metadata, which is given to it. */
  readonly initial: Omit<InputOf<K>, 'metadata'>;
  /** What is replaced, and in another object each time patched with every kind of patch. */
  readonly change: Fields;
  /** The same for kinds that have a status. */
  readonly status?: Fields;
}

type Fields = Readonly<Record<string, unknown>>;

const LABEL = 'e2e-test.kubernetes.io';
const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** Does all of it with one object after the other, and looks at what watches tell of each. */
export async function assertOperations<K extends Kind>(scene: Scene, operations: Operations<K>): Promise<void> {
  const { client, namespace } = scene;
  const { kind, change, status } = operations;
  await assertDiscovered(scene, kind);
  const within = kind.namespaced ? { namespace } : {};
  const labelSelector = `${LABEL}=${namespace}`;
  await using everywhere = recordEvents(client, kind, { labelSelector });
  await using here = recordEvents(client, kind, { ...within, labelSelector });
  const subject = subjectOf(scene, operations, [everywhere, here]);

  const created = await subject.create();
  await assertReplaced(scene, operations, created);
  await subject.isTold('MODIFIED', created);

  for (const patch of patchesOf(kind, subject.ref, change)) {
    await subject.remove();
    const fresh = await subject.create();
    assertIncludes(await client.patch(kind, subject.ref, patch, { fieldManager: 'test-apply' }), change);
    await subject.isTold('MODIFIED', fresh);
  }
  for (const patch of status ? patchesOf(kind, subject.ref, { status }) : []) {
    await subject.remove();
    const fresh = await subject.create();
    const options = { fieldManager: 'test-apply', subresource: 'status' };
    assertIncludes(await client.patch(kind, subject.ref, patch, options), { status });
    await subject.isTold('MODIFIED', fresh);
  }

  for (const where of [within, {}]) {
    const { items } = await client.list(kind, { ...where, labelSelector });
    assert.deepEqual(namesOf(items), [subject.ref.name]);
  }
  await subject.remove(() => client.deleteCollection(kind, { ...within, labelSelector }));
  for (const { events } of [everywhere, here]) assertVersionsRise(events);
}

async function assertDiscovered({ client }: Scene, { apiVersion, plural }: Kind): Promise<void> {
  const { resources } = (await client.request('GET', `/apis/${apiVersion}`)) as {
    readonly resources: readonly { readonly name: string; readonly verbs: readonly string[] }[];
  };
  assert.deepEqual(resources.find(({ name }) => name === plural)?.verbs.toSorted(), VERBS);
}

/** The one object, which is made and deleted again and again under the same name. */
function subjectOf<K extends Kind>(
  { client, namespace }: Scene,
  { kind, initial }: Operations<K>,
  logs: readonly EventLog<K>[],
) {
  const ref = { name: `operations-${namespace}`, ...(kind.namespaced ? { namespace } : {}) };
  const metadata = { ...ref, labels: { [LABEL]: namespace } };
  const isTold = async (type: string, { metadata: { uid } }: AnyObject) => {
    const holds = (event: { readonly type: string; readonly object: unknown }) =>
      event.type === type && (event.object as AnyObject).metadata.uid === uid;
    await Promise.all(logs.map((log) => log.when(`it is told that it was ${type}`, holds)));
  };
  return {
    ref,
    isTold,
    async create(): Promise<AnyObject> {
      const created = (await client.create(kind, { ...initial, metadata } as unknown as InputOf<K>)) as AnyObject;
      assert.deepEqual([created.metadata.name, created.metadata.namespace], [ref.name, ref.namespace]);
      await isTold('ADDED', created);
      return created;
    },
    async remove(by: () => Promise<unknown> = () => client.delete(kind, ref)): Promise<void> {
      const last = (await client.get(kind, ref)) as AnyObject;
      await by();
      await whenGone(client, kind, ref);
      await isTold('DELETED', last);
    },
  };
}

/** Replaces the object and its status, and reads both again. */
async function assertReplaced<K extends Kind>(
  { client }: Scene,
  { kind, change, status }: Operations<K>,
  created: AnyObject,
): Promise<void> {
  const read = (await client.get(kind, created.metadata)) as AnyObject;
  assert.equal(read.metadata.uid, created.metadata.uid);
  const updated = (await client.update(kind, merged(read, change) as unknown as InputOf<K>)) as AnyObject;
  assertIncludes(updated, change);
  assert.ok(Number(updated.metadata.resourceVersion) > Number(created.metadata.resourceVersion));
  if (!status) return;
  const latest = await client.get(kind, created.metadata);
  assertIncludes(await client.updateStatus(kind, { ...latest, status } as unknown as InputOf<K>), { status });
  assertIncludes(await client.request('GET', pathOf(kind, created.metadata, 'status')), { status });
}

function patchesOf({ apiVersion, kind }: Kind, ref: ObjectRef, change: Fields): readonly Patch[] {
  return [
    { type: 'strategic', body: change },
    { type: 'merge', body: change },
    { type: 'apply', body: merged({ apiVersion, kind, metadata: ref }, change), force: true },
    { type: 'json', body: additionsOf(change) },
  ];
}

/** A status comes as a whole, since there may be none yet. */
function additionsOf(change: Fields, parent = ''): readonly { op: string; path: string; value: unknown }[] {
  return Object.entries(change).flatMap(([name, value]) => {
    const path = `${parent}/${name}`;
    return isFields(value) && path !== '/status' ? additionsOf(value, path) : [{ op: 'add', path, value }];
  });
}

function merged(object: Fields, change: Fields): Fields {
  const fields = Object.entries(change).map(([name, value]) => {
    const before = object[name];
    return [name, isFields(before) && isFields(value) ? merged(before, value) : value];
  });
  return { ...object, ...Object.fromEntries(fields) };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function assertIncludes(object: unknown, expected: Fields): void {
  assert.partialDeepStrictEqual(object, expected);
}

function namesOf(items: readonly unknown[]): readonly string[] {
  return items.map((item) => (item as AnyObject).metadata.name);
}

function assertVersionsRise(events: readonly { readonly object: unknown }[]): void {
  const versions = events.map(({ object }) => Number((object as AnyObject).metadata.resourceVersion));
  assert.deepEqual(
    versions,
    versions.toSorted((a, b) => a - b),
  );
}
