// t8s up

import { ipv4Range } from '../base/ipv4-range.ts';
import { CLUSTER_DEFAULTS } from '../cluster/cluster-config.ts';
import { type StartedCluster, startCluster } from '../cluster/start-cluster.ts';
import { CLUSTER_OPTIONS, selectCluster } from './cluster-name.ts';
import { command, UsageError, wholeNumber } from './command.ts';
import { defaultKubeconfigPath } from './kubeconfig-path.ts';
import { credentialProvidersFrom, KUBELET_OPTIONS, kubeletConfigFrom } from './kubelet-config.ts';
import { parseMirror } from './registry-mirror.ts';

/** Each is a containerd and an agent of its own. */
const MAX_NODES = 32;

export const upCommand = command({
  name: 'up',
  summary: 'Make or start a cluster in the background and wait until it is ready',
  details: [
    'Returns once the API is healthy, the nodes are Ready and the cluster DNS answers. Run again it changes nothing.',
    'As root on Linux nodes run containers, and missing system packages are installed with apt. Otherwise nodes are',
    'simulated: Pods are scheduled and become Running, but nothing runs.',
    '',
    'The first of several nodes is this machine; each further one is a network namespace with an address, a container',
    'runtime and an agent of its own. t8s node add and t8s node remove change how many there are.',
    '',
    'With --simulated-nodes beside a node that runs containers, Pods may land on either kind, and on a simulated node they',
    'only seem to run. Simulated nodes have the label simulated.typernetes.io/node=true: avoid them with a node affinity,',
    'or put a taint on them. --nodes 0 makes a cluster of simulated nodes alone.',
  ].join('\n'),
  options: {
    ...CLUSTER_OPTIONS,
    nodes: { type: 'string', value: 'N', help: `nodes that run containers, up to ${MAX_NODES} (default: 1)` },
    'simulated-nodes': { type: 'string', value: 'N', help: 'nodes without containers (default: 0)' },
    'node-cidr': {
      type: 'string',
      value: 'CIDR',
      help: 'the network that joins the nodes of this machine (default: a free one within 10.89.0.0/16)',
    },
    'pod-cidr': {
      type: 'string',
      value: 'CIDR',
      help: 'the network of the pods (default: a free one of 10.244.0.0/16 to 10.247.0.0/16)',
    },
    'api-port': { type: 'string', value: 'PORT', help: `the port of the API (default: ${CLUSTER_DEFAULTS.apiPort})` },
    kubeconfig: {
      type: 'string',
      value: 'FILE',
      help: 'where the context goes (default: $KUBECONFIG, else ~/.kube/config)',
    },
    'registry-mirror': {
      type: 'string',
      multiple: true,
      value: 'HOST=URL',
      help: 'pull images of HOST from URL (may be repeated)',
    },
    'container-runtime-endpoint': {
      type: 'string',
      value: 'SOCK',
      help: 'use this CRI socket, not a containerd of our own',
    },
    ...KUBELET_OPTIONS,
    wait: { type: 'string', value: 'SECONDS', help: 'how long to wait until it is ready (default: 120)' },
  },
  async run(values, _positionals, terminal) {
    const { name, dataDir } = selectCluster(values);
    const optional = <T>(text: string | undefined, value: T) => (text === undefined ? undefined : value);
    const result = await startCluster(
      {
        name,
        dataDir,
        nodes: optional(values.nodes, wholeNumber('nodes', values.nodes, 1, 0, MAX_NODES)),
        nodeCidr: ipv4Network('node-cidr', values['node-cidr'], { widest: 8, narrowest: 29 }),
        podCidr: ipv4Network('pod-cidr', values['pod-cidr'], { widest: 8, narrowest: 24 }),
        simulatedNodes: optional(
          values['simulated-nodes'],
          wholeNumber('simulated-nodes', values['simulated-nodes'], 0, 0, 10_000),
        ),
        apiPort: optional(values['api-port'], wholeNumber('api-port', values['api-port'], 6443, 1, 65535)),
        kubeconfig: values.kubeconfig ?? defaultKubeconfigPath(),
        registryMirrors: values['registry-mirror']?.map(parseMirror),
        containerRuntimeEndpoint: values['container-runtime-endpoint'],
        kubeletConfiguration: kubeletConfigFrom(values['kubelet-config']),
        credentialProviders: credentialProvidersFrom(values),
        waitMs: wholeNumber('wait', values.wait, 120, 1, 86_400) * 1000,
      },
      (step) => terminal.err(`${step}\n`),
    );
    terminal.out(
      [
        `Cluster ${JSON.stringify(name)} is up: ${result.nodes} ${result.nodes === 1 ? 'node' : 'nodes'}, Kubernetes ${result.version}.`,
        ...(result.context === undefined
          ? []
          : [`Context ${JSON.stringify(result.context)} is current in ${result.kubeconfig}.`]),
        ...SIMULATION_NOTES[result.simulation],
        ...(result.context === undefined ? [] : ['Next: kubectl get nodes']),
        '',
      ].join('\n'),
    );
    return 0;
  },
});

const SIMULATION_NOTES: Readonly<Record<StartedCluster['simulation'], readonly string[]>> = {
  none: [],
  some: ['Some of its nodes are simulated: Pods that land there become Running, but nothing runs.'],
  all: ['Its nodes are simulated: Pods become Running, but nothing runs.'],
};

function ipv4Network(
  option: string,
  text: string | undefined,
  { widest, narrowest }: { readonly widest: number; readonly narrowest: number },
): string | undefined {
  if (text === undefined) return undefined;
  try {
    const { prefix } = ipv4Range(text);
    if (prefix >= widest && prefix <= narrowest) return text;
  } catch {} // Said below, as for any other that is of no use.
  throw new UsageError(
    `--${option} takes an IPv4 range between /${widest} and /${narrowest}, not ${JSON.stringify(text)}`,
  );
}
