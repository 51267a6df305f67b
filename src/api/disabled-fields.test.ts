import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatefulSet } from './apps/stateful-set.ts';
import { Pod } from './core/pod.ts';
import { dropDisabledFields } from './disabled-fields.ts';
import { readInput } from './read-input.ts';

const main = { name: 'main', image: 'nginx' };
const stopping = { containers: [{ ...main, lifecycle: { stopSignal: 'SIGUSR1' } }], os: { name: 'linux' } } as const;

test('dropDisabledFields takes out what is behind a gate, and an optional message that it empties', () => {
  const pod = readInput(Pod, { spec: { ...stopping, schedulingGroup: { podGroupName: 'workers' } } });
  dropDisabledFields(Pod, pod);
  assert.equal(pod.spec.schedulingGroup, undefined);
  assert.equal('lifecycle' in (pod.spec.containers?.[0] ?? {}), false);
  assert.equal(pod.spec.os?.name, 'linux');
});

test('dropDisabledFields leaves what stands beside it', () => {
  const lifecycle = { stopSignal: 'SIGUSR1', preStop: { sleep: { seconds: 1 } } } as const;
  const pod = readInput(Pod, { spec: { containers: [{ ...main, lifecycle }] } });
  dropDisabledFields(Pod, pod);
  assert.deepEqual(pod.spec.containers?.[0]?.lifecycle, { preStop: { sleep: { seconds: 1 } } });
});

test('dropDisabledFields keeps items of lists in their places', () => {
  const sources = [{ clusterTrustBundle: { name: 'ca', path: 'ca.crt' } }, { configMap: { name: 'settings' } }];
  const pod = readInput(Pod, { spec: { containers: [main], volumes: [{ name: 'all', projected: { sources } }] } });
  dropDisabledFields(Pod, pod);
  assert.deepEqual(pod.spec.volumes?.[0]?.projected?.sources, [{}, { configMap: { name: 'settings' } }]);
});

test('dropDisabledFields keeps what the previous object has in use, wherever that is', () => {
  const previous = readInput(Pod, { spec: stopping });
  const lifecycle = { stopSignal: 'SIGUSR2' } as const;
  const next = readInput(Pod, {
    spec: { containers: [main, { ...main, name: 'other', lifecycle }], schedulingGroup: { podGroupName: 'workers' } },
  });
  dropDisabledFields(Pod, next, previous);
  assert.deepEqual(next.spec.containers?.[1]?.lifecycle, lifecycle);
  assert.equal(next.spec.schedulingGroup, undefined);
});

test('dropDisabledFields goes into the templates of pods', () => {
  const set = readInput(StatefulSet, {
    spec: {
      selector: {},
      template: { spec: stopping },
      updateStrategy: { rollingUpdate: { partition: 1, maxUnavailable: 2 } },
    },
  });
  dropDisabledFields(StatefulSet, set);
  assert.deepEqual(set.spec.updateStrategy.rollingUpdate, { partition: 1 });
  assert.equal(set.spec.template.spec.containers?.[0]?.lifecycle, undefined);
});
