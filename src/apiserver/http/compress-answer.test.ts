import assert from 'node:assert/strict';
import { get, type RequestOptions } from 'node:https';
import { describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { apiOverTls } from '../../../test/support/api-over-tls.ts';
import { http2Requests } from '../../../test/support/http2-requests.ts';
import type { ApiResponse, Method, ResponseBody } from '../../client/transport.ts';
import { CHUNK_BYTES } from '../negotiation/renderer.ts';
import { compressAnswer } from './compress-answer.ts';

const LARGE = Buffer.from('some text that comes again '.repeat(8000));
const SMALL = LARGE.subarray(0, 128 * 1024);

describe('compressAnswer', () => {
  const compress = (body: ResponseBody, acceptEncoding?: string, method: Method = 'GET', vary?: string) => {
    const headers = acceptEncoding === undefined ? {} : { 'accept-encoding': acceptEncoding };
    const head = { method, path: '/', query: new URLSearchParams(), headers };
    return compressAnswer(head, { status: 200, headers: vary ? { vary } : {}, body });
  };
  const bytes = (of: Uint8Array): ResponseBody => ({ type: 'bytes', contentType: 'text/plain', bytes: of });
  const list = (...chunks: Uint8Array[]): ResponseBody => ({ ...watch(...chunks), isWhole: true });
  const watch = (...chunks: Uint8Array[]) =>
    ({ type: 'stream', contentType: 'text/plain', chunks: from(chunks) }) as const;

  const cases: [title: string, answer: Promise<ApiResponse>, encoding: string | undefined, content: Uint8Array][] = [
    ['large bytes', compress(bytes(LARGE), 'gzip'), 'gzip', LARGE],
    ['large bytes for one of several encodings', compress(bytes(LARGE), 'deflate, gzip , br'), 'gzip', LARGE],
    ['bytes at the threshold', compress(bytes(SMALL), 'gzip'), undefined, SMALL],
    ['large bytes for nobody who asks', compress(bytes(LARGE)), undefined, LARGE],
    ['large bytes for another encoding', compress(bytes(LARGE), 'br'), undefined, LARGE],
    ['what a write answers', compress(bytes(LARGE), 'gzip', 'POST'), undefined, LARGE],
    ['a long list', compress(list(LARGE, SMALL), 'gzip'), 'gzip', Buffer.concat([LARGE, SMALL])],
    ['a list that is short after all', compress(list(SMALL), 'gzip'), undefined, SMALL],
    ['a list of nothing', compress(list(), 'gzip'), undefined, Buffer.alloc(0)],
    ['a watch', compress(watch(LARGE), 'gzip'), undefined, LARGE],
  ];
  for (const [title, answer, encoding, content] of cases) {
    test(`${title}: ${encoding ?? 'as it is'}`, async () => {
      const { headers, body } = await answer;
      assert.equal(headers['content-encoding'], encoding);
      assert.equal(headers['vary'], encoding && 'Accept-Encoding');
      const sent = await whole(body);
      assert.ok(encoding === undefined ? sent.equals(content) : gunzipSync(sent).equals(content));
    });
  }

  test('adds to what an answer varies by already', async () => {
    const { headers } = await compress(bytes(LARGE), 'gzip', 'GET', 'Accept');
    assert.equal(headers['vary'], 'Accept, Accept-Encoding');
  });

  test('breaks off where the answer breaks off', async () => {
    async function* broken() {
      yield LARGE;
      throw new Error('no more');
    }
    const { body } = await compress({ type: 'stream', contentType: '', chunks: broken(), isWhole: true }, 'gzip');
    await assert.rejects(whole(body), /no more/);
  });
});

describe('over the wire', () => {
  test('a large list comes in gzip over HTTP/2 and HTTP/1.1, and says the same', async () => {
    await using tls = await apiOverTls();
    const path = '/api/v1/namespaces/a/configmaps';
    for (let i = 0; i < 210; i++) {
      const body = { metadata: { name: `m-${i}` }, data: { text: 'x'.repeat(700) } };
      await tls.api.send(`POST ${path}`, { body });
    }
    const ca = tls.authority.certificate;
    await using http2 = await http2Requests(`https://127.0.0.1:${tls.port}`, { ca });
    const plain = await http2.send({ method: 'GET', path });
    assert.equal(plain.headers['content-encoding'], undefined);
    const headers = { 'accept-encoding': 'gzip' };
    const zipped = await http2.send({ method: 'GET', path, headers });
    assert.equal(zipped.headers['content-encoding'], 'gzip');
    assert.ok(zipped.bytes.length < plain.bytes.length / 4);
    assert.ok(gunzipSync(zipped.bytes).equals(plain.bytes));
    assert.ok(gunzipSync(await overHttp1({ port: tls.port, ca, path, headers })).equals(plain.bytes));
  });

  test('a list of many chunks comes whole, however it comes', async () => {
    await using tls = await apiOverTls();
    const path = '/api/v1/namespaces/a/configmaps';
    for (let i = 0; i < 600; i++) {
      const text = String(i).padStart(4, '0').repeat(1200);
      await tls.api.send(`POST ${path}`, { body: { metadata: { name: `m-${i}` }, data: { text } } });
    }
    const expected = Buffer.from((await tls.api.send(`GET ${path}`)).bytes);
    assert.ok(expected.length > 8 * CHUNK_BYTES);
    const ca = tls.authority.certificate;
    await using http2 = await http2Requests(`https://127.0.0.1:${tls.port}`, { ca });
    const headers = { 'accept-encoding': 'gzip' };
    const answers = await Promise.all([
      http2.send({ method: 'GET', path }).then(({ bytes }) => bytes),
      http2.send({ method: 'GET', path, headers }).then(({ bytes }) => gunzipSync(bytes)),
      overHttp1({ port: tls.port, ca, path }),
      overHttp1({ port: tls.port, ca, path, headers }).then((bytes) => gunzipSync(bytes)),
    ]);
    for (const answer of answers) assert.ok(expected.equals(answer));
  });
});

function overHttp1(options: RequestOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', agent: false, ...options }, async (response) => {
      resolve(Buffer.concat(await Array.fromAsync<Buffer>(response)));
    }).on('error', reject);
  });
}

async function* from(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

async function whole(body: ResponseBody): Promise<Buffer> {
  if (body.type === 'bytes') return Buffer.from(body.bytes);
  assert.equal(body.type, 'stream');
  return Buffer.concat(await Array.fromAsync(body.chunks));
}
