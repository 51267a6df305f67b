// gRPC probes: the health service of the container says that it serves. Upstream: pkg/probe/grpc; the protocol is
// grpc.health.v1.Health, one unary call without TLS.

import { type ClientHttp2Session, connect } from 'node:http2';
import { decode, encode, enumeration, message } from '../../cri/message.ts';
import { isDialError, reasonOf } from './network-words.ts';
import type { ProbeOutcome } from './probe-manager.ts';

export interface GrpcProbe {
  readonly host: string;
  readonly port: number;
  /** Empty: the server as a whole. */
  readonly service: string;
  readonly userAgent: string;
}

const healthRequest = message({ service: [1, 'string'] });
const healthResponse = message({
  status: [1, enumeration('UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN')],
});
/** Of a message: a flag for compression, and its length in four bytes. */
const PREFIX_BYTES = 5;
const MAX_RESPONSE_BYTES = 64 * 1024;
const OK = 0;
const UNIMPLEMENTED = 12;

/** Rejects with the signal's reason alone. */
export async function probeGrpc(
  { host, port, service, userAgent }: GrpcProbe,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const session = connect(`http://${address}`);
  const broken = new Promise<never>((_resolve, reject) => {
    session.on('error', reject);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  broken.catch(() => {}); // It may break after the answer, too.
  try {
    await Promise.race([new Promise((resolve) => session.once('connect', resolve)), broken]);
    const { code, text, body } = await Promise.race([check(session, service, userAgent), broken]);
    if (code === UNIMPLEMENTED)
      return failure(`error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${text}`);
    if (code !== OK) return failure(`error: health rpc probe failed: rpc error: code = ${code} desc = ${text}`);
    const { status } = decode(healthResponse, body.subarray(PREFIX_BYTES));
    return status === 'SERVING'
      ? { verdict: 'success', output: 'service healthy' }
      : failure(`service unhealthy (responded with "${status}")`);
  } catch (error) {
    signal.throwIfAborted();
    const what = isDialError(error) ? 'failed to connect service' : 'health rpc probe failed';
    return failure(`error: ${what} "${address}": ${reasonOf(error)}`);
  } finally {
    session.destroy();
  }
}

/** One unary call: the status in the trailers, the answer in the body. */
function check(
  session: ClientHttp2Session,
  service: string,
  userAgent: string,
): Promise<{ readonly code: number; readonly text: string; readonly body: Buffer }> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      'user-agent': userAgent,
      te: 'trailers',
    });
    const chunks: Buffer[] = [];
    let size = 0;
    let status: Readonly<Record<string, unknown>> = {};
    stream.on('response', (headers) => {
      status = headers; // An answer without a body has its status here.
    });
    stream.on('trailers', (trailers) => {
      status = trailers;
    });
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MAX_RESPONSE_BYTES) stream.destroy(new Error('the answer is too long for a health check'));
    });
    stream.on('error', reject);
    stream.on('end', () => {
      const code = Number(status['grpc-status'] ?? Number.NaN);
      if (Number.isNaN(code))
        reject(new Error(`the answer is not gRPC (HTTP status ${status[':status'] ?? 'unknown'})`));
      else resolve({ code, text: String(status['grpc-message'] ?? ''), body: Buffer.concat(chunks) });
    });
    const payload = encode(healthRequest, { service });
    const prefix = Buffer.alloc(PREFIX_BYTES);
    prefix.writeUInt32BE(payload.length, 1);
    stream.end(Buffer.concat([prefix, payload]));
  });
}

function failure(output: string): ProbeOutcome {
  return { verdict: 'failure', output };
}
