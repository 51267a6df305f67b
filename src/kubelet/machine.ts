// What a node is made of: CPUs, memory, disk, kernel, names. Read from the system's own files.

import { readdirSync, readFileSync } from 'node:fs';
import { arch, availableParallelism, hostname, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { canonicalQuantity, quantityOf } from '../api/quantity.ts';

export interface Machine {
  readonly cpus: number;
  readonly memoryBytes: number;
  /** Memory that is set aside for huge pages, by the resource's name: `hugepages-2Mi`. */
  readonly hugePages: Readonly<Record<string, string>>;
  readonly architecture: string;
  readonly kernelVersion: string;
  readonly osImage: string;
  readonly hostname: string;
  readonly machineId: string;
  readonly systemUuid: string;
  readonly bootId: string;
}

/** Go's names of processor architectures. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', arm64: 'arm64' };

export function readMachine(): Machine {
  const osRelease = readText('/etc/os-release');
  return {
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
    hugePages: readHugePages('/sys/kernel/mm/hugepages'),
    architecture: ARCHITECTURES[arch()] ?? arch(),
    kernelVersion: release(),
    osImage: /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(osRelease)?.[1] ?? 'Linux',
    hostname: hostname(),
    machineId: readText('/etc/machine-id').trim(),
    systemUuid: readText('/sys/class/dmi/id/product_uuid').trim(),
    bootId: readText('/proc/sys/kernel/random/boot_id').trim(),
  };
}

/** Of every size that the processor has. */
export function readHugePages(directory: string): Readonly<Record<string, string>> {
  const sizes = listNames(directory).flatMap((name) => {
    const kibibytes = Number(/^hugepages-(\d+)kB$/.exec(name)?.[1] ?? 0);
    if (kibibytes === 0) return [];
    const bytes = kibibytes * 1024 * Number(readText(join(directory, name, 'nr_hugepages')));
    return [[`hugepages-${canonicalQuantity(`${kibibytes}Ki`)}`, quantityOf(bytes, 'BinarySI')] as const];
  });
  return Object.fromEntries(sizes);
}

function listNames(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // A kernel without huge pages.
  }
}

/** Many machines lack one or the other of these files; what they would say is then left empty. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
