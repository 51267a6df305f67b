// Documents are too long to be made at once: they are written member by member, and so is what is in them.

/** Takes the members of a document in order. A member with many members of its own is begun, filled and ended. */
export interface DocumentWriter {
  value(name: string, value: unknown): void;
  begin(name: string): void;
  end(): void;
  finish(): Uint8Array;
}

/** Characters that are gathered before they are encoded. */
const PIECE = 64 * 1024;

const encoder = new TextEncoder();

export class JsonWriter implements DocumentWriter {
  readonly #pieces: Uint8Array[] = [];
  #text = '{';
  #separator = '';

  value(name: string, value: unknown): void {
    this.#add(`${this.#separator}${JSON.stringify(name)}:${JSON.stringify(value)}`);
    this.#separator = ',';
  }

  begin(name: string): void {
    this.#add(`${this.#separator}${JSON.stringify(name)}:{`);
    this.#separator = '';
  }

  end(): void {
    this.#add('}');
    this.#separator = ',';
  }

  finish(): Uint8Array {
    this.#pieces.push(encoder.encode(`${this.#text}}`));
    const whole = new Uint8Array(this.#pieces.reduce((length, piece) => length + piece.length, 0));
    let at = 0;
    for (const piece of this.#pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }

  #add(text: string): void {
    this.#text += text;
    if (this.#text.length < PIECE) return;
    this.#pieces.push(encoder.encode(this.#text));
    this.#text = '';
  }
}
