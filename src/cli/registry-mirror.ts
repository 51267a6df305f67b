// How --registry-mirror is read.

import { parseRegistryMirror, type RegistryMirror } from '../cri/containerd-config.ts';
import { UsageError } from './command.ts';

export function parseMirror(text: string): RegistryMirror {
  try {
    return parseRegistryMirror(text);
  } catch (cause) {
    throw new UsageError(`--registry-mirror: ${(cause as Error).message}`);
  }
}
