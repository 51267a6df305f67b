// A process in a network namespace of its own, for tests of networks: it answers everybody with its name and the address it
// was asked from, and asks others when it is told to. One JSON object a line on standard input and output. Run by
// network-namespaces.ts.

import { createSocket, type Socket } from 'node:dgram';
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';

export type PeerCommand =
  | {
      readonly id: number;
      readonly what: 'tcp' | 'udp';
      readonly address: string;
      readonly port: number;
      readonly timeoutMs: number;
    }
  /** UDP from the same port each time. */
  | {
      readonly id: number;
      readonly what: 'udp-again';
      readonly address: string;
      readonly port: number;
      readonly timeoutMs: number;
    };

export interface PeerAnswer {
  readonly id: number;
  /** Who answered, and from which address that one was asked. */
  readonly name?: string;
  readonly from?: string;
  readonly error?: string;
}

const [name = '', ...ports] = process.argv.slice(2);
/** How long UDP is asked again before there was no answer, as a client of DNS does. */
const RESEND_MS = 100;

let listening = 0;
for (const port of ports.map(Number)) {
  createServer((socket) => {
    socket.on('error', () => {}); // Whoever asked has gone.
    socket.end(JSON.stringify({ name, from: socket.remoteAddress?.replace(/^::ffff:/, '') }));
  }).listen(port, '0.0.0.0', ready);
  const udp = createSocket('udp4');
  udp.on('message', (_message, remote) =>
    udp.send(JSON.stringify({ name, from: remote.address }), remote.port, remote.address),
  );
  udp.bind(port, '0.0.0.0', ready);
}
if (ports.length === 0) process.stdout.write('"ready"\n');

function ready(): void {
  listening++;
  if (listening === ports.length * 2) process.stdout.write('"ready"\n');
}

let steady: Socket | undefined;
createInterface({ input: process.stdin }).on('line', async (line) => {
  const command = JSON.parse(line) as PeerCommand;
  const answer = await ask(command).catch((error: Error & { code?: string }) => ({
    error: error.code ?? error.message,
  }));
  process.stdout.write(`${JSON.stringify({ id: command.id, ...answer })}\n`);
});
process.stdin.on('end', () => process.exit(0));

function ask(command: PeerCommand): Promise<Omit<PeerAnswer, 'id'>> {
  if (command.what === 'tcp') return askTcp(command);
  if (command.what === 'udp') {
    const socket = createSocket('udp4');
    return askUdp(socket, command).finally(() => socket.close());
  }
  steady ??= createSocket('udp4');
  return askUdp(steady, command);
}

function askTcp({ address, port, timeoutMs }: PeerCommand): Promise<Omit<PeerAnswer, 'id'>> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, signal: AbortSignal.timeout(timeoutMs) });
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('end', () => resolve(JSON.parse(text)));
    socket.on('error', (error) => reject(error.name === 'AbortError' ? new Error('timeout') : error));
  });
}

function askUdp(socket: Socket, { address, port, timeoutMs }: PeerCommand): Promise<Omit<PeerAnswer, 'id'>> {
  return new Promise((resolve, reject) => {
    const send = () => socket.send('who are you?', port, address);
    const again = setInterval(send, RESEND_MS);
    const over = setTimeout(() => settle(() => reject(new Error('timeout'))), timeoutMs);
    const settle = (then: () => void) => {
      clearInterval(again);
      clearTimeout(over);
      socket.removeAllListeners();
      socket.on('error', () => {}); // A refusal that comes late.
      then();
    };
    socket.removeAllListeners();
    socket.on('message', (message) => settle(() => resolve(JSON.parse(message.toString()))));
    socket.on('error', (error) => settle(() => reject(error)));
    send();
  });
}
