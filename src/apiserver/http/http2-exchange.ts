// A request and its answer on an HTTP/2 stream. The raw stream is used: Node's compatibility layer over it costs a quarter
// more.

import { constants, type IncomingHttpHeaders, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { encodeJson } from '../../api/json-encode.ts';
import type { ApiResponse } from '../../client/transport.ts';
import type { Sender } from '../chain/handle-request.ts';
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

export function exchangeOverHttp2(
  edge: HttpEdge,
  socket: TLSSocket,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
): void {
  const lifetime = new RequestLifetime();
  stream.on('error', () => {}); // A stream that breaks also closes, which is what ends the request.
  stream.once('close', () => lifetime.end(CLIENT_GONE));
  const head = requestHead(headers[':method'] ?? '', headers[':path'] ?? '', headers);
  if (!head) {
    const refusal: ApiResponse = {
      status: 405,
      headers: {},
      body: { type: 'object', object: unknownMethod().toStatus() },
    };
    respond(edge, { stream, lifetime, headOnly: false }, refusal).catch(() =>
      stream.close(constants.NGHTTP2_INTERNAL_ERROR),
    );
    return;
  }
  const length = headers['content-length'];
  const readBody = async () => {
    if (stream.endAfterHeaders || stream.readableEnded) return undefined;
    const contentLength = length === undefined ? undefined : Number(length);
    return readRequestBody(stream, { contentType: headers['content-type'] ?? '', contentLength });
  };
  const sender = { type: 'credentials', credentials: peerCredentials(socket, headers.authorization) } as const;
  const request = { head, lifetime, readBody, sendsInTurn: true } as const;
  answer(edge, stream, request, { sender, target: headers[':path'] ?? '' }).catch(() =>
    stream.close(constants.NGHTTP2_INTERNAL_ERROR),
  );
}

async function answer(
  edge: HttpEdge,
  stream: ServerHttp2Stream,
  request: IncomingRequest,
  { sender, target }: { readonly sender: Sender; readonly target: string },
): Promise<void> {
  const { head, lifetime } = request;
  const response = await edge.apiServer.receive(request, sender);
  if (stream.destroyed) return;
  if ('takeOver' in response) return response.takeOver(rawExchange(stream, target));
  const sent = await compressAnswer(head, response);
  if (!stream.destroyed) await respond(edge, { stream, lifetime, headOnly: head.method === 'HEAD' }, sent);
}

async function respond(
  edge: HttpEdge,
  to: { readonly stream: ServerHttp2Stream; readonly lifetime: RequestLifetime; readonly headOnly: boolean },
  { status, headers, body }: ApiResponse,
): Promise<void> {
  const { stream, lifetime, headOnly } = to;
  const all: OutgoingHttpHeaders = { ':status': status, ...headers };
  switch (body.type) {
    case 'none':
      stream.respond(all, { endStream: true });
      break;
    case 'object': {
      const bytes = encodeJson(body.object);
      all['content-type'] = 'application/json';
      all['content-length'] = bytes.length;
      stream.respond(all, { endStream: headOnly });
      if (!headOnly) stream.end(bytes);
      break;
    }
    case 'bytes':
      all['content-type'] = body.contentType;
      all['content-length'] = body.bytes.length;
      stream.respond(all, { endStream: headOnly });
      if (headOnly) break;
      if (isLong(body.bytes)) await writeChunks(edge, stream, [body.bytes]);
      else stream.end(body.bytes);
      break;
    case 'stream':
      all['content-type'] = body.contentType;
      stream.respond(all, { endStream: headOnly });
      if (headOnly) break;
      // What was given up is not finished as if it were whole.
      lifetime.signal.addEventListener('abort', () => stream.close(constants.NGHTTP2_CANCEL), { once: true });
      await writeChunks(edge, stream, body.chunks);
      break;
    case 'watch':
      throw new TypeError('a watch reaches the edge in bytes');
    default:
      body satisfies never;
  }
  // What the client is still sending is not read any more: it is told to stop.
  if (stream.readableEnded || stream.destroyed) return;
  if (stream.writableFinished) stream.close(constants.NGHTTP2_NO_ERROR);
  else stream.once('finish', () => stream.close(constants.NGHTTP2_NO_ERROR));
}

function rawExchange(stream: ServerHttp2Stream, target: string): RawExchange {
  return {
    type: 'request',
    target,
    hasBody: !stream.endAfterHeaders,
    body: stream,
    respond(status, headers) {
      const all: OutgoingHttpHeaders = { ':status': status };
      for (const [name, value] of Object.entries(headers)) {
        if (!HOP_BY_HOP.has(name)) all[name] = typeof value === 'string' ? value : [...value];
      }
      stream.respond(all);
      return stream;
    },
  };
}

/** HTTP/2 has no such headers. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);
