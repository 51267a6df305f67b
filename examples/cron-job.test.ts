// A CronJob through a whole day, in seconds. docs/testing.md says more.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CronJob } from 'typernetes/api/batch/cron-job';
import { startCluster } from 'typernetes/testing';

const BACKUP = `
apiVersion: batch/v1
kind: CronJob
metadata: { name: backup }
spec:
  schedule: "30 * * * *"
  jobTemplate:
    spec:
      template:
        metadata: { annotations: { simulated.typernetes.io/run-seconds: "90" } }
        spec: { restartPolicy: Never, containers: [{ name: backup, image: backup }] }
`;

test('a backup runs every hour of the day', async () => {
  await using cluster = await startCluster();
  await cluster.apply(BACKUP);
  await cluster.advance({ days: 1 });
  const { status } = await cluster.client.get(CronJob, { namespace: 'default', name: 'backup' });
  assert.deepEqual([status.lastScheduleTime, status.active], ['2026-01-01T23:30:00Z', undefined]);
});
