// The API server under test behind its TLS port, with certificates of an authority of its own.

import { type ClientHttp2Session, connect, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2';
import { type Patience, startHttpsServer } from '../../src/apiserver/http/https-server.ts';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/log.ts';
import { MetricsRegistry } from '../../src/base/metrics.ts';
import { createAuthority, issueCertificate, type KeyPair } from '../../src/cluster/certificate-authority.ts';
import { type ApiUnderTest, type ApiUnderTestOptions, apiUnderTest } from './api-requests.ts';

export interface ApiOverTls extends AsyncDisposable {
  readonly api: ApiUnderTest;
  readonly port: number;
  readonly authority: KeyPair;
  /** A client's certificate. */
  clientCertificate(commonName: string, authority?: KeyPair): KeyPair;
  renewCertificate(): KeyPair;
  /** A connection over HTTP/2; the caller closes it. */
  connect(client?: KeyPair): ClientHttp2Session;
  /** Stops listening, as a server that is told to end. */
  close(): Promise<void>;
}

const HOUR = 3_600_000;

export async function apiOverTls(
  options: ApiUnderTestOptions = {},
  { patience }: { readonly patience?: Partial<Patience> } = {},
): Promise<ApiOverTls> {
  await using stack = new AsyncDisposableStack();
  const api = stack.use(await apiUnderTest(options));
  const terms = { nowMs: systemClock.now(), lifetimeMs: HOUR };
  const authority = createAuthority('test', terms);
  const issueServer = () =>
    issueCertificate(
      authority,
      { commonName: 'server', usages: ['server'], dnsNames: ['localhost'], addresses: ['127.0.0.1'] },
      terms,
    );
  const { certificate, key } = issueServer();
  const server = stack.use(
    await startHttpsServer(
      {
        apiServer: api.server,
        clock: systemClock,
        log: silentLogger,
        metrics: options.metrics ?? new MetricsRegistry(),
      },
      {
        certificate: { cert: certificate, key },
        clientCa: authority.certificate,
        host: '127.0.0.1',
        port: 0,
        graceMs: 2000,
        ...(patience ? { patience } : {}),
      },
    ),
  );
  const { port } = server.address;
  const owned = stack.move();
  return {
    api,
    port,
    authority,
    clientCertificate: (commonName, by = authority) => issueCertificate(by, { commonName, usages: ['client'] }, terms),
    renewCertificate() {
      const renewed = issueServer();
      server.renewCertificate({ cert: renewed.certificate, key: renewed.key });
      return renewed;
    },
    connect(client) {
      const session = connect(`https://127.0.0.1:${port}`, {
        ca: authority.certificate,
        ...(client ? { cert: client.certificate, key: client.key } : {}),
      });
      session.on('error', () => {}); // Requests on it fail by themselves.
      return session;
    },
    close: async () => server[Symbol.asyncDispose](),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

export interface Http2Answer {
  readonly headers: IncomingHttpHeaders;
  readonly status: number;
  readonly text: string;
}

/** Sends a request and reads its answer whole. */
export function requestOverHttp2(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  body?: string | Uint8Array,
): Promise<Http2Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers, { endStream: body === undefined });
    let answered: IncomingHttpHeaders = {};
    const chunks: Buffer[] = [];
    stream.on('response', (given) => {
      answered = given;
    });
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', reject);
    stream.on('close', () => {
      const status = Number(answered[':status'] ?? 0);
      resolve({ headers: answered, status, text: Buffer.concat(chunks).toString() });
    });
    if (body !== undefined) stream.end(body);
  });
}
