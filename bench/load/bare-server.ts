// What Node does without us: an HTTP/2 server over TLS that reads each request to its end and answers with the same bytes
// every time. The floor that figures of the API server are compared with.

import { createSecureServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { ClusterCertificates } from '../../src/cluster/certificates.ts';

export interface BareServer extends AsyncDisposable {
  readonly origin: string;
}

const CHUNK_BYTES = 256 * 1024;

export async function startBareServer(
  { apiServer, ca }: Pick<ClusterCertificates, 'apiServer' | 'ca'>,
  answer: Uint8Array,
): Promise<BareServer> {
  const server = createSecureServer({
    cert: apiServer.certificate,
    key: apiServer.key,
    ca: ca.certificate,
    requestCert: true,
    rejectUnauthorized: false,
    settings: { initialWindowSize: CHUNK_BYTES },
  });
  server.on('stream', (stream) => {
    stream.on('error', () => stream.destroy());
    stream.on('end', () => {
      stream.respond({ ':status': 200, 'content-type': 'application/json' });
      write(stream, answer);
    });
    stream.resume();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => sessions.add(session));
  return {
    origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      for (const session of sessions) session.destroy();
      await closed;
    },
  };
}

function write(stream: ServerHttp2Stream, bytes: Uint8Array, from = 0): void {
  const to = from + CHUNK_BYTES;
  if (to >= bytes.length) stream.end(bytes.subarray(from));
  else stream.write(bytes.subarray(from, to), () => write(stream, bytes, to));
}
