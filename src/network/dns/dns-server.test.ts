import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  type Packet,
  RECURSION_AVAILABLE,
  TRUNCATED_RESPONSE,
} from 'dns-packet';
import { service, slice } from '../../../test/support/service-objects.ts';
import { systemClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/log.ts';
import { type DnsServer, startDnsServer } from './dns-server.ts';
import { createForwarder } from './forwarder.ts';
import type { ZoneSource } from './zone.ts';

const ADDRESS = '127.0.0.1';
const MANY = 60;
/** A client that can take 4 KB over UDP. */
const OPT: Answer = {
  ...{ type: 'OPT', name: '.', udpPayloadSize: 4096, extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: false },
  options: [],
};

/** A zone with one of each, among them a headless service with more endpoints than a small answer holds. */
const services = [
  service('web'),
  service('many', { clusterIP: 'None' }),
  service('out', { type: 'ExternalName', externalName: 'outside.example', clusterIP: '' }),
  service('in', { type: 'ExternalName', externalName: 'web.default.svc.cluster.local', clusterIP: '' }),
  service('circle', { type: 'ExternalName', externalName: 'circle.default.svc.cluster.local', clusterIP: '' }),
  service('odd', { type: 'ExternalName', externalName: `${'x'.repeat(70)}.example`, clusterIP: '' }),
];
const many = slice(
  'many',
  Array.from({ length: MANY }, (_, index) => ({ ip: `10.244.0.${index + 1}` })),
);
const source: ZoneSource = {
  service: (namespace, name) =>
    services.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name),
  slices: (_namespace, name) => (name === 'many' ? [many] : []),
  hasServices: (namespace) => namespace === 'default',
  servicesAt: (ip) => (ip === '10.96.0.10' ? [services[0]!] : []),
  endpointsAt: () => [],
};

describe('startDnsServer', () => {
  const stack = new AsyncDisposableStack();
  let outside: DnsServer;
  let server: DnsServer;
  let resolver: Resolver;

  before(async () => {
    // The world outside: another server of this kind, for another domain.
    const elsewhere: ZoneSource = {
      ...source,
      service: (namespace, name) => (namespace === 'there' ? service(name, { clusterIP: '203.0.113.9' }) : undefined),
    };
    const refuse = async () => {
      throw new Error('there is nothing beyond');
    };
    outside = stack.use(
      await startDnsServer(
        { source: elsewhere, forward: refuse, log: silentLogger },
        { address: ADDRESS, port: 0, domain: 'example' },
      ),
    );
    const forward = createForwarder({ clock: systemClock }, [{ address: ADDRESS, port: outside.port }]);
    server = stack.use(
      await startDnsServer(
        { source, forward, log: silentLogger },
        { address: ADDRESS, port: 0, domain: 'cluster.local' },
      ),
    );
    resolver = new Resolver({ timeout: 2_000, tries: 1 });
    resolver.setServers([`${ADDRESS}:${server.port}`]);
  });
  after(() => stack.disposeAsync());

  function overUdp(message: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const socket = createSocket('udp4');
      socket.once('message', (answer) => {
        socket.close();
        resolve(answer);
      });
      socket.once('error', reject);
      socket.send(message, server.port, ADDRESS);
    });
  }
  const ask = async (question: Packet): Promise<Packet> => decode(await overUdp(encode(question)));
  const query = (name: string, type: 'A' | 'CNAME' | 'AAAA', more: Partial<Packet> = {}): Packet => ({
    type: 'query',
    id: 7,
    flags: 0x0100,
    questions: [{ name, type, class: 'IN' }],
    ...more,
  });
  const isCut = ({ flags = 0 }: Packet) => (flags & TRUNCATED_RESPONSE) !== 0;
  const rcodeOf = ({ flags = 0 }: Packet) => flags & 0x0f;
  const show = (answers: readonly Answer[] = []) =>
    answers.map((answer) => `${answer.name} ${'data' in answer ? answer.data : ''}`);

  test('answers a resolver, as every program has one', async () => {
    assert.deepEqual(await resolver.resolve4('web.default.svc.cluster.local'), ['10.96.0.10']);
    const [record] = await resolver.resolveSrv('_web._tcp.web.default.svc.cluster.local');
    assert.deepEqual([record?.name, record?.port], ['web.default.svc.cluster.local', 80]);
    assert.deepEqual(await resolver.reverse('10.96.0.10'), ['web.default.svc.cluster.local']);
    await assert.rejects(resolver.resolve4('nobody.default.svc.cluster.local'), { code: 'ENOTFOUND' });
    await assert.rejects(resolver.resolve6('web.default.svc.cluster.local'), { code: 'ENODATA' });
  });

  test('hands on what is not the cluster’s', async () => {
    assert.deepEqual(await resolver.resolve4('www.there.svc.example'), ['203.0.113.9']);
    await assert.rejects(resolver.resolve4('nobody.svc.example'), { code: 'ENOTFOUND' });
  });

  test('says so when nobody else answers', async () => {
    await assert.rejects(resolver.resolve4('www.invalid'), { code: 'ESERVFAIL' });
  });

  test('follows an external name to its addresses, within the cluster and without', async () => {
    const inside = await ask(query('in.default.svc.cluster.local', 'A'));
    assert.deepEqual(show(inside.answers), [
      'in.default.svc.cluster.local web.default.svc.cluster.local',
      'web.default.svc.cluster.local 10.96.0.10',
    ]);
    const { answers, flags } = await ask(query('out.default.svc.cluster.local', 'CNAME'));
    assert.deepEqual([show(answers), (flags ?? 0) & 0x0f], [['out.default.svc.cluster.local outside.example'], 0]);
    const gone = await ask(query('out.default.svc.cluster.local', 'A'));
    assert.deepEqual(show(gone.answers), ['out.default.svc.cluster.local outside.example']);
    const circle = await ask(query('circle.default.svc.cluster.local', 'A'));
    assert.ok((circle.answers ?? []).length <= 8, 'a circle has an end');
  });

  test('is authoritative for its zone, and says how long what is missing may be remembered', async () => {
    const missing = await ask(query('nobody.default.svc.cluster.local', 'A'));
    assert.equal(rcodeOf(missing), 3);
    assert.equal(
      (missing.flags ?? 0) & (AUTHORITATIVE_ANSWER | RECURSION_AVAILABLE),
      AUTHORITATIVE_ANSWER | RECURSION_AVAILABLE,
    );
    assert.equal(missing.authorities?.[0]?.type, 'SOA');
    const empty = await ask(query('web.default.svc.cluster.local', 'AAAA'));
    assert.deepEqual([rcodeOf(empty), empty.answers?.length, empty.authorities?.[0]?.type], [0, 0, 'SOA']);
  });

  test('cuts short what does not fit, and has all of it over TCP or where more fits', async () => {
    const short = await ask(query('many.default.svc.cluster.local', 'A'));
    assert.deepEqual([isCut(short), short.answers?.length], [true, 0]);
    const long = await ask(query('many.default.svc.cluster.local', 'A', { additionals: [OPT] }));
    assert.deepEqual([isCut(long), long.answers?.length, long.additionals?.[0]?.type], [false, MANY, 'OPT']);
    assert.equal((await resolver.resolve4('many.default.svc.cluster.local')).length, MANY);
  });

  test('turns the list, so that clients that take the first address spread', async () => {
    const firstOf = async (id: number) =>
      show((await ask(query('many.default.svc.cluster.local', 'A', { id, additionals: [OPT] }))).answers)[0];
    const firsts = await Promise.all([0, 1, 2, 3].map(firstOf));
    assert.equal(new Set(firsts).size, 4);
  });

  test('answers several questions of one TCP connection, in pieces or at once', async () => {
    const message = encode(query('web.default.svc.cluster.local', 'A'));
    const framed = Buffer.concat([Buffer.of(0, message.length), message]);
    const answers = await new Promise<Buffer>((resolve, reject) => {
      const socket = connect(server.port, ADDRESS);
      let received: Buffer = Buffer.alloc(0);
      socket.on('data', (chunk) => {
        received = Buffer.concat([received, chunk]);
        const size = 2 + received.readUInt16BE(0);
        if (received.length < size * 3) return;
        socket.destroy();
        resolve(received);
      });
      socket.on('error', reject);
      socket.write(framed.subarray(0, 5));
      socket.write(Buffer.concat([framed.subarray(5), framed, framed]));
    });
    assert.deepEqual(show(decode(answers.subarray(2)).answers), ['web.default.svc.cluster.local 10.96.0.10']);
  });

  const broken: readonly (readonly [string, Buffer, number])[] = [
    ['what cannot be read', Buffer.concat([encode(query('a.b', 'A')).subarray(0, 14), Buffer.of(0xc0, 0xff, 0xff)]), 1],
    ['another opcode', encode(query('a.b', 'A', { flags: 0x1000 })), 4],
    ['no question', encode({ type: 'query', id: 1, questions: [] }), 4],
    ['an external name that is no name', encode(query('odd.default.svc.cluster.local', 'A')), 2],
  ];
  for (const [name, message, rcode] of broken) {
    test(`refuses ${name}, and goes on`, async () => {
      assert.equal((await overUdp(message)).readUInt16BE(2) & 0x0f, rcode);
      assert.deepEqual(await resolver.resolve4('web.default.svc.cluster.local'), ['10.96.0.10']);
    });
  }

  test('is silent to answers and to scraps', async () => {
    const socket = createSocket('udp4');
    let heard = 0;
    socket.on('message', () => heard++);
    for (const message of [encode({ type: 'response', id: 3 }), Buffer.of(1, 2, 3)]) {
      await new Promise((resolve) => socket.send(message, server.port, ADDRESS, resolve));
    }
    await resolver.resolve4('web.default.svc.cluster.local'); // Asked later: what came before has been dealt with.
    assert.equal(heard, 0);
    socket.close();
  });

  test('rejects where the port is taken', async () => {
    await assert.rejects(
      startDnsServer(
        { source, forward: async (message) => message, log: silentLogger },
        { address: ADDRESS, port: server.port, domain: 'x' },
      ),
      { code: 'EADDRINUSE' },
    );
  });
});
