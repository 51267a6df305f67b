import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readInput } from '../read-input.ts';
import { canRestartAll, restartsAfter } from './container-restart.ts';
import { Pod } from './pod.ts';

type Container = NonNullable<
  NonNullable<NonNullable<Parameters<typeof readInput<typeof Pod>>[1]['spec']>['containers']>[number]
>;
type Rules = NonNullable<Container['restartPolicyRules']>;
type Policy = 'Always' | 'OnFailure' | 'Never';

const rule = (action: string, operator: string, ...values: number[]): Rules[number] => ({
  action,
  exitCodes: { operator, values },
});
const specOf = (ofPod: Policy, own: Policy | undefined, restartPolicyRules: Rules = []) => {
  const container: Container = { name: 'main', image: 'nginx', restartPolicyRules };
  const containers = [own === undefined ? container : { ...container, restartPolicy: own }];
  return readInput(Pod, { spec: { restartPolicy: ofPod, containers } }).spec;
};

const cases: readonly [ofPod: Policy, own: Policy | undefined, rules: Rules, exitCode: number, expected: boolean][] = [
  ['Always', undefined, [], 0, true],
  ['OnFailure', undefined, [], 0, false],
  ['OnFailure', undefined, [], 1, true],
  ['Never', undefined, [], 1, false],
  ['Never', 'Always', [], 0, true],
  ['Always', 'OnFailure', [], 0, false],
  ['Always', 'Never', [], 1, false],
  ['Always', 'Never', [rule('Restart', 'In', 1, 2)], 2, true],
  ['Always', 'Never', [rule('Restart', 'In', 1, 2)], 3, false],
  ['Always', 'Never', [rule('Restart', 'NotIn', 1, 2)], 3, true],
  ['Always', 'Never', [rule('Restart', 'NotIn', 1, 2)], 2, false],
  ['Always', 'Never', [rule('RestartAllContainers', 'In', 1)], 1, true],
];
for (const [ofPod, own, rules, exitCode, expected] of cases) {
  test(`restartsAfter ${exitCode}, ${own} in a pod with ${ofPod}, ${JSON.stringify(rules)}: ${expected}`, () => {
    const spec = specOf(ofPod, own, rules);
    assert.equal(restartsAfter(spec, spec.containers[0] ?? {}, exitCode), expected);
  });
}

test('canRestartAll tells whether any container has such a rule', () => {
  assert.equal(canRestartAll(specOf('Never', 'Never', [rule('Restart', 'In', 1)])), false);
  assert.equal(canRestartAll(specOf('Never', 'Never', [rule('RestartAllContainers', 'In', 1)])), true);
});
