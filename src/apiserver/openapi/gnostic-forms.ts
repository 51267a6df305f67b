// How OpenAPI documents are put into protobuf: the ways in which google/gnostic-models writes values, which versions 2
// and 3 share, and a writer that goes by a layout of them. Nothing is left out in silence: what has no place is refused.

import { ProtobufWriter, WIRE_BYTES, WIRE_FIXED64, WIRE_VARINT } from '../../base/protobuf.ts';
import type { DocumentWriter } from './document-writer.ts';

/** Writes a value as the field of that number. */
export type Form = (writer: ProtobufWriter, fieldNumber: number, value: unknown) => void;

export const text: Form = (writer, fieldNumber, value) => {
  writer.tag(fieldNumber, WIRE_BYTES);
  writer.string(value as string);
};

export const flag: Form = (writer, fieldNumber, value) => {
  writer.tag(fieldNumber, WIRE_VARINT);
  writer.bool(value as boolean);
};

export const double: Form = (writer, fieldNumber, value) => {
  writer.tag(fieldNumber, WIRE_FIXED64);
  writer.double(value as number);
};

/** Any value, as YAML, which JSON is. */
export const any: Form = (writer, fieldNumber, value) => {
  within(writer, fieldNumber, () => text(writer, 2, `${JSON.stringify(value)}\n`));
};

export const each =
  (form: Form): Form =>
  (writer, fieldNumber, value) => {
    for (const element of value as readonly unknown[]) form(writer, fieldNumber, element);
  };

/** A message with one field, which is the value. */
export const boxed =
  (inner: number, form: Form): Form =>
  (writer, fieldNumber, value) =>
    within(writer, fieldNumber, () => form(writer, inner, value));

/** The entries of a map, each a message of name and value. */
export const entries =
  (form: Form): Form =>
  (writer, fieldNumber, value) => {
    for (const [name, entry] of Object.entries(value as object)) named(writer, fieldNumber, name, form, entry);
  };

/** Chosen by the value. */
export const either =
  (choose: (value: unknown) => Form): Form =>
  (writer, fieldNumber, value) =>
    choose(value)(writer, fieldNumber, value);

export const texts = each(text);

export type Fields = Readonly<Record<string, readonly [fieldNumber: number, Form]>>;

/** `extensions`: the number of the field that takes what begins with `x-`. */
export const message =
  (fields: Fields, { extensions }: { readonly extensions?: number } = {}): Form =>
  (writer, fieldNumber, value) =>
    within(writer, fieldNumber, () => {
      for (const [name, member] of Object.entries(value as object)) {
        const field = fields[name];
        if (field) field[1](writer, field[0], member);
        else if (extensions !== undefined && name.startsWith('x-')) named(writer, extensions, name, any, member);
        else throw unplaced(name);
      }
    });

/** What may stand where: members with forms of their own, members to be filled, or entries of any name. */
export type Layout =
  | { readonly values: Fields; readonly sections: Readonly<Record<string, readonly [fieldNumber: number, Layout]>> }
  | { readonly entries: readonly [fieldNumber: number, Form] };

export class GnosticWriter implements DocumentWriter {
  readonly #writer = new ProtobufWriter(256 * 1024);
  readonly #open: { readonly layout: Layout; readonly mark: number }[] = [];
  #layout: Layout;

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  value(name: string, value: unknown): void {
    if ('entries' in this.#layout) {
      const [fieldNumber, form] = this.#layout.entries;
      named(this.#writer, fieldNumber, name, form, value);
    } else {
      const field = this.#layout.values[name];
      if (!field) throw unplaced(name);
      field[1](this.#writer, field[0], value);
    }
  }

  begin(name: string): void {
    const section = 'sections' in this.#layout ? this.#layout.sections[name] : undefined;
    if (!section) throw unplaced(name);
    this.#writer.tag(section[0], WIRE_BYTES);
    this.#open.push({ layout: this.#layout, mark: this.#writer.begin() });
    this.#layout = section[1];
  }

  end(): void {
    const outer = this.#open.pop();
    if (!outer) throw new TypeError('nothing was begun that could end');
    this.#writer.end(outer.mark);
    this.#layout = outer.layout;
  }

  finish(): Uint8Array {
    return this.#writer.finish();
  }
}

/** A message of a name (1) and a value (2). */
function named(writer: ProtobufWriter, fieldNumber: number, name: string, form: Form, value: unknown): void {
  within(writer, fieldNumber, () => {
    text(writer, 1, name);
    form(writer, 2, value);
  });
}

function within(writer: ProtobufWriter, fieldNumber: number, write: () => void): void {
  writer.tag(fieldNumber, WIRE_BYTES);
  const mark = writer.begin();
  write();
  writer.end(mark);
}

function unplaced(name: string): TypeError {
  return new TypeError(`${name} has no place in OpenAPI's protobuf`);
}
