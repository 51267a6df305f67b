import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiUnderTest } from '../../../test/support/api-requests.ts';
import { forbidden } from '../../api/status-error.ts';
import { FakeClock } from '../../base/clock.ts';

test('admission is timed, plugin by plugin and step by step', async () => {
  const clock = new FakeClock();
  await using api = await apiUnderTest({
    clock,
    parts: () => ({
      admission: [
        { name: 'Quick', mutate() {}, validate() {} },
        {
          name: 'Slow',
          mutate: () => clock.advance(200),
          async validate({ name }) {
            await clock.advance(10);
            if (name === 'bad') throw forbidden({ group: '', resource: 'configmaps' }, name, 'for the test');
          },
        },
      ],
    }),
  });
  for (const name of ['good', 'bad']) {
    await api.send('POST /api/v1/namespaces/default/configmaps', { body: { metadata: { name } } });
  }
  const lines = String((await api.send('GET /metrics')).body).split('\n');
  const sums = lines.filter((line) => /^apiserver_admission_\w+_sum/.test(line));
  assert.deepEqual(sums.sort(), [
    'apiserver_admission_controller_admission_duration_seconds_sum{name="Quick",type="admit",operation="CREATE",rejected="false"} 0',
    'apiserver_admission_controller_admission_duration_seconds_sum{name="Quick",type="validate",operation="CREATE",rejected="false"} 0',
    'apiserver_admission_controller_admission_duration_seconds_sum{name="Slow",type="admit",operation="CREATE",rejected="false"} 0.4',
    'apiserver_admission_controller_admission_duration_seconds_sum{name="Slow",type="validate",operation="CREATE",rejected="false"} 0.01',
    'apiserver_admission_controller_admission_duration_seconds_sum{name="Slow",type="validate",operation="CREATE",rejected="true"} 0.01',
    'apiserver_admission_step_admission_duration_seconds_sum{type="admit",operation="CREATE",rejected="false"} 0.4',
    'apiserver_admission_step_admission_duration_seconds_sum{type="validate",operation="CREATE",rejected="false"} 0.01',
    'apiserver_admission_step_admission_duration_seconds_sum{type="validate",operation="CREATE",rejected="true"} 0.01',
  ]);
});
