// Answers that come bit by bit, as messages of a WebSocket to clients that ask for one. Upstream: the reader of
// k8s.io/apimachinery/pkg/util/httpstream/wsstream.

import type { Readable } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { RequestHead } from '../chain/incoming-request.ts';
import type { Takeover } from './connector.ts';

/** Bytes as they are, which is spoken with clients that name no protocol too, and in base64. */
const BINARY = 'binary.k8s.io';
const BASE64 = 'base64.binary.k8s.io';

export function asksForWebSocket({ headers }: RequestHead): boolean {
  return headers['upgrade']?.toLowerCase() === 'websocket';
}

/** Sends an empty message first, by which a client knows that it has been heard, then all of it, and closes. */
export function overWebSocket(source: Readable): Takeover {
  const webSockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => [BINARY, BASE64].find((protocol) => offered.has(protocol)) ?? false,
  });
  return {
    takeOver(exchange) {
      if (exchange.type !== 'upgrade') {
        source.destroy();
        exchange.respond(400, { 'content-type': 'text/plain; charset=utf-8' }).end('Upgrade request required');
        return;
      }
      const { request, socket, head } = exchange;
      socket.once('close', () => source.destroy());
      webSockets.handleUpgrade(request, socket, Buffer.from(head), (webSocket) => {
        webSocket.on('error', () => source.destroy());
        sendAll(source, webSocket).then(
          () => webSocket.close(1000),
          () => webSocket.terminate(), // What broke off is not ended as if it were whole.
        );
      });
    },
  };
}

async function sendAll(source: Readable, webSocket: WebSocket): Promise<void> {
  const send = (chunk: Buffer) =>
    new Promise<void>((resolve, reject) => {
      const message = webSocket.protocol === BASE64 ? chunk.toString('base64') : chunk;
      webSocket.send(message, (error) => (error ? reject(error) : resolve()));
    });
  await send(Buffer.alloc(0));
  for await (const chunk of source) await send(chunk as Buffer);
}
