// t8s token create

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Secret } from '../api/core/secret.ts';
import { systemClock } from '../base/clock.ts';
import { clusterPaths } from '../cluster/cluster-config.ts';
import { adminClient } from '../cluster/component-client.ts';
import { authorityHash, joinTokenSecret, newJoinToken } from '../cluster/join-token.ts';
import { CLUSTER_OPTIONS, existingCluster } from './cluster-name.ts';
import { command, wholeNumber } from './command.ts';

export const tokenCreateCommand = command({
  name: 'token create',
  summary: 'Make a token by which other machines join the cluster, and print the command for them',
  options: { ...CLUSTER_OPTIONS, hours: { type: 'string', value: 'N', help: 'how long it is good (default: 24)' } },
  async run(values, _positionals, terminal) {
    const config = existingCluster(values);
    const token = newJoinToken();
    const endsAtMs = systemClock.now() + wholeNumber('hours', values.hours, 24, 1, 8_760) * 3_600_000;
    await using client = await adminClient(config, systemClock);
    await client.create(Secret, joinTokenSecret(token, endsAtMs), { signal: AbortSignal.timeout(10_000) });
    const hash = authorityHash(readFileSync(join(clusterPaths(config.dataDir).pki, 'ca.crt'), 'utf8'));
    const server = `${config.advertiseAddress}:${config.apiPort}`;
    terminal.out(`t8s join ${server} --token ${token.id}.${token.secret} --ca-cert-hash ${hash}\n`);
    return 0;
  },
});
