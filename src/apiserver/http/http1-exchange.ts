// A request and its answer over HTTP/1.1, and upgrades of the connection to WebSocket or SPDY.

import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { encodeJson } from '../../api/json-encode.ts';
import type { ApiResponse } from '../../client/transport.ts';
import type { IncomingRequest } from '../chain/incoming-request.ts';
import { RequestLifetime } from '../chain/request-lifetime.ts';
import { compressAnswer } from './compress-answer.ts';
import type { RawExchange } from './connector.ts';
import type { HttpEdge } from './http-edge.ts';
import { peerCredentials } from './peer-credentials.ts';
import { readRequestBody } from './read-request-body.ts';
import { requestHead, unknownMethod } from './request-head.ts';
import { isLong, writeChunks } from './write-chunks.ts';

const CLIENT_GONE = new DOMException('the client has gone', 'AbortError');

export function exchangeOverHttp1(edge: HttpEdge, message: IncomingMessage, response: ServerResponse): void {
  const lifetime = new RequestLifetime();
  response.once('close', () => lifetime.end(CLIENT_GONE));
  response.on('error', () => {}); // What breaks also closes.
  serve(edge, message, lifetime, {
    takeOver: () => ({
      type: 'request',
      target: message.url ?? '',
      hasBody: hasBody(message),
      body: message,
      respond: (status, headers) => open(response, status, headers),
    }),
    answer: (answer) => respond(edge, { message, lifetime }, response, answer),
  }).catch(() => response.destroy());
}

export function upgradeOverHttp1(edge: HttpEdge, message: IncomingMessage, socket: Duplex, head: Uint8Array): void {
  const lifetime = new RequestLifetime();
  socket.once('close', () => lifetime.end(CLIENT_GONE));
  socket.on('error', () => socket.destroy());
  serve(edge, message, lifetime, {
    takeOver: () => ({ type: 'upgrade', request: message, socket, head }),
    async answer(answer) {
      const response = new ServerResponse(message);
      response.shouldKeepAlive = false;
      response.assignSocket(socket as TLSSocket);
      response.once('finish', () => socket.end());
      await respond(edge, { message, lifetime }, response, answer);
    },
  }).catch(() => socket.destroy());
}

interface Way {
  takeOver(): RawExchange;
  answer(answer: ApiResponse): Promise<void>;
}

async function serve(
  { apiServer }: HttpEdge,
  message: IncomingMessage,
  lifetime: RequestLifetime,
  way: Way,
): Promise<void> {
  const head = requestHead(message.method ?? '', message.url ?? '', message.headers);
  if (!head)
    return way.answer({ status: 405, headers: {}, body: { type: 'object', object: unknownMethod().toStatus() } });
  const socket = message.socket as TLSSocket;
  const length = message.headers['content-length'];
  const request: IncomingRequest = {
    head,
    lifetime,
    sendsInTurn: true,
    async readBody() {
      if (!hasBody(message)) return undefined;
      const contentLength = length === undefined ? undefined : Number(length);
      return readRequestBody(message, { contentType: message.headers['content-type'] ?? '', contentLength });
    },
  };
  const credentials = peerCredentials(socket, message.headers.authorization);
  const response = await apiServer.receive(request, { type: 'credentials', credentials });
  if ('takeOver' in response) return response.takeOver(way.takeOver());
  if (!lifetime.isOver) await way.answer(await compressAnswer(head, response));
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

async function respond(
  edge: HttpEdge,
  { message, lifetime }: { readonly message: IncomingMessage; readonly lifetime: RequestLifetime },
  response: ServerResponse,
  answer: ApiResponse,
): Promise<void> {
  const { status, headers, body } = answer;
  // A body that was not read to its end would be taken for the next request.
  if (!message.complete) response.setHeader('connection', 'close');
  response.once('finish', () => message.resume());
  switch (body.type) {
    case 'none':
      response.writeHead(status, headers).end();
      return;
    case 'object':
      return respond(edge, { message, lifetime }, response, {
        ...answer,
        body: { type: 'bytes', contentType: 'application/json', bytes: encodeJson(body.object) },
      });
    case 'bytes':
      response.writeHead(status, { ...headers, 'content-type': body.contentType, 'content-length': body.bytes.length });
      if (isLong(body.bytes)) return writeChunks(edge, response, [body.bytes]);
      response.end(body.bytes);
      return;
    case 'stream':
      response.writeHead(status, { ...headers, 'content-type': body.contentType });
      response.flushHeaders();
      // What was given up is not finished as if it were whole.
      lifetime.signal.addEventListener('abort', () => response.destroy(), { once: true });
      return writeChunks(edge, response, body.chunks);
    case 'watch':
      throw new TypeError('a watch reaches the edge in bytes');
    default:
      body satisfies never;
  }
}

function open(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string | readonly string[]>>,
): ServerResponse {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.writeHead(status);
  return response;
}
