// Empty directories as volumes (upstream: test/e2e/common/storage/empty_dir.go).

import assert from 'node:assert/strict';
import { shell, untilTold } from '../../support/node-pods.ts';
import type { Conformance, Scene } from './conformance-suite.ts';
import { printedWith, show } from './volume-readers.ts';

interface Medium {
  readonly name: string;
  readonly volumeOn: string;
  readonly emptyDir: { readonly medium?: string };
  /** Everybody may write; sticky where it is a file system of its own, as upstream leaves it. */
  readonly mode: string;
}

const MEDIA: readonly Medium[] = [
  { name: 'default', volumeOn: 'default medium', emptyDir: {}, mode: 'drwxrwxrwx' },
  { name: 'tmpfs', volumeOn: 'tmpfs', emptyDir: { medium: 'Memory' }, mode: 'drwxrwxrwt' },
];
const USERS = { root: {}, 'non-root': { runAsUser: 1001 } };
const MODES = { '0644': '-rw-r--r--', '0666': '-rw-rw-rw-', '0777': '-rwxrwxrwx' };

export function emptyDirTests(conformance: Conformance): void {
  for (const medium of MEDIA) {
    conformance(`[sig-storage] EmptyDir volumes volume on ${medium.volumeOn} should have the correct mode`, (scene) =>
      checkIn(scene, medium, 'stat -c %A /test-volume', `${medium.mode}\n`),
    );
    for (const [user, identity] of Object.entries(USERS)) {
      for (const [mode, shown] of Object.entries(MODES)) {
        conformance(`[sig-storage] EmptyDir volumes should support (${user},${mode},${medium.name})`, (scene) => {
          const file = '/test-volume/test-file';
          const command = `printf new > ${file} && chmod ${mode} ${file} && ${show(file)}`;
          return checkIn(scene, medium, command, `${shown}\nnew\n`, identity);
        });
      }
    }
  }
  conformance('[sig-storage] EmptyDir volumes pod should support shared volumes between containers', shared);
}

/** The command prints this in a container that has the volume at `/test-volume`, which is what the medium says. */
async function checkIn(
  scene: Scene,
  { name, emptyDir }: Medium,
  command: string,
  expected: string,
  identity: { readonly runAsUser?: number } = {},
): Promise<void> {
  const text = await printedWith(scene, `stat -f -c %T /test-volume && ${command}`, {
    source: { emptyDir },
    at: '/test-volume',
    securityContext: { seLinuxOptions: { level: 's0' }, ...identity },
  });
  const end = text.indexOf('\n') + 1;
  assert.equal(text.slice(0, end) === 'tmpfs\n', name === 'tmpfs', text);
  assert.equal(text.slice(end), expected);
}

async function shared({ create, podWhen, output }: Scene): Promise<void> {
  const mountedAt = (mountPath: string) => ({ volumeMounts: [{ name: 'shared-data', mountPath }] });
  await create('pod', {
    restartPolicy: 'Never',
    volumes: [{ name: 'shared-data', emptyDir: {} }],
    containers: [
      shell(untilTold(), mountedAt('/usr/share/volumeshare')),
      shell('echo hello from the other > /pod-data/shareddata.txt', { name: 'other', ...mountedAt('/pod-data') }),
    ],
  });
  await podWhen('pod', 'the other container is done', ({ status }) =>
    status.containerStatuses?.some(({ name, state }) => name === 'other' && state?.terminated?.exitCode === 0),
  );
  assert.equal(await output('pod', 'cat /usr/share/volumeshare/shareddata.txt'), 'hello from the other');
}
