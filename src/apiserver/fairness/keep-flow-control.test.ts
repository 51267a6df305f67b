import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ApiUnderTest, apiUnderTest } from '../../../test/support/api-requests.ts';
import { until } from '../../../test/support/until.ts';
import { FlowSchema } from '../../api/flowcontrol/flow-schema.ts';
import { PriorityLevelConfiguration } from '../../api/flowcontrol/priority-level-configuration.ts';
import { systemClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/log.ts';
import { createClient } from '../../client/create-client.ts';
import { authorizerUnion, superuserAuthorizer } from '../authorization/authorizer-union.ts';
import { bootstrapPolicy } from '../authorization/bootstrap-policy.ts';
import { RbacAuthorizer } from '../authorization/rbac.ts';
import { reconcileBootstrapPolicy } from '../authorization/reconcile-bootstrap-policy.ts';
import { AUTOUPDATE_ANNOTATION } from './bootstrap-flow-control.ts';
import { FLOW_CONTROL_IDENTITY, keepFlowControl } from './keep-flow-control.ts';

const { signal } = new AbortController();
const ROOT = { name: 'root', uid: undefined, groups: ['system:masters', 'system:authenticated'], extra: {} };

/** With the rights that every cluster gives. */
async function kept(): Promise<AsyncDisposable & Pick<ApiUnderTest, 'client' | 'server'>> {
  await using stack = new AsyncDisposableStack();
  const { server } = stack.use(
    await apiUnderTest({
      parts: (objects) => ({ authorizer: authorizerUnion([superuserAuthorizer, new RbacAuthorizer({ objects })]) }),
    }),
  );
  const client = stack.use(createClient(server.transportFor(ROOT), { userAgent: 'root' }));
  await reconcileBootstrapPolicy({ client }, bootstrapPolicy(), { signal });
  const own = createClient(server.transportFor(FLOW_CONTROL_IDENTITY), { userAgent: 'own' });
  const deps = { client: own, objects: server.reader, clock: systemClock, log: silentLogger };
  stack.use(await keepFlowControl(deps, { signal }));
  const owned = stack.move();
  return { client, server, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

describe('keepFlowControl', () => {
  test('brings upstream’s objects, and says of each schema that its level is there', async () => {
    await using api = await kept();
    const levels = (await api.client.list(PriorityLevelConfiguration)).items.map(({ metadata }) => metadata.name);
    assert.deepEqual(levels, [
      'catch-all',
      'exempt',
      'global-default',
      'leader-election',
      'node-high',
      'system',
      'workload-high',
      'workload-low',
    ]);
    const schemas = (await api.client.list(FlowSchema)).items;
    assert.deepEqual(
      schemas.map(({ metadata }) => metadata.name),
      [
        'catch-all',
        'exempt',
        'global-default',
        'kube-controller-manager',
        'kube-scheduler',
        'kube-system-service-accounts',
        'probes',
        'service-accounts',
        'system-leader-election',
        'system-node-high',
        'system-nodes',
      ],
    );
    for (const { metadata } of schemas) assert.equal(metadata.annotations?.[AUTOUPDATE_ANNOTATION], 'true');
    await until(async () => {
      const { items } = await api.client.list(FlowSchema);
      return items.every(({ status }) => status.conditions?.[0]?.status === 'False');
    });
    const probes = await api.client.get(FlowSchema, { name: 'probes' });
    const { lastTransitionTime, ...condition } = probes.status.conditions?.[0] ?? {};
    assert.ok(lastTransitionTime);
    assert.deepEqual(condition, {
      type: 'Dangling',
      status: 'False',
      reason: 'Found',
      message: 'This FlowSchema references the PriorityLevelConfiguration object named "exempt" and it exists',
    });
  });

  test('puts back what is the server’s, and leaves alone what somebody has made their own', async () => {
    await using api = await kept();
    const precedence = (value: number) => ({ type: 'merge', body: { spec: { matchingPrecedence: value } } }) as const;
    const annotate = (value: string | null) =>
      ({ type: 'merge', body: { metadata: { annotations: { [AUTOUPDATE_ANNOTATION]: value } } } }) as const;
    const precedenceOf = async (name: string) => (await api.client.get(FlowSchema, { name })).spec.matchingPrecedence;
    await api.client.patch(FlowSchema, { name: 'service-accounts' }, precedence(42));
    await until(async () => (await precedenceOf('service-accounts')) === 9000);
    await api.client.patch(FlowSchema, { name: 'kube-scheduler' }, annotate('false'));
    await api.client.patch(FlowSchema, { name: 'kube-scheduler' }, precedence(42));
    await api.client.delete(FlowSchema, { name: 'global-default' });
    await until(async () => (await precedenceOf('global-default')) === 9900);
    assert.equal(await precedenceOf('kube-scheduler'), 42);
    await api.client.patch(FlowSchema, { name: 'kube-scheduler' }, annotate(null));
    await until(async () => {
      const { metadata } = await api.client.get(FlowSchema, { name: 'kube-scheduler' });
      return metadata.annotations?.[AUTOUPDATE_ANNOTATION] === 'false';
    });
    await api.client.patch(FlowSchema, { name: 'kube-scheduler' }, annotate('true'));
    await until(async () => (await precedenceOf('kube-scheduler')) === 800);
  });

  test('lets administrators say what the exempt level lends, and nothing else of it', async () => {
    await using api = await kept();
    const exempt = { nominalConcurrencyShares: 10, lendablePercent: 50 };
    await api.client.patch(
      PriorityLevelConfiguration,
      { name: 'exempt' },
      { type: 'merge', body: { metadata: { annotations: { [AUTOUPDATE_ANNOTATION]: 'false' } }, spec: { exempt } } },
    );
    await until(async () => {
      const { metadata } = await api.client.get(PriorityLevelConfiguration, { name: 'exempt' });
      return metadata.annotations?.[AUTOUPDATE_ANNOTATION] === 'true';
    });
    assert.deepEqual((await api.client.get(PriorityLevelConfiguration, { name: 'exempt' })).spec.exempt, exempt);
  });

  test('says of a schema whose level is missing that it dangles, until it comes', async () => {
    await using api = await kept();
    const name = 'mine';
    await api.client.create(FlowSchema, {
      metadata: { name },
      spec: { priorityLevelConfiguration: { name: 'later' } },
    });
    const dangling = async () => (await api.client.get(FlowSchema, { name })).status.conditions?.[0]?.status;
    await until(async () => (await dangling()) === 'True');
    await api.client.create(PriorityLevelConfiguration, {
      metadata: { name: 'later' },
      spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } },
    });
    await until(async () => (await dangling()) === 'False');
  });

  test('takes away what an older release has brought', async () => {
    await using api = await kept();
    const create = (name: string, value: string) =>
      api.client.create(FlowSchema, {
        metadata: { name, annotations: { [AUTOUPDATE_ANNOTATION]: value } },
        spec: { priorityLevelConfiguration: { name: 'system' } },
      });
    await create('kept', 'false');
    await create('old', 'true');
    const names = async () => (await api.client.list(FlowSchema)).items.map(({ metadata }) => metadata.name);
    await until(async () => !(await names()).includes('old'));
    assert.ok((await names()).includes('kept'));
  });
});
