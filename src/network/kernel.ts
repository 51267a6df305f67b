// What the network changes in the kernel besides rules: forwarding, flows to forget; and how rules get there.

import { execFile, spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { UdpFlow } from './proxy/udp-flows.ts';

const run = promisify(execFile);

/** Loads a script as one transaction. Rejects with what nft says of it. */
export function loadNft(script: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('nft', ['-f', '-'], { stdio: ['pipe', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => {
      errors = (errors + chunk.toString('utf8')).slice(0, 4_000);
    });
    child.once('error', reject);
    child.stdin.on('error', () => {}); // nft ended early: its exit code says why.
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`nft failed: ${errors}`))));
    child.stdin.end(script);
  });
}

/** Takes the table away; nothing happens when it is not there. */
export function deleteTable(table: string): Promise<void> {
  return loadNft(`add table ip ${table}\ndelete table ip ${table}\n`);
}

/** Packets may pass from one interface to another. Resolves to whether that had been off. */
export async function enableForwarding(): Promise<boolean> {
  const path = '/proc/sys/net/ipv4/ip_forward';
  if ((await readFile(path, 'utf8')).trim() === '1') return false;
  await writeFile(path, '1');
  return true;
}

/** Forgets flows; there may be none. Rejects when conntrack fails. */
export async function forgetUdpFlows(flow: UdpFlow): Promise<void> {
  try {
    await run('conntrack', flowOptions(flow));
  } catch (error) {
    if (!foundNone(error)) throw error;
  }
}

/** What conntrack is asked for. */
export function flowOptions({ address, port, target }: UdpFlow): string[] {
  return [
    ...['-D', '-p', 'udp', '--orig-port-dst', String(port)],
    ...(address === undefined ? [] : ['--orig-dst', address]),
    ...(target === undefined ? [] : ['--dst-nat', target]),
  ];
}

/** conntrack fails when there was nothing to delete, which is as good as having deleted it. */
export function foundNone(error: unknown): boolean {
  const said = (error as { stderr?: unknown } | undefined)?.stderr;
  return typeof said === 'string' && said.includes('0 flow entries have been deleted');
}

/** The MTU of the interface that has the address; the usual one when there is none. */
export async function mtuOf(address: string): Promise<number> {
  // Not from /sys, which shows the interfaces of the namespace that it was mounted in.
  const { stdout } = await run('ip', ['-json', 'address', 'show']);
  const links = JSON.parse(stdout) as readonly {
    readonly mtu: number;
    readonly addr_info: readonly { readonly local?: string }[];
  }[];
  return links.find(({ addr_info }) => addr_info.some(({ local }) => local === address))?.mtu ?? 1500;
}
