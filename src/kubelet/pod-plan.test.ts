import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { kubeletPod, type PodSpecInput, type RuntimeShape, runtimePod } from '../../test/support/kubelet-objects.ts';
import { type PodPlan, type ProbeVerdicts, planPod } from './pod-plan.ts';

const PROBE = { exec: { command: ['true'] } };
const TWO = { containers: [{ name: 'a' }, { name: 'b' }] };
const INIT = { initContainers: [{ name: 'i1' }, { name: 'i2' }] };
const SIDECAR = { initContainers: [{ name: 'side', restartPolicy: 'Always' }, { name: 'i2' }] };
const DEBUG = { ephemeralContainers: [{ name: 'debug', image: 'busybox' }] };
const NEVER = { restartPolicy: 'Never' } as const;
const ON_FAILURE = { restartPolicy: 'OnFailure' } as const;
const failed = (name: string, attempt = 0) => ({ name, attempt, state: 'exited', exitCode: 1 }) as const;
const done = (name: string, attempt = 0) => ({ name, attempt, state: 'exited', exitCode: 0 }) as const;
/** Of the sandbox before the newest. */
const old = { sandboxId: 'sandbox-0' };
const TWO_SANDBOXES = [{}, { ready: false }];
const DEAD = [{ ready: false }];

interface Situation {
  readonly spec?: Partial<PodSpecInput>;
  readonly runtime?: RuntimeShape;
  readonly liveness?: Readonly<Record<string, 'success' | 'failure'>>;
  readonly startup?: Readonly<Record<string, 'success' | 'failure'>>;
  /** Of the containers' specs now; those that run were made from ''. */
  readonly hash?: string;
}

function plan({ spec = {}, runtime, liveness = {}, startup = {}, hash = '' }: Situation): PodPlan {
  const pod = kubeletPod({ spec });
  const probes: ProbeVerdicts = { liveness: (id) => liveness[id], startup: (id) => startup[id] };
  return planPod(pod, runtimePod(pod, runtime ?? {}), probes, () => hash);
}

const NOTHING: PodPlan = { stopPod: false, createSandbox: undefined, kill: [], start: [] };

describe('planPod', () => {
  const cases: readonly (readonly [string, Situation, Partial<PodPlan>])[] = [
    [
      'makes a sandbox and starts all containers in order',
      { spec: TWO, runtime: { sandboxes: [] } },
      { createSandbox: 0, start: ['a', 'b'] },
    ],
    [
      'makes a sandbox and starts the first init container alone',
      { spec: INIT, runtime: { sandboxes: [] } },
      { createSandbox: 0, start: ['i1'] },
    ],
    ['starts what was not made yet', { spec: TWO, runtime: { containers: [{ name: 'a' }] } }, { start: ['b'] }],
    ['leaves alone what runs', { spec: TWO, runtime: { containers: [{ name: 'a' }, { name: 'b' }] } }, {}],
    [
      'starts again what was made and never ran',
      { runtime: { containers: [{ name: 'main', state: 'created' }] } },
      { start: ['main'] },
    ],
    [
      'kills what the runtime cannot tell about before it starts it',
      { runtime: { containers: [{ name: 'main', state: 'unknown' }] } },
      {
        kill: [
          {
            id: 'main-0',
            name: 'main',
            why: 'Unknown',
            message: 'Container is in "unknown" state, try killing it before restart',
          },
        ],
        start: ['main'],
      },
    ],

    ['Always starts what succeeded', { runtime: { containers: [done('main')] } }, { start: ['main'] }],
    ['Always starts what failed', { runtime: { containers: [failed('main')] } }, { start: ['main'] }],
    [
      'OnFailure starts what failed',
      { spec: ON_FAILURE, runtime: { containers: [failed('main')] } },
      { start: ['main'] },
    ],
    [
      'OnFailure leaves what succeeded and stops the pod',
      { spec: ON_FAILURE, runtime: { containers: [done('main')] } },
      { stopPod: true },
    ],
    [
      'OnFailure keeps the pod while another container runs',
      { spec: { ...ON_FAILURE, ...TWO }, runtime: { containers: [done('a'), { name: 'b' }] } },
      {},
    ],
    [
      'Never leaves what failed and stops the pod',
      { spec: NEVER, runtime: { containers: [failed('main')] } },
      { stopPod: true },
    ],
    [
      'Never starts what was not made yet',
      { spec: { ...NEVER, ...TWO }, runtime: { containers: [failed('a')] } },
      { start: ['b'] },
    ],
    [
      "a container's own policy wins over the pod's",
      {
        spec: { ...NEVER, containers: [{ name: 'main', restartPolicy: 'Always' }] },
        runtime: { containers: [failed('main')] },
      },
      { start: ['main'] },
    ],
    [
      "a container's rule wins over its policy",
      {
        spec: {
          ...NEVER,
          containers: [
            {
              name: 'main',
              restartPolicy: 'Never',
              restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [1] } }],
            },
          ],
        },
        runtime: { containers: [failed('main')] },
      },
      { start: ['main'] },
    ],

    [
      'replaces what was made from another spec',
      { hash: 'new', runtime: { containers: [{ name: 'main' }] } },
      {
        kill: [
          {
            id: 'main-0',
            name: 'main',
            why: 'SpecChanged',
            message: 'Container main definition changed, will be restarted',
          },
        ],
        start: ['main'],
      },
    ],
    [
      'replaces it whatever the policy',
      { hash: 'new', spec: NEVER, runtime: { containers: [{ name: 'main' }] } },
      {
        kill: [
          {
            id: 'main-0',
            name: 'main',
            why: 'SpecChanged',
            message: 'Container main definition changed, will be restarted',
          },
        ],
        start: ['main'],
      },
    ],
    [
      'restarts what is not alive',
      {
        spec: { containers: [{ name: 'main', livenessProbe: PROBE }] },
        runtime: { containers: [{ name: 'main' }] },
        liveness: { 'main-0': 'failure' },
      },
      {
        kill: [
          {
            id: 'main-0',
            name: 'main',
            why: 'LivenessFailed',
            message: 'Container main failed liveness probe, will be restarted',
          },
        ],
        start: ['main'],
      },
    ],
    [
      'Never kills what is not alive and stops the pod',
      {
        spec: { ...NEVER, containers: [{ name: 'main', livenessProbe: PROBE }] },
        runtime: { containers: [{ name: 'main' }] },
        liveness: { 'main-0': 'failure' },
      },
      { stopPod: true },
    ],
    [
      'restarts what did not start up in time',
      {
        spec: { containers: [{ name: 'main', startupProbe: PROBE }] },
        runtime: { containers: [{ name: 'main' }] },
        startup: { 'main-0': 'failure' },
      },
      {
        kill: [
          {
            id: 'main-0',
            name: 'main',
            why: 'StartupFailed',
            message: 'Container main failed startup probe, will be restarted',
          },
        ],
        start: ['main'],
      },
    ],
    [
      'forgets a verdict that belongs to a former container',
      {
        spec: { containers: [{ name: 'main', livenessProbe: PROBE }] },
        runtime: { containers: [{ name: 'main', attempt: 1 }] },
        liveness: { 'main-0': 'failure' },
      },
      {},
    ],

    ['waits for the init container that runs', { spec: INIT, runtime: { containers: [{ name: 'i1' }] } }, {}],
    [
      'starts the next init container when one has passed',
      { spec: INIT, runtime: { containers: [done('i1')] } },
      { start: ['i2'] },
    ],
    [
      'starts the others when all init containers have passed',
      { spec: INIT, runtime: { containers: [done('i2'), done('i1')] } },
      { start: ['main'] },
    ],
    [
      'starts a failed init container again',
      { spec: INIT, runtime: { containers: [failed('i1')] } },
      { start: ['i1'] },
    ],
    [
      'Never stops the pod when an init container has failed',
      { spec: { ...INIT, ...NEVER }, runtime: { containers: [failed('i1')] } },
      { stopPod: true },
    ],
    [
      'looks at init containers no more once a main container was made',
      { spec: INIT, runtime: { containers: [{ name: 'main' }, failed('i2')] } },
      {},
    ],

    ['starts a sidecar and waits for it', { spec: SIDECAR, runtime: { containers: [] } }, { start: ['side'] }],
    [
      'starts what comes after a sidecar that runs',
      { spec: SIDECAR, runtime: { containers: [{ name: 'side' }] } },
      { start: ['i2'] },
    ],
    [
      'waits for a sidecar to start up',
      {
        spec: { initContainers: [{ name: 'side', restartPolicy: 'Always', startupProbe: PROBE }, { name: 'i2' }] },
        runtime: { containers: [{ name: 'side' }] },
      },
      {},
    ],
    [
      'starts a sidecar that has ended before it goes on',
      { spec: SIDECAR, runtime: { containers: [done('i2'), failed('side')] } },
      { start: ['side'] },
    ],
    [
      'starts a sidecar that has ended beside the others',
      { spec: SIDECAR, runtime: { containers: [{ name: 'main' }, failed('side'), done('i2')] } },
      { start: ['side'] },
    ],
    [
      'restarts a sidecar that is not alive',
      {
        spec: { initContainers: [{ name: 'side', restartPolicy: 'Always', livenessProbe: PROBE }] },
        runtime: { containers: [{ name: 'main' }, { name: 'side' }] },
        liveness: { 'side-0': 'failure' },
      },
      {
        kill: [
          {
            id: 'side-0',
            name: 'side',
            why: 'LivenessFailed',
            message: 'Container side failed liveness probe, will be restarted',
          },
        ],
        start: ['side'],
      },
    ],
    [
      'a sidecar does not keep a pod alive',
      { spec: { ...SIDECAR, ...NEVER }, runtime: { containers: [done('main'), { name: 'side' }, done('i2')] } },
      { stopPod: true },
    ],
    [
      'a sidecar that has ended does not either',
      { spec: { ...SIDECAR, ...NEVER }, runtime: { containers: [done('main'), failed('side'), done('i2')] } },
      { stopPod: true },
    ],

    [
      'makes another sandbox when the first is dead',
      { runtime: { sandboxes: DEAD, containers: [failed('main')] } },
      { stopPod: true, createSandbox: 1, start: ['main'] },
    ],
    [
      'makes another sandbox when the first is dead and a container goes on without it',
      { runtime: { sandboxes: DEAD, containers: [{ name: 'main' }] } },
      { stopPod: true, createSandbox: 1, start: ['main'] },
    ],
    [
      'Never ends what goes on without its sandbox',
      { spec: NEVER, runtime: { sandboxes: DEAD, containers: [{ name: 'main' }] } },
      { stopPod: true },
    ],
    [
      'makes another sandbox where the address is missing',
      { runtime: { sandboxes: [{ ips: [] }] } },
      { stopPod: true, createSandbox: 1, start: ['main'] },
    ],
    [
      'a pod in the network of its node needs no address',
      {
        spec: { hostNetwork: true },
        runtime: { sandboxes: [{ ips: [], hostNetwork: true }], containers: [{ name: 'main' }] },
      },
      {},
    ],
    [
      'OnFailure leaves out what succeeded in the dead sandbox',
      { spec: { ...ON_FAILURE, ...TWO }, runtime: { sandboxes: DEAD, containers: [failed('b'), done('a')] } },
      { stopPod: true, createSandbox: 1, start: ['b'] },
    ],
    [
      'OnFailure makes no sandbox when all succeeded',
      { spec: ON_FAILURE, runtime: { sandboxes: DEAD, containers: [done('main')] } },
      {},
    ],
    ['Never makes no second sandbox', { spec: NEVER, runtime: { sandboxes: DEAD, containers: [failed('main')] } }, {}],
    [
      'Never makes a second sandbox for a pod of which nothing ran',
      { spec: NEVER, runtime: { sandboxes: DEAD } },
      { stopPod: true, createSandbox: 1, start: ['main'] },
    ],
    [
      'runs init containers again in a new sandbox',
      {
        spec: INIT,
        runtime: {
          sandboxes: TWO_SANDBOXES,
          containers: [
            { ...failed('main'), ...old },
            { ...done('i2'), ...old },
            { ...done('i1'), ...old },
          ],
        },
      },
      { start: ['i1'] },
    ],
    [
      'goes on in the new sandbox where it is',
      {
        spec: INIT,
        runtime: {
          sandboxes: TWO_SANDBOXES,
          containers: [done('i1', 1), { ...failed('main'), ...old }, { ...done('i2'), ...old }],
        },
      },
      { start: ['i2'] },
    ],
    [
      'starts ephemeral containers, before init containers and while they run',
      { spec: { ...INIT, ...DEBUG }, runtime: { containers: [{ name: 'i1' }] } },
      { start: ['debug'] },
    ],
    [
      'never starts an ephemeral container again',
      { spec: DEBUG, runtime: { containers: [failed('debug'), { name: 'main' }] } },
      {},
    ],
    [
      'does not keep a pod alive for its ephemeral containers',
      { spec: { ...NEVER, ...DEBUG }, runtime: { containers: [{ name: 'debug' }, done('main')] } },
      { stopPod: true },
    ],
  ];
  for (const [name, situation, expected] of cases) {
    test(name, () => assert.deepEqual(plan(situation), { ...NOTHING, ...expected }));
  }
});
