import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containsIp, formatIp, parseCidr, parseIp } from './ip-address.ts';

test('parseIp reads addresses of both families', () => {
  const cases: [string, string][] = [
    ['10.9.8.7', 'IPv4 10.9.8.7'],
    ['010.0.0.01', 'IPv4 10.0.0.1'],
    ['::', 'IPv6 ::'],
    ['::1', 'IPv6 ::1'],
    ['2001:DB8::ffff', 'IPv6 2001:db8::ffff'],
    ['1:0:0:2:0:0:0:3', 'IPv6 1:0:0:2::3'],
    ['1:2:3:4:5:6:7:8', 'IPv6 1:2:3:4:5:6:7:8'],
    ['fe80::1:0', 'IPv6 fe80::1:0'],
    ['::ffff:1.2.3.4', 'IPv4 1.2.3.4'],
    ['64:ff9b::1.2.3.4', 'IPv6 64:ff9b::102:304'],
  ];
  for (const [text, expected] of cases) {
    const ip = parseIp(text) ?? assert.fail(text);
    assert.equal(`${ip.family} ${formatIp(ip)}`, expected, text);
  }
});

test('parseIp refuses what is no address', () => {
  const cases = [
    '',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '1.2.3.a',
    '-1.2.3.4',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '12345::',
  ];
  cases.push(
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '1.2.3.4::',
    'fe80::1%eth0',
    'g::',
    '::1.2.3',
    'None',
    ' 1.2.3.4',
  );
  for (const text of cases) assert.equal(parseIp(text), undefined, text);
});

test('parseCidr reads networks', () => {
  assert.equal(parseCidr('10.0.0.0/8')?.prefix, 8);
  assert.equal(parseCidr('2001:db8::/64')?.address.family, 'IPv6');
  for (const text of ['10.0.0.0', '10.0.0.0/33', '::/129', '10.0.0.0/-1', '/8', '10.0.0.0/8/8', 'a/8']) {
    assert.equal(parseCidr(text), undefined, text);
  }
});

test('containsIp compares the shared bits', () => {
  const contains = (network: string, address: string) => containsIp(parseCidr(network)!, parseIp(address)!);
  assert.equal(contains('10.96.0.0/12', '10.111.255.255'), true);
  assert.equal(contains('10.96.0.0/12', '10.112.0.0'), false);
  assert.equal(contains('0.0.0.0/0', '1.1.1.1'), true);
  assert.equal(contains('fe80::/10', 'febf::1'), true);
  assert.equal(contains('0.0.0.0/0', '::1'), false);
});
