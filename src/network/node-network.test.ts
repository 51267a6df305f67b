import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { dnsUpstreams } from './node-network.ts';

const RESOLV_CONF = 'search example.com\nnameserver 127.0.0.53\nnameserver 192.0.2.53\n';
const MACHINE = { address: '192.0.2.2', port: 10_053 };
const OTHER = { address: '192.0.2.53', port: 53 };

describe('dnsUpstreams', () => {
  test('are the name servers of the machine', () => {
    assert.deepEqual(dnsUpstreams(RESOLV_CONF, { machineDns: undefined }), [
      { address: '127.0.0.53', port: 53 },
      OTHER,
    ]);
  });

  test("are the machine's own DNS in place of its loopback, for a node in a namespace", () => {
    assert.deepEqual(dnsUpstreams(RESOLV_CONF, { machineDns: MACHINE }), [MACHINE, OTHER]);
  });
});
