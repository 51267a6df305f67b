// What goes wrong while a JSON value is decoded, in the words of Go's decoder, which clients show to people.

/** The value does not fit its declaration. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  readonly #mismatch: { readonly found: string; readonly goType: string } | undefined;
  #structName: string | undefined;
  readonly #path: string[] = [];

  constructor(message: string, mismatch?: { found: string; goType: string }) {
    super(message);
    this.#mismatch = mismatch;
  }

  /** Called on the way out, innermost first: the error was in this field of this struct. */
  inField(structName: string, field: string): void {
    if (!this.#mismatch) return;
    this.#structName ??= structName;
    this.#path.unshift(field);
    const { found, goType } = this.#mismatch;
    this.message =
      `json: cannot unmarshal ${found} into Go struct field ` +
      `${this.#structName}.${this.#path.join('.')} of type ${goType}`;
  }
}

/** A JSON value (`string`, `array`, `number 1.5`) stands where another type belongs. */
export function typeMismatch(found: string, goType: string): DecodeError {
  return new DecodeError(`json: cannot unmarshal ${found} into Go value of type ${goType}`, { found, goType });
}

/** A value of the right type that means nothing; the message stands for itself. */
export function decodeFailure(message: string): DecodeError {
  return new DecodeError(message);
}
