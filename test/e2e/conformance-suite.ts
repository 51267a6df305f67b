// The tests of the official conformance suite that need a node, under their names, against real containers on a cluster of
// two nodes. What each demands is upstream's test/e2e/common/node, test/e2e/common/storage, test/e2e/node and
// test/e2e/storage. Beside them tests of the specification's rows that need the same.

import { after, before, describe } from 'node:test';
import { ensureInstalled } from '../support/system-packages.ts';
import { cgroupRowTests } from './conformance/cgroup-rows.ts';
import { configMapTests } from './conformance/config-maps.ts';
import { configVolumeTests } from './conformance/config-volumes.ts';
import { configurationRowTests } from './conformance/configuration-rows.ts';
import { conformanceSuite } from './conformance/conformance-suite.ts';
import { containerRowTests } from './conformance/container-rows.ts';
import { containerRuntimeTests } from './conformance/container-runtime.ts';
import { containerTests } from './conformance/containers.ts';
import { deviceResourceTests } from './conformance/device-resources.ts';
import { downwardEnvironmentTests } from './conformance/downward-environment.ts';
import { downwardVolumeTests } from './conformance/downward-volumes.ts';
import { emptyDirWrapperTests } from './conformance/empty-dir-wrappers.ts';
import { emptyDirTests } from './conformance/empty-dirs.ts';
import { ephemeralContainerTests } from './conformance/ephemeral-containers.ts';
import { imageVolumeTests } from './conformance/image-volumes.ts';
import { initContainerTests } from './conformance/init-containers.ts';
import { kubeletPodTests } from './conformance/kubelet-pods.ts';
import { leaseTests } from './conformance/leases.ts';
import { lifecycleHookTests } from './conformance/lifecycle-hooks.ts';
import { nodeRowTests } from './conformance/node-rows.ts';
import { nodeTests, taintTests } from './conformance/nodes.ts';
import { podGenerationTests } from './conformance/pod-generations.ts';
import { podRowTests } from './conformance/pod-rows.ts';
import { podStreamTests } from './conformance/pod-streams.ts';
import { podTemplateTests } from './conformance/pod-templates.ts';
import { podTests } from './conformance/pods.ts';
import { probeTests } from './conformance/probes.ts';
import { resizeTests } from './conformance/resized-pods.ts';
import { runtimeClassTests } from './conformance/runtime-classes.ts';
import { secretTests } from './conformance/secrets.ts';
import { securityContextTests } from './conformance/security-contexts.ts';
import { subPathTests } from './conformance/sub-paths.ts';
import { sysctlTests } from './conformance/sysctls.ts';
import { variableExpansionTests } from './conformance/variable-expansion.ts';
import { volumeUpdateTests } from './conformance/volume-updates.ts';
import { nodePrograms } from './node-programs.ts';
import { createTestCluster, type TestCluster } from './test-cluster.ts';
import { wholeMachine } from './whole-machine.ts';

const AT_ONCE = 8;
const skip = await ensureInstalled(nodePrograms);
if (!skip) await wholeMachine();

describe('the node in the conformance suite', { skip: skip ?? false }, () => {
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

  describe('many tests at once', { concurrency: AT_ONCE }, () => {
    probeTests(conformance); // First, because one of them takes minutes; and then what takes the better part of one.
    podGenerationTests(conformance);
    emptyDirWrapperTests(conformance);
    configMapTests(conformance);
    containerRuntimeTests(conformance);
    containerTests(conformance);
    deviceResourceTests(conformance);
    downwardEnvironmentTests(conformance);
    ephemeralContainerTests(conformance);
    imageVolumeTests(conformance);
    initContainerTests(conformance);
    kubeletPodTests(conformance);
    leaseTests(conformance);
    lifecycleHookTests(conformance);
    nodeTests(conformance);
    podStreamTests(conformance);
    podTemplateTests(conformance);
    podTests(conformance);
    resizeTests(conformance);
    runtimeClassTests(conformance);
    secretTests(conformance);
    securityContextTests(conformance);
    sysctlTests(conformance);
    variableExpansionTests(conformance);
    configVolumeTests(conformance);
    volumeUpdateTests(conformance);
    downwardVolumeTests(conformance);
    emptyDirTests(conformance);
    subPathTests(conformance);
    configurationRowTests(conformance);
    containerRowTests(conformance);
    cgroupRowTests(conformance);
    podRowTests(conformance);
    nodeRowTests(conformance);
  });

  describe('tests that drive pods from the nodes', { concurrency: 2 }, () => {
    taintTests(conformance);
  });
});
