// t8s join

import { canRunContainers, hostNodeName, isNodeName } from '../cluster/host.ts';
import { joinCluster } from '../cluster/join-cluster.ts';
import { parseJoinToken } from '../cluster/join-token.ts';
import { startCluster } from '../cluster/start-cluster.ts';
import { CLUSTER_OPTIONS, selectCluster } from './cluster-name.ts';
import { command, UsageError, wholeNumber } from './command.ts';
import { credentialProvidersFrom, KUBELET_OPTIONS, kubeletConfigFrom } from './kubelet-config.ts';
import { parseMirror } from './registry-mirror.ts';

export const joinCommand = command({
  name: 'join',
  positional: 'HOST:PORT',
  summary: 'Make this machine a node of a cluster whose control plane is on another',
  details: [
    't8s token create prints this command, on the machine of the control plane. Both machines have to be on one network.',
    't8s down and t8s up stop and start the node here, t8s delete takes it away; kubectl delete node takes it off the list.',
  ].join('\n'),
  options: {
    ...CLUSTER_OPTIONS,
    token: { type: 'string', value: 'TOKEN', help: 'what proves this machine to the cluster' },
    'ca-cert-hash': {
      type: 'string',
      multiple: true,
      value: 'sha256:HASH',
      help: "of the public key of the cluster's certificate authority (may be repeated)",
    },
    'node-name': { type: 'string', value: 'NODE', help: "what the node is called (default: this machine's name)" },
    'registry-mirror': {
      type: 'string',
      multiple: true,
      value: 'HOST=URL',
      help: 'pull images of HOST from URL (may be repeated)',
    },
    ...KUBELET_OPTIONS,
    wait: { type: 'string', value: 'SECONDS', help: 'how long to wait until the node is ready (default: 120)' },
  },
  async run(values, [server = ''], terminal) {
    const [, host, port] = /^([^:\s]+):(\d+)$/.exec(server) ?? [];
    if (host === undefined || port === undefined) throw new UsageError('join which cluster? HOST:PORT is missing');
    const token = parseJoinToken(values.token ?? '');
    if (!token) throw new UsageError('--token takes what t8s token create has printed');
    const authorityHashes = values['ca-cert-hash'] ?? [];
    if (authorityHashes.length === 0) throw new UsageError('--ca-cert-hash is missing');
    const nodeName = values['node-name'] ?? hostNodeName();
    if (!isNodeName(nodeName)) throw new UsageError(`${JSON.stringify(nodeName)} cannot be the name of a node`);
    if (!canRunContainers()) throw new Error('joining takes root, on Linux');
    const { name, dataDir } = selectCluster(values);
    const registryMirrors = (values['registry-mirror'] ?? []).map(parseMirror);
    const kubeletConfiguration = kubeletConfigFrom(values['kubelet-config']);
    const progress = (step: string) => terminal.err(`${step}\n`);
    progress(`Joining ${server} as ${nodeName} ...`);
    const own = { registryMirrors, kubeletConfiguration, credentialProviders: credentialProvidersFrom(values) };
    await joinCluster({ name, dataDir, host, port: Number(port), token, authorityHashes, nodeName, ...own });
    await startCluster(
      {
        ...{ name, dataDir, ...own, kubeconfig: '' },
        ...{ nodes: undefined, simulatedNodes: undefined, nodeCidr: undefined, podCidr: undefined },
        ...{ apiPort: undefined, containerRuntimeEndpoint: undefined },
        waitMs: wholeNumber('wait', values.wait, 120, 1, 86_400) * 1000,
      },
      progress,
    );
    terminal.out(`Node ${nodeName} has joined ${server}.\n`);
    return 0;
  },
});
