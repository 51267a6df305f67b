// What a connection and its headers say of who sends a request.

import type { TLSSocket } from 'node:tls';
import type { Credentials } from '../authentication/authenticator.ts';

const CERTIFICATES = new WeakMap<TLSSocket, Uint8Array | undefined>();

export function peerCredentials(socket: TLSSocket, authorization: string | undefined): Credentials {
  return { authorization, certificate: certificateOf(socket) };
}

/** The verified certificate of the peer; looked at once for each connection. */
function certificateOf(socket: TLSSocket): Uint8Array | undefined {
  if (CERTIFICATES.has(socket)) return CERTIFICATES.get(socket);
  const raw = socket.authorized ? socket.getPeerCertificate()?.raw : undefined;
  CERTIFICATES.set(socket, raw);
  return raw;
}
