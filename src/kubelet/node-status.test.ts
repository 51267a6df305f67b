import { test } from 'node:test';
import { schedulingCluster } from '../../test/support/scheduling-cluster.ts';
import { until } from '../../test/support/until.ts';
import { Node } from '../api/core/node.ts';
import { FakeClock } from '../base/clock.ts';
import { silentLogger } from '../base/log.ts';
import { type NodeFacts, reportNode } from './node-status.ts';

const GIB = 1024 ** 3;
const FACTS: NodeFacts = {
  nodeName: 'one',
  nodeIp: '192.0.2.1',
  machine: {
    cpus: 2,
    memoryBytes: 4 * GIB,
    architecture: 'amd64',
    kernelVersion: '6',
    osImage: 'test',
    hostname: 'one',
    machineId: 'm',
    systemUuid: 's',
    bootId: 'b',
  },
  load: { availableMemoryBytes: 2 * GIB, diskBytes: 100 * GIB, availableDiskBytes: 50 * GIB, freePidsShare: 1 },
  version: 'v1.36.0',
  serverPort: 10_250,
  runtime: { version: 'test://1', problems: [], images: [] },
  maxPods: 110,
};

test('reportNode sets right, at its next check, what others have said while the node was not heard of', async () => {
  const clock = new FakeClock();
  await using cluster = await schedulingCluster({ clock });
  const { client } = cluster;
  const stopping = new AbortController();
  const reporting = reportNode(
    { client, clock, log: silentLogger, facts: async () => FACTS, labels: {} },
    { registered: () => {}, changed: () => ({ [Symbol.dispose]: () => {} }), signal: stopping.signal },
  );
  const readyIs = (wanted: string) => async () => {
    const node = await client.get(Node, { name: 'one' }).catch(() => undefined);
    return node?.status.conditions?.some(({ type, status }) => type === 'Ready' && status === wanted) === true;
  };
  await until(readyIs('True'));
  const node = await client.get(Node, { name: 'one' });
  const conditions = (node.status.conditions ?? []).map((condition) => ({ ...condition, status: 'Unknown' as const }));
  await client.updateStatus(Node, { ...node, status: { ...node.status, conditions } });
  await until(readyIs('Unknown'));
  await clock.advance(10_000);
  await until(readyIs('True'));
  stopping.abort();
  await reporting;
});
