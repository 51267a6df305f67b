// The tests of the official conformance suite that need a node, under their names, against real containers on a cluster of
// two nodes. What each demands is upstream's test/e2e/common/node, test/e2e/common/storage and test/e2e/node. Beside them
// tests of the specification's rows that need the same.

import { after, before, describe } from 'node:test';
import { ensureInstalled } from '../support/system-packages.ts';
import { cgroupRowTests } from './conformance/cgroup-rows.ts';
import { configMapTests } from './conformance/config-maps.ts';
import { conformanceSuite } from './conformance/conformance-suite.ts';
import { containerRowTests } from './conformance/container-rows.ts';
import { nodeRowTests } from './conformance/node-rows.ts';
import { podRowTests } from './conformance/pod-rows.ts';
import { nodePrograms } from './node-programs.ts';
import { createTestCluster, type TestCluster } from './test-cluster.ts';
import { wholeMachine } from './whole-machine.ts';

const AT_ONCE = 8;
const skip = await ensureInstalled(nodePrograms);
if (!skip) await wholeMachine();

describe('the node in the conformance suite', { skip: skip ?? false, concurrency: AT_ONCE }, () => {
  let cluster: TestCluster;
  const conformance = conformanceSuite(() => cluster);

  before(async () => {
    cluster = await createTestCluster('e2e-conformance');
    await cluster.t8s('up', '--nodes', '2');
  });
  after(async () => {
    await conformance[Symbol.asyncDispose]();
    await cluster?.[Symbol.asyncDispose]();
  });

  configMapTests(conformance);

  containerRowTests(conformance);
  cgroupRowTests(conformance);
  podRowTests(conformance);
  nodeRowTests(conformance);
});
