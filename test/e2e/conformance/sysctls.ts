// Settings of the kernel that a pod has for itself. Upstream: test/e2e/common/node/sysctl.go.

import assert from 'node:assert/strict';
import type { Conformance } from './conformance-suite.ts';

export function sysctlTests(conformance: Conformance): void {
  const describe = '[sig-node] Sysctls [LinuxOnly] should';

  conformance(`${describe} support sysctls`, async ({ run }) => {
    const securityContext = { sysctls: [{ name: 'kernel.shm_rmid_forced', value: '1' }] };
    const printed = await run({ command: ['/bin/sysctl', 'kernel.shm_rmid_forced'] }, { securityContext });
    assert.equal(printed, 'kernel.shm_rmid_forced = 1\n');
  });

  conformance(`${describe} reject invalid sysctls`, async ({ create }) => {
    const sysctls = ['foo-', 'kernel.shmmax', 'safe-and-unsafe', 'bar..'].map((name) => ({ name, value: '1' }));
    const { message } = await create('refused', { securityContext: { sysctls } }).then(
      () => assert.fail('the pod was taken'),
      (error: Error) => error,
    );
    assert.ok(message.includes('Invalid value: "foo-"') && message.includes('Invalid value: "bar.."'), message);
    assert.ok(!message.includes('safe-and-unsafe') && !message.includes('kernel.shmmax'), message);
  });
}
