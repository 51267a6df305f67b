// Hands an upgraded connection (SPDY, of older clients and of port-forward) on to another server byte for byte.

import { type IncomingMessage, request as send } from 'node:http';
import { type Duplex, pipeline } from 'node:stream';

/** Asks the other server for the same upgrade and, when it agrees, connects the two; else gives its answer back. */
export function pipeUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, target: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const { host: _host, ...headers } = request.headers;
    const sent = send(target, { method: request.method ?? 'GET', headers, agent: false });
    socket.once('close', () => sent.destroy());
    sent.on('upgrade', (response, other, otherHead) => {
      socket.write(`HTTP/1.1 ${response.statusCode} Switching Protocols\r\n${rawHeaders(response)}\r\n`);
      if (otherHead.length > 0) socket.write(otherHead);
      if (head.length > 0) other.write(head);
      join(socket, other);
      resolve();
    });
    sent.on('response', (response) => {
      socket.write(`HTTP/1.1 ${response.statusCode} ${response.statusMessage}\r\n${rawHeaders(response)}\r\n`);
      response.pipe(socket);
      resolve();
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** Two pipelines, the connection's own server and TLS listen to each side: that is more than ten, and no leak. */
const MAX_LISTENERS = 20;

/** Either side may stop writing first; one that breaks off takes the other with it. */
function join(one: Duplex, other: Duplex): void {
  for (const side of [one, other]) side.setMaxListeners(MAX_LISTENERS);
  pipeline(one, other, () => {}); // How it ended is nobody's business here: both are closed then.
  pipeline(other, one, () => {});
}

function rawHeaders({ rawHeaders: raw }: IncomingMessage): string {
  let text = '';
  for (let index = 0; index < raw.length; index += 2) text += `${raw[index]}: ${raw[index + 1]}\r\n`;
  return text;
}
