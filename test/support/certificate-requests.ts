// Certificate requests and certificates for tests, put together byte by byte, so that they can be wrong in any way.

import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** AlgorithmIdentifiers, with how node signs by them. */
export const SIGNATURES = {
  'RSA with SHA-1': { identifier: '300d06092a864886f70d0101050500', hash: 'sha1' },
  'RSA with SHA-256': { identifier: '300d06092a864886f70d01010b0500', hash: 'sha256' },
  'RSA with SHA-512': { identifier: '300d06092a864886f70d01010d0500', hash: 'sha512' },
  'RSA with MD5': { identifier: '300d06092a864886f70d0101040500', hash: 'md5' },
  'PSS with SHA-256': {
    identifier:
      '304106092a864886f70d01010a3034a00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120',
    hash: 'sha256',
    padding: 6,
    saltLength: 32,
  },
  'ECDSA with SHA-256': { identifier: '300a06082a8648ce3d040302', hash: 'sha256' },
  'ECDSA with SHA-384': { identifier: '300a06082a8648ce3d040303', hash: 'sha384' },
  'ECDSA with SHA-512': { identifier: '300a06082a8648ce3d040304', hash: 'sha512' },
  Ed25519: { identifier: '300506032b6570', hash: undefined },
  unknown: { identifier: '300506032b6571', hash: 'sha256' },
} as const;
export type SignatureName = keyof typeof SIGNATURES;

export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export function ecKeys(namedCurve = 'P-256'): KeyPair {
  return generateKeyPairSync('ec', { namedCurve });
}

/** The DER of a request, signed by `signer`, which should have the key itself; for a member of the organizations. */
export function certificateRequest(
  { publicKey }: Pick<KeyPair, 'publicKey'>,
  signature: SignatureName,
  signer: KeyObject,
  organizations: readonly string[] = [],
): Buffer {
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const organizationType = Buffer.from('060355040a', 'hex');
  const names = organizations.map((name) => der(0x31, der(0x30, organizationType, der(0x0c, Buffer.from(name)))));
  const info = der(0x30, der(0x02, Buffer.of(0)), der(0x30, ...names), spki, der(0xa0));
  const { identifier, hash, ...options } = SIGNATURES[signature];
  const signed = sign(hash, info, { key: signer, ...options });
  return der(0x30, info, Buffer.from(identifier, 'hex'), der(0x03, Buffer.of(0), signed));
}

/** The DER of a certificate that nobody would trust. */
export function certificate({ publicKey, privateKey }: KeyPair = ecKeys()): Buffer {
  const algorithm = Buffer.from(SIGNATURES['ECDSA with SHA-256'].identifier, 'hex');
  const time = der(0x17, Buffer.from('260101000000Z'));
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const info = der(0x30, der(0x02, Buffer.of(1)), algorithm, der(0x30), der(0x30, time, time), der(0x30), spki);
  return der(0x30, info, algorithm, der(0x03, Buffer.of(0), sign('sha256', info, privateKey)));
}

export function pem(type: string, bytes: Uint8Array, headers = ''): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${type}-----\n${headers}${lines.map((line) => `${line}\n`).join('')}-----END ${type}-----\n`;
}

export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}
