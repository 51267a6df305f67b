import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type HostPort, NO_RULES, type Rules, renderRules } from './nft-rules.ts';
import { diffScript } from './nft-script.ts';
import type { ServicePort } from './service-ports.ts';

const POD_CIDR = '10.244.0.0/16';
const ONE = { ip: '10.244.0.5', port: 8080 };
const TWO = { ip: '10.244.1.6', port: 8080 };

function servicePort(more: Partial<ServicePort> = {}): ServicePort {
  return {
    key: 'default/web:',
    protocol: 'tcp',
    port: 80,
    clusterIps: ['10.96.0.10'],
    externalIps: [],
    nodePort: undefined,
    affinitySeconds: undefined,
    everywhere: [ONE, TWO],
    here: [ONE],
    internalLocal: false,
    externalLocal: false,
    ...more,
  };
}

const render = (ports: readonly ServicePort[], hostPorts: readonly HostPort[] = []) =>
  renderRules(ports, hostPorts, POD_CIDR);
/** Of a map, without the ids in the names of chains. */
const elementsOf = (rules: Rules, map: string) =>
  Object.fromEntries(
    [...(rules.elements.get(map) ?? [])].map(([key, value]) => [key, value.replace(/_[0-9a-f]{16}/, '')]),
  );
/** By the part of the name that says what it is. */
const chainOf = (rules: Rules, prefix: string) =>
  [...rules.chains]
    .find(([name]) => name.startsWith(`${prefix}_`))?.[1]
    .map((rule) => rule.replaceAll(/_[0-9a-f]{16}/g, ''));

describe('renderRules', () => {
  test('a cluster IP leads to all targets, marked when it comes from outside', () => {
    const rules = render([servicePort()]);
    assert.deepEqual(elementsOf(rules, 'service_ips'), { '10.96.0.10 . tcp . 80': 'goto inner' });
    assert.deepEqual(chainOf(rules, 'inner'), [
      'ip saddr != 10.244.0.0/16 fib saddr type != local meta mark set meta mark | 0x4000',
      'goto svc',
    ]);
    assert.deepEqual(chainOf(rules, 'svc'), [
      'meta l4proto tcp dnat ip addr . port to numgen random mod 2 map { 0 : 10.244.0.5 . 8080, 1 : 10.244.1.6 . 8080 }',
    ]);
    assert.deepEqual(Object.keys(elementsOf(rules, 'hairpin')), ['10.244.0.5 . 10.244.0.5', '10.244.1.6 . 10.244.1.6']);
  });

  test('one target needs no choice', () => {
    assert.deepEqual(chainOf(render([servicePort({ everywhere: [ONE] })]), 'svc'), [
      'meta l4proto tcp dnat to 10.244.0.5:8080',
    ]);
  });

  test('what nobody serves is refused, at the node port too', () => {
    const rules = render([servicePort({ everywhere: [], here: [], nodePort: 30080, externalIps: ['198.51.100.7'] })]);
    assert.equal(rules.chains.size, 0);
    assert.deepEqual(elementsOf(rules, 'refused_ips'), {
      '10.96.0.10 . tcp . 80': 'goto refuse',
      '198.51.100.7 . tcp . 80': 'goto refuse',
    });
    assert.deepEqual(elementsOf(rules, 'refused_ports'), { 'tcp . 30080': 'goto refuse' });
  });

  test('a local policy without an endpoint here drops, and leads in-cluster traffic on', () => {
    const rules = render([servicePort({ here: [], internalLocal: true, externalLocal: true, nodePort: 30080 })]);
    assert.deepEqual(elementsOf(rules, 'refused_ips'), { '10.96.0.10 . tcp . 80': 'drop' });
    assert.deepEqual(elementsOf(rules, 'refused_ports'), { 'tcp . 30080': 'drop' });
    assert.deepEqual(elementsOf(rules, 'node_ports'), { 'tcp . 30080': 'goto outer' });
    assert.deepEqual(chainOf(rules, 'outer'), [
      'ip saddr 10.244.0.0/16 goto svc',
      'fib saddr type local meta mark set meta mark | 0x4000 goto svc',
    ]);
  });

  test('a local external policy leads clients to this node’s endpoints, without a mark', () => {
    const rules = render([servicePort({ externalLocal: true, nodePort: 30080 })]);
    assert.equal(chainOf(rules, 'outer')?.at(-1), 'goto local');
    assert.deepEqual(chainOf(rules, 'local'), ['meta l4proto tcp dnat to 10.244.0.5:8080']);
    assert.deepEqual(elementsOf(rules, 'refused_ports'), {});
  });

  test('an affinity remembers each client with the endpoint, once for all addresses of the port', () => {
    const rules = render([servicePort({ affinitySeconds: 60, externalLocal: true, nodePort: 30080 })]);
    assert.deepEqual([...rules.sets.values()], Array(2).fill('type ipv4_addr; flags dynamic,timeout; timeout 60s;'));
    assert.deepEqual(chainOf(rules, 'svc'), [
      'ip saddr @affinity goto endpoint',
      'ip saddr @affinity goto endpoint',
      'numgen random mod 2 vmap { 0 : goto endpoint, 1 : goto endpoint }',
    ]);
    assert.deepEqual(chainOf(rules, 'endpoint'), [
      'update @affinity { ip saddr }',
      'meta l4proto tcp dnat to 10.244.0.5:8080',
    ]);
    const longer = render([servicePort({ affinitySeconds: 90 })]);
    assert.equal(
      [...longer.sets.keys()].some((name) => rules.sets.has(name)),
      false,
      'a set never changes under its name',
    );
  });

  test('of two who claim one address and port, or one host port, the first keeps it', () => {
    const rules = render(
      [servicePort({ key: 'a/a:', everywhere: [ONE] }), servicePort({ key: 'b/b:', everywhere: [TWO] })],
      [
        { protocol: 'tcp', hostPort: 80, hostIp: undefined, podIp: '10.244.0.5', containerPort: 8080 },
        { protocol: 'tcp', hostPort: 80, hostIp: undefined, podIp: '10.244.0.6', containerPort: 8080 },
        { protocol: 'tcp', hostPort: 80, hostIp: '192.0.2.1', podIp: '10.244.0.7', containerPort: 8080 },
      ],
    );
    assert.equal(rules.elements.get('service_ips')?.size, 1);
    assert.deepEqual(elementsOf(rules, 'host_ports_any'), { 'tcp . 80': 'goto host' });
    assert.deepEqual(elementsOf(rules, 'host_ports'), { '192.0.2.1 . tcp . 80': 'goto host' });
    const hosts = [...rules.chains].filter(([name]) => name.startsWith('host_')).map(([, lines]) => lines[0]);
    assert.deepEqual(hosts, ['meta l4proto tcp dnat to 10.244.0.5:8080', 'meta l4proto tcp dnat to 10.244.0.7:8080']);
  });
});

describe('diffScript', () => {
  const statements = (from: Rules, to: Rules) =>
    diffScript('t', from, to)
      .split('\n')
      .filter((line) => line !== '');
  const kindsOf = (lines: readonly string[]) => lines.map((line) => line.split(' ').slice(0, 2).join(' '));

  test('is empty where nothing changes', () => {
    assert.equal(diffScript('t', render([servicePort()]), render([servicePort()])), '');
    assert.equal(diffScript('t', NO_RULES, NO_RULES), '');
  });

  test('builds from nothing: sets and chains before the rules that name them, elements last', () => {
    const kinds = kindsOf(statements(NO_RULES, render([servicePort({ affinitySeconds: 60 })])));
    const firstOf = (kind: string) => kinds.indexOf(kind);
    assert.ok(kinds.lastIndexOf('add set') < firstOf('add rule'));
    assert.ok(kinds.lastIndexOf('add chain') < firstOf('add rule'));
    assert.ok(kinds.lastIndexOf('add rule') < firstOf('add element'));
    assert.equal(
      kinds.some((kind) => kind.startsWith('delete') || kind.startsWith('flush')),
      false,
    );
  });

  test('takes away in the opposite order', () => {
    const kinds = kindsOf(statements(render([servicePort({ affinitySeconds: 60 })]), NO_RULES));
    assert.ok(kinds.lastIndexOf('delete element') < kinds.indexOf('flush chain'));
    assert.ok(kinds.lastIndexOf('flush chain') < kinds.indexOf('delete chain'));
    assert.ok(kinds.lastIndexOf('delete chain') < kinds.indexOf('delete set'));
    assert.equal(
      kinds.some((kind) => kind.startsWith('add')),
      false,
    );
  });

  test('touches only the service whose endpoints change', () => {
    const other = servicePort({ key: 'default/other:', clusterIps: ['10.96.0.11'], everywhere: [ONE] });
    const lines = statements(render([servicePort(), other]), render([servicePort({ everywhere: [ONE] }), other]));
    assert.deepEqual(kindsOf(lines), ['delete element', 'flush chain', 'add rule']);
    assert.match(lines[0] ?? '', /hairpin \{ 10\.244\.1\.6 \. 10\.244\.1\.6 \}/);
    assert.match(lines[2] ?? '', /dnat to 10\.244\.0\.5:8080$/);
  });

  test('replaces an element whose meaning changes', () => {
    const lines = statements(
      render([servicePort({ everywhere: [], here: [] })]),
      render([servicePort({ here: [], internalLocal: true })]),
    );
    assert.ok(lines.some((line) => /^delete element ip t refused_ips/.test(line)));
    assert.ok(lines.some((line) => /^add element ip t refused_ips \{ 10\.96\.0\.10 \. tcp \. 80 : drop \}/.test(line)));
  });
});
