// PEM (RFC 7468): binary blocks among text, as certificates and keys are handed around. Reading is as lenient as Go's
// encoding/pem: what is no block is skipped.

import { decodeBase64 } from './base64.ts';

export interface PemBlock {
  /** `CERTIFICATE`, `CERTIFICATE REQUEST`. */
  readonly type: string;
  /** `Name: value` lines before the data. */
  readonly headers: readonly string[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const BLOCK = /^-----BEGIN ([^\n]*)-----[ \t\r]*\n((?:(?!-----END )[^\n]*\n)*)-----END \1-----[ \t\r]*$/gm;

export function decodePem(text: string): readonly PemBlock[] {
  return [...text.matchAll(BLOCK)].flatMap(([, type = '', body = '']) => {
    const lines = body.split('\n');
    const end = lines.findIndex((line) => !line.includes(':'));
    const bytes = bytesOf(lines.slice(end).join(''));
    return bytes ? [{ type, headers: lines.slice(0, end), bytes }] : [];
  });
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return decodeBase64(text.replace(/\s/g, ''));
  } catch {
    return undefined; // Not base64, so not a block.
  }
}
