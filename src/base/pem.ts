// PEM: blocks of base64 between lines that name what they hold. What is not in a block is passed over.

import { decodeBase64 } from './base64.ts';

export interface PemBlock {
  /** `CERTIFICATE`, `PRIVATE KEY`. */
  readonly type: string;
  /** There were lines `Name: value` before the base64. */
  readonly hasHeaders: boolean;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const BLOCK = /^-----BEGIN ([^\r\n]*?)-----[ \t]*\r?\n((?:[^\r\n:]+:[^\r\n]*\r?\n)*)([^-]*)-----END \1-----[ \t]*$/gm;

/** The blocks of a text in their order; one that is not whole is none. */
export function parsePem(text: string): readonly PemBlock[] {
  return [...text.matchAll(BLOCK)].flatMap(([, type = '', headers = '', body = '']) => {
    try {
      return [{ type, hasHeaders: headers !== '', bytes: decodeBase64(body.replace(/\s/g, '')) }];
    } catch (error) {
      if (error instanceof SyntaxError) return [];
      throw error;
    }
  });
}
