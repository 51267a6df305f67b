// Pods that say what they find in their volumes.

import type { PodSpecInput } from '../../support/kubelet-objects.ts';
import { shell, until } from '../../support/node-pods.ts';
import type { Scene } from './conformance-suite.ts';

export type VolumeInput = NonNullable<PodSpecInput['volumes']>[number];
export type VolumeSourceInput = Omit<VolumeInput, 'name'>;

/** A command that prints the mode of a file, then what is in it, each with a line end; links are followed. */
export function show(path: string): string {
  return `stat -L -c %A ${path} && cat ${path} && echo`;
}

/** A command that prints what is in a file, or `absent`, at first and whenever that has changed, until it is told to end. */
export function follow(path: string): string {
  const look = `now=$(cat ${path} 2>/dev/null || echo absent)`;
  return `trap 'exit 0' TERM; while :; do ${look}; [ "$now" = "$last" ] || echo "$now"; last=$now; sleep 0.1; done`;
}

interface Placed {
  readonly source: VolumeSourceInput;
  /** Where the container has it. */
  readonly at: string;
  /** Absent: all of the volume. */
  readonly subPath?: string;
}

/** What a command prints, in a pod `reader`, that has a volume. */
export async function printedWith(
  { create, printed }: Scene,
  command: string,
  { source, at, subPath, ...spec }: Placed & Partial<PodSpecInput>,
): Promise<string> {
  const mount = { name: 'volume', mountPath: at, ...(subPath === undefined ? {} : { subPath }) };
  await create('reader', {
    restartPolicy: 'Never',
    volumes: [{ name: 'volume', ...source }],
    containers: [shell(command, { volumeMounts: [mount] })],
    ...spec,
  });
  return printed('reader');
}

/** Resolves when the container has printed the text, on whole lines. */
export async function untilItSays({ logOf }: Scene, pod: string, text: string, container = 'main'): Promise<void> {
  await until(`${container} of ${pod} says ${text}`, async () =>
    `\n${await logOf(pod, container)}`.includes(`\n${text}\n`),
  );
}
