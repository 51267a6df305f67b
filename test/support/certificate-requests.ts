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

/** Whom a request is for. */
export interface RequestNames {
  readonly commonName?: string;
  readonly organizations?: readonly string[];
  readonly dnsNames?: readonly string[];
  /** IPv4. */
  readonly addresses?: readonly string[];
}

/** The DER of a request, signed by `signer`, which should have the key itself. */
export function certificateRequest(
  { publicKey }: Pick<KeyPair, 'publicKey'>,
  signature: SignatureName,
  signer: KeyObject,
  names: RequestNames = {},
): Buffer {
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const info = der(0x30, der(0x02, Buffer.of(0)), subject(names), spki, der(0xa0, ...attributes(names)));
  const { identifier, hash, ...options } = SIGNATURES[signature];
  const signed = sign(hash, info, { key: signer, ...options });
  return der(0x30, info, Buffer.from(identifier, 'hex'), der(0x03, Buffer.of(0), signed));
}

/** A request as clients write it, for a key of its own. */
export function writtenRequest(names: RequestNames): string {
  const keys = ecKeys();
  const request = certificateRequest(keys, 'ECDSA with SHA-256', keys.privateKey, names);
  return Buffer.from(pem('CERTIFICATE REQUEST', request)).toString('base64');
}

function subject({ commonName, organizations = [] }: RequestNames): Buffer {
  const part = (oid: string, value: string) =>
    der(0x31, der(0x30, Buffer.from(oid, 'hex'), der(0x0c, Buffer.from(value))));
  const common = commonName === undefined ? [] : [part('0603550403', commonName)];
  return der(0x30, ...organizations.map((value) => part('060355040a', value)), ...common);
}

function attributes({ dnsNames = [], addresses = [] }: RequestNames): readonly Buffer[] {
  if (dnsNames.length + addresses.length === 0) return [];
  const names = der(
    0x30,
    ...dnsNames.map((name) => der(0x82, Buffer.from(name))),
    ...addresses.map((address) => der(0x87, Buffer.from(address.split('.').map(Number)))),
  );
  const extension = der(0x30, Buffer.from('0603551d11', 'hex'), der(0x04, names));
  const extensionRequest = Buffer.from('06092a864886f70d01090e', 'hex');
  return [der(0x30, extensionRequest, der(0x31, der(0x30, extension)))];
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
