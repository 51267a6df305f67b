import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type ApiOverTls, apiOverTls, requestOverHttp2 } from '../../../test/support/api-over-tls.ts';
import {
  drip,
  END_HEADERS,
  END_STREAM,
  FRAME,
  frame,
  healthHeaders,
  PREFACE,
  type RawTarget,
  sayNothing,
  talk,
} from '../../../test/support/raw-connections.ts';

/** Handshakes behind a flood get all the time that they need. */
const PATIENCE = { handshakeMs: 60_000, headersMs: 400, idleMs: 500 };

let tls: ApiOverTls;
let target: RawTarget;

before(async () => {
  tls = await apiOverTls({}, { patience: PATIENCE });
  target = { port: tls.port, ca: tls.authority.certificate };
});
after(() => tls[Symbol.asyncDispose]());

/** The server goes on serving others. */
async function serves(): Promise<void> {
  const session = tls.connect();
  assert.equal((await requestOverHttp2(session, { ':path': '/version' })).status, 200);
  session.close();
}

describe('HTTP/1.1 that is none', () => {
  const cases: readonly (readonly [title: string, text: string, status: number])[] = [
    ['noise', 'one two three four\r\n\r\n', 400],
    ['two lengths', 'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n', 400],
    ['a length that is no number', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n', 400],
    ['a header without a name', 'GET / HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n', 400],
    ['headers without end', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`, 431],
    ['a path without end', `GET /${'x'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
    ['a tunnel', 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n', 405],
  ];
  for (const [title, text, status] of cases) {
    test(`${title}: a Status with ${status}, and the connection is closed`, async () => {
      const { bytes } = await talk(target, 'http/1.1', [text]);
      const [head = '', body = ''] = bytes.toString().split('\r\n\r\n');
      assert.match(head, new RegExp(`^HTTP/1\\.1 ${status} `));
      const answer = JSON.parse(body);
      assert.deepEqual([answer.kind, answer.status, answer.code], ['Status', 'Failure', status]);
      await serves();
    });
  }
});

describe('HTTP/2 that is none', () => {
  const settings = frame(FRAME.settings, 0, 0);
  const uint32 = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };
  const cases: readonly (readonly [title: string, frames: readonly Uint8Array[], goAway: number])[] = [
    ['a frame of 16 MB', [Buffer.from('ffffff010500000001', 'hex')], 6],
    ['a window above the limit', [frame(FRAME.windowUpdate, 0, 0, uint32(0x7fffffff))], 3],
    ['headers that cannot be decompressed', [frame(FRAME.headers, 5, 1, Buffer.from([0xff, 0xff, 0xff]))], 9],
    ['headers of stream 0', [frame(FRAME.headers, END_HEADERS | END_STREAM, 0, healthHeaders())], 1],
    ['data of stream 0', [frame(FRAME.data, 0, 0, Buffer.from('x'))], 1],
    ['a continuation of nothing', [frame(FRAME.continuation, END_HEADERS, 1, healthHeaders())], 1],
    ['settings of a wrong length', [frame(FRAME.settings, 0, 0, Buffer.from([1, 2, 3]))], 6],
  ];
  for (const [title, frames, goAway] of cases) {
    test(`${title}: a GOAWAY that says so`, async () => {
      const { bytes } = await talk(target, 'h2', [PREFACE, settings, ...frames]);
      assert.deepEqual(goAwayCodes(bytes), [goAway]);
      await serves();
    });
  }

  test('another preface: the connection is closed', async () => {
    await talk(target, 'h2', ['PRI * HTTP/3.0\r\n\r\nSM\r\n\r\n', settings]);
    await serves();
  });

  const floods: readonly (readonly [title: string, piece: (i: number) => Uint8Array, count: number])[] = [
    ['continuations', (i) => frame(i === 0 ? FRAME.headers : FRAME.continuation, 0, 1, Buffer.alloc(8192, 0x40)), 400],
    ['pings', () => frame(FRAME.ping, 0, 0, Buffer.alloc(8)), 20_000],
    ['settings', () => settings, 20_000],
    [
      'requests that are cancelled at once',
      (i) => {
        const stream = 2 * i + 1;
        const opened = frame(FRAME.headers, END_HEADERS | END_STREAM, stream, healthHeaders());
        return Buffer.concat([opened, frame(FRAME.reset, 0, stream, uint32(8))]);
      },
      5_000,
    ],
  ];
  for (const [title, piece, count] of floods) {
    test(`a flood of ${title} is ended, and stops nobody`, async () => {
      const flood = talk(target, 'h2', [PREFACE, settings, ...Array.from({ length: count }, (_, i) => piece(i))]);
      await serves();
      await flood;
      await serves();
    });
  }
});

describe('clients that take their time', () => {
  test('a connection without a handshake is closed', async () => {
    await using hasty = await apiOverTls({}, { patience: { ...PATIENCE, handshakeMs: 300 } });
    await sayNothing({ port: hasty.port, ca: hasty.authority.certificate });
  });

  test('a head that comes in drops is answered with 408', async () => {
    const { bytes } = await drip(target, 'GET /version HTTP/1.1\r\nHost: x\r\nX-Slow: ', 'x', 20);
    assert.match(bytes.toString(), /^HTTP\/1\.1 408 /);
    await serves();
  });

  for (const [protocol, pieces] of [
    ['http/1.1', []],
    ['h2', [PREFACE, frame(FRAME.settings, 0, 0)]],
  ] as const) {
    test(`a connection over ${protocol} on which nothing is asked is closed`, async () => {
      await talk(target, protocol, pieces);
      await serves();
    });
  }
});

/** The error codes of the GOAWAY frames among what the server has sent. */
function goAwayCodes(bytes: Buffer): number[] {
  const codes: number[] = [];
  for (let at = 0; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3)) {
    if (bytes[at + 3] === FRAME.goAway) codes.push(bytes.readUInt32BE(at + 9 + 4));
  }
  return codes;
}
