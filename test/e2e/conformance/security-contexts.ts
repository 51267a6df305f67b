// As whom containers run, and what they may. Upstream: test/e2e/common/node/security_context.go and
// test/e2e/node/security_context.go.

import assert from 'node:assert/strict';
import { echoServer, shell } from '../../support/node-pods.ts';
import type { Conformance, Scene } from './conformance-suite.ts';

export function securityContextTests(conformance: Conformance): void {
  const test = (name: string, body: (scene: Scene) => Promise<void>) =>
    conformance(`[sig-node] Security Context ${name}`, body);

  test('When creating a container with runAsUser should run the container with uid 65534', async ({ run }) => {
    assert.equal(await run({ command: ['id', '-u'], securityContext: { runAsUser: 65_534 } }), '65534\n');
  });

  test('When creating a pod with privileged should run the container as unprivileged when false', async ({ run }) => {
    const command = ['sh', '-c', 'ip link add dummy0 type dummy || true'];
    assert.match(await run({ command, securityContext: { privileged: false } }), /Operation not permitted/);
  });

  test('When creating a pod with readOnlyRootFilesystem should run the container with writable rootfs when readOnlyRootFilesystem=false', async ({
    run,
  }) => {
    const securityContext = { readOnlyRootFilesystem: false };
    assert.equal(await run({ command: ['touch', 'checkfile'], securityContext }), '');
  });

  test('when creating containers with AllowPrivilegeEscalation should not allow privilege escalation when false', async ({
    run,
  }) => {
    const uid = (allowPrivilegeEscalation: boolean) =>
      run(...becomingRoot({ allowPrivilegeEscalation, runAsUser: 1000 }));
    assert.equal(await uid(true), '0');
    assert.equal(await uid(false), '1000');
  });

  test('should support pod.Spec.SecurityContext.RunAsUser And pod.Spec.SecurityContext.RunAsGroup', async ({ run }) => {
    const securityContext = { runAsUser: 1001, runAsGroup: 2002 };
    assert.match(await run({ command: ['id'] }, { securityContext }), /^uid=1001 gid=2002\b/);
  });

  test('should support container.SecurityContext.RunAsUser And container.SecurityContext.RunAsGroup', async ({
    run,
  }) => {
    const container = { command: ['id'], securityContext: { runAsUser: 1002, runAsGroup: 2002 } };
    const securityContext = { runAsUser: 1001, runAsGroup: 2001 };
    assert.match(await run(container, { securityContext }), /^uid=1002 gid=2002\b/);
  });
}

/** A program of root's with the bit that makes whoever runs it root, unless that is not to be; it says who it is. */
function becomingRoot(securityContext: object): Parameters<Scene['run']> {
  const mounts = { volumeMounts: [{ name: 'programs', mountPath: '/programs' }] };
  const install = `cp /usr/bin/perl /programs && chmod 4755 /programs/perl && echo 'print $>' > /programs/who.pl`;
  const { image } = echoServer();
  return [
    { image: image!, command: ['/programs/perl', '/programs/who.pl'], securityContext, ...mounts },
    {
      volumes: [{ name: 'programs', emptyDir: {} }],
      initContainers: [shell(install, { name: 'install', image: image!, ...mounts })],
    },
  ];
}
