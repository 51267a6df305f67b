// What the network changes in the kernel besides rules: forwarding, flows to forget; and how rules get there.

import { execFile, spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { promisify } from 'node:util';

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

/** Ends UDP flows to an address that go to a target; there may be none. */
export async function forgetUdpFlows({ address, target }: { address: string; target: string }): Promise<void> {
  try {
    await run('conntrack', ['-D', '-p', 'udp', '--orig-dst', address, '--dst-nat', target]);
  } catch (error) {
    const said = (error as { stderr?: string }).stderr ?? '';
    if (!said.includes('0 flow entries have been deleted')) throw error;
  }
}

/** The MTU of the interface that has the address; the usual one when there is none. */
export async function mtuOf(address: string): Promise<number> {
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    if (!addresses?.some((entry) => entry.address === address)) continue;
    return Number(await readFile(`/sys/class/net/${name}/mtu`, 'utf8'));
  }
  return 1500;
}
