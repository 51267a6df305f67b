import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type ApiUnderTest, apiUnderTest } from '../../../test/support/api-requests.ts';

const CONFIG_MAPS = '/api/v1/namespaces/a/configmaps';
const ALL = '/api/v1/configmaps';
const MERGE = 'application/merge-patch+json';

let api: ApiUnderTest;

const namesIn = (body: unknown) =>
  ((body as { items: { metadata: { name: string } }[] }).items ?? []).map(({ metadata }) => metadata.name);

describe('list', () => {
  before(async () => {
    api = await apiUnderTest();
    for (const namespace of ['a', 'b']) {
      for (let i = 0; i < 7; i++) {
        const labels = { odd: i % 2 ? 'yes' : 'no' };
        const body = { metadata: { name: `cm-${i}`, labels }, data: { i: String(i) } };
        await api.send(`POST /api/v1/namespaces/${namespace}/configmaps`, { body });
      }
    }
  });
  after(() => api[Symbol.asyncDispose]());

  test('is in order, over one namespace or all, and of one revision', async () => {
    const one = await api.send(`GET ${CONFIG_MAPS}`);
    assert.equal(one.at('kind'), 'ConfigMapList');
    assert.equal(one.at('apiVersion'), 'v1');
    assert.deepEqual(one.at('metadata'), { resourceVersion: '14' });
    assert.deepEqual(namesIn(one.body), ['cm-0', 'cm-1', 'cm-2', 'cm-3', 'cm-4', 'cm-5', 'cm-6']);
    assert.equal(namesIn((await api.send(`GET ${ALL}`)).body).length, 14);
    assert.deepEqual((await api.send('GET /api/v1/namespaces/none/configmaps')).at('items'), []);
  });

  const selectors: [query: string, expected: string][] = [
    ['labelSelector=odd=yes', 'cm-1 cm-3 cm-5'],
    ['labelSelector=odd!=yes', 'cm-0 cm-2 cm-4 cm-6'],
    ['labelSelector=odd%20in%20(yes,maybe),odd', 'cm-1 cm-3 cm-5'],
    ['labelSelector=!odd', ''],
    ['fieldSelector=metadata.name=cm-2', 'cm-2'],
    ['fieldSelector=metadata.name=none', ''],
    ['fieldSelector=metadata.name!=cm-2,metadata.namespace=a&labelSelector=odd=no', 'cm-0 cm-4 cm-6'],
    ['fieldSelector=metadata.namespace=b', ''],
  ];
  for (const [query, expected] of selectors) {
    test(`selects by ${query}`, async () => {
      assert.equal(namesIn((await api.send(`GET ${CONFIG_MAPS}?${query}`)).body).join(' '), expected);
    });
  }

  test('pages by limit and continue, with what remains', async () => {
    const seen: string[] = [];
    const remaining: unknown[] = [];
    let token = '';
    do {
      const page = await api.send(`GET ${CONFIG_MAPS}?limit=3&continue=${token}`);
      seen.push(...namesIn(page.body));
      remaining.push(page.at('metadata.remainingItemCount'));
      token = String(page.at('metadata.continue') ?? '');
      assert.equal(page.at('metadata.resourceVersion'), '14');
    } while (token !== '');
    assert.deepEqual(seen, ['cm-0', 'cm-1', 'cm-2', 'cm-3', 'cm-4', 'cm-5', 'cm-6']);
    assert.deepEqual(remaining, [4, 1, undefined]);
  });

  test('pages what a selector leaves, without saying how much remains', async () => {
    const first = await api.send(`GET ${ALL}?limit=2&labelSelector=odd=yes`);
    assert.deepEqual(namesIn(first.body), ['cm-1', 'cm-3']);
    assert.equal(first.at('metadata.remainingItemCount'), undefined);
    const second = await api.send(`GET ${ALL}?limit=9&labelSelector=odd=yes&continue=${first.at('metadata.continue')}`);
    assert.deepEqual(namesIn(second.body), ['cm-5', 'cm-1', 'cm-3', 'cm-5']);
    assert.equal(second.at('metadata.continue'), undefined);
  });

  test('limit means nothing for resourceVersion 0', async () => {
    assert.equal(namesIn((await api.send(`GET ${CONFIG_MAPS}?limit=2&resourceVersion=0`)).body).length, 7);
  });

  const V1 = 'meta.k8s.io/v1';
  const token = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const refusals: [query: string, status: number, message: RegExp][] = [
    [
      'resourceVersionMatch=Exact',
      422,
      /^ListOptions\.meta\.k8s\.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided$/,
    ],
    [
      'resourceVersionMatch=Exact&resourceVersion=0',
      422,
      /resourceVersionMatch "exact" is forbidden for resourceVersion "0"/,
    ],
    ['resourceVersionMatch=x&resourceVersion=1', 422, /Unsupported value: "x"/],
    ['resourceVersionMatch=Exact&resourceVersion=1&continue=x', 422, /forbidden when continue is provided/],
    [
      'resourceVersion=x',
      400,
      /^invalid resource version: resourceVersion: Invalid value: "x": strconv\.ParseUint: parsing "x": invalid syntax$/,
    ],
    ['resourceVersion=18446744073709551616', 400, /value out of range$/],
    ['resourceVersionMatch=NotOlderThan', 422, /forbidden unless resourceVersion is provided/],
    ['resourceVersionMatch=exact&resourceVersion=1', 422, /supported values: "Exact", "NotOlderThan", ""$/],
    ['sendInitialEvents=true', 422, /sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list/],
    ['sendInitialEvents=false', 422, /sendInitialEvents is forbidden for list/],
    ['continue=x', 400, /^invalid continue token: continue key is not valid: /],
    [`continue=${token({ v: 'v0', rv: 1, start: 'a' })}`, 400, /server does not recognize this encoded version v0$/],
    [`continue=${token({ v: V1, rv: 0, start: 'a' })}`, 400, /incorrect encoded start resourceVersion \(version meta/],
    [`continue=${token({ v: V1, rv: 1, start: '' })}`, 400, /encoded start key empty \(version meta\.k8s\.io\/v1\)$/],
    [`continue=${token({ v: V1, rv: 1, start: '../b/x' })}`, 400, /continue key is not valid: \.\.\/b\/x$/],
    [
      `continue=${token({ v: V1, rv: 1, start: 'a' })}&resourceVersion=1`,
      400,
      /^specifying resource version is not allowed when using continue$/,
    ],
    ['limit=x', 400, /strconv\.ParseInt/],
    ['labelSelector=a%20b', 400, /unable to parse requirement|expected/],
    [
      'fieldSelector=spec.x=1',
      400,
      /^"spec\.x" is not a known field selector: only "metadata\.name", "metadata\.namespace"$/,
    ],
    ['fieldSelector=x', 400, /invalid selector: 'x'; can't understand 'x'/],
  ];
  for (const [query, status, message] of refusals) {
    test(`refuses ${query}`, async () => {
      const answer = await api.send(`GET ${CONFIG_MAPS}?${query}`);
      assert.equal(answer.status, status);
      assert.match(String(answer.at('message')), message);
    });
  }
});

describe('list as of a revision', () => {
  let first = '';
  before(async () => {
    api = await apiUnderTest();
    for (const name of ['x', 'y', 'z']) {
      const created = await api.send(`POST ${CONFIG_MAPS}`, { body: { metadata: { name }, data: { v: 'old' } } });
      first = String(created.at('metadata.resourceVersion'));
    }
    await api.send(`PATCH ${CONFIG_MAPS}/x`, { body: { data: { v: 'new' } }, contentType: MERGE });
    await api.send(`DELETE ${CONFIG_MAPS}/y`);
  });
  after(() => api[Symbol.asyncDispose]());

  test('Exact is what was there then', async () => {
    const then = await api.send(`GET ${CONFIG_MAPS}?resourceVersion=${first}&resourceVersionMatch=Exact`);
    assert.equal(then.at('metadata.resourceVersion'), first);
    assert.deepEqual(namesIn(then.body), ['x', 'y', 'z']);
    assert.equal(then.at('items.0.data.v'), 'old');
    const paged = await api.send(`GET ${CONFIG_MAPS}?resourceVersion=${first}&limit=2`);
    assert.deepEqual(namesIn(paged.body), ['x', 'y']);
    assert.equal(paged.at('metadata.remainingItemCount'), 1);
    const rest = await api.send(`GET ${CONFIG_MAPS}?limit=2&continue=${paged.at('metadata.continue')}`);
    assert.deepEqual(namesIn(rest.body), ['z']);
  });

  test('NotOlderThan, and no match at all, is what is there now', async () => {
    for (const match of ['', '&resourceVersionMatch=NotOlderThan']) {
      const now = await api.send(`GET ${CONFIG_MAPS}?resourceVersion=${first}${match}`);
      assert.deepEqual(namesIn(now.body), ['x', 'z']);
      assert.equal(now.at('items.0.data.v'), 'new');
    }
  });

  test('a continued list stays what it was while objects come and go', async () => {
    const page = await api.send(`GET ${CONFIG_MAPS}?limit=1`);
    await api.send(`POST ${CONFIG_MAPS}`, { body: { metadata: { name: 'xx' } } });
    await api.send(`DELETE ${CONFIG_MAPS}/z`);
    const rest = await api.send(`GET ${CONFIG_MAPS}?continue=${page.at('metadata.continue')}`);
    assert.deepEqual(namesIn(rest.body), ['z']);
    assert.equal(rest.at('metadata.resourceVersion'), page.at('metadata.resourceVersion'));
  });

  test('expired history is 410, with a token to go on inconsistently', async () => {
    for (const name of ['p', 'q']) await api.send(`POST ${CONFIG_MAPS}`, { body: { metadata: { name } } });
    const page = await api.send(`GET ${CONFIG_MAPS}?limit=1`);
    await api.send(`DELETE ${CONFIG_MAPS}/xx`);
    await api.store.compact(await api.store.currentRevision());
    const exact = await api.send(`GET ${CONFIG_MAPS}?resourceVersion=${first}&resourceVersionMatch=Exact`);
    assert.equal(exact.status, 410);
    assert.equal(exact.at('reason'), 'Expired');
    assert.equal(exact.at('message'), 'The resourceVersion for the provided list is too old.');
    const expired = await api.send(`GET ${CONFIG_MAPS}?continue=${page.at('metadata.continue')}`);
    assert.equal(expired.status, 410);
    assert.match(
      String(expired.at('message')),
      /^The provided continue parameter is too old to display a consistent list result\./,
    );
    const rest = await api.send(`GET ${CONFIG_MAPS}?continue=${expired.at('metadata.continue')}`);
    assert.equal(rest.status, 200);
    assert.deepEqual(namesIn(rest.body), ['q', 'x']);
  });

  test('a revision that is not there yet times out as upstream says it', { timeout: 20_000 }, async () => {
    const answer = await api.send(`GET ${CONFIG_MAPS}?resourceVersion=999999`);
    assert.equal(answer.status, 504);
    assert.match(String(answer.at('message')), /^Timeout: Too large resource version: 999999, current: \d+$/);
    assert.deepEqual(answer.at('details.causes'), [
      { reason: 'ResourceVersionTooLarge', message: 'Too large resource version' },
    ]);
    assert.equal(answer.headers['retry-after'], '1');
  });
});

describe('list of many', () => {
  test('comes in chunks that together are one list', async () => {
    await using many = await apiUnderTest();
    const data = { text: 'x'.repeat(2000) };
    for (let i = 0; i < 400; i++) {
      await many.send(`POST ${CONFIG_MAPS}`, { body: { metadata: { name: `n${String(i).padStart(4, '0')}` }, data } });
    }
    const chunks = await many.stream(CONFIG_MAPS);
    const sizes: number[] = [];
    const parts: Uint8Array[] = [];
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
      sizes.push(next.value.length);
      parts.push(next.value);
    }
    assert.ok(sizes.length >= 3 && sizes.every((size) => size <= 256 * 1024), String(sizes));
    assert.equal(namesIn(JSON.parse(Buffer.concat(parts).toString())).length, 400);
    const listed = await many.client.request('GET', CONFIG_MAPS);
    assert.equal(namesIn(listed).length, 400);
    const protobuf = await many.send(`GET ${CONFIG_MAPS}`, {
      headers: { accept: 'application/vnd.kubernetes.protobuf' },
    });
    assert.ok(protobuf.bytes.length > 800_000);
  });
});
