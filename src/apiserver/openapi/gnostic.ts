// The OpenAPI v2 document in protobuf, as client-go and helm ask for it: the messages of openapiv2/OpenAPIv2.proto of
// google/gnostic-models, of which those parts are here that our documents have.

import { nextTurn } from '../../base/next-turn.ts';
import { ProtobufWriter, WIRE_BYTES, WIRE_VARINT } from '../../base/protobuf.ts';
import type { Schema } from './definitions.ts';

/** Writes a value as the field of that number. */
type Form = (writer: ProtobufWriter, fieldNumber: number, value: unknown) => void;

interface MessageOptions {
  /** The number of the field that takes what begins with `x-`. */
  readonly extensions?: number;
}

/** So many paths or definitions are written before others get a turn. */
const SLICE = 25;

const text: Form = (writer, fieldNumber, value) => {
  writer.tag(fieldNumber, WIRE_BYTES);
  writer.string(value as string);
};

const flag: Form = (writer, fieldNumber, value) => {
  writer.tag(fieldNumber, WIRE_VARINT);
  writer.bool(value as boolean);
};

/** Any value, as YAML, which JSON is. */
const any: Form = (writer, fieldNumber, value) => {
  within(writer, fieldNumber, () => text(writer, 2, `${JSON.stringify(value)}\n`));
};

const each =
  (form: Form): Form =>
  (writer, fieldNumber, value) => {
    for (const element of value as readonly unknown[]) form(writer, fieldNumber, element);
  };

/** A message with one field, which is the value. */
const boxed =
  (inner: number, form: Form): Form =>
  (writer, fieldNumber, value) =>
    within(writer, fieldNumber, () => form(writer, inner, value));

/** The entries of a map, each a message of name and value. */
const entries =
  (form: Form): Form =>
  (writer, fieldNumber, value) => {
    for (const [name, entry] of Object.entries(value as object)) named(writer, fieldNumber, name, form, entry);
  };

/** Throws TypeError for a field that is not declared: nothing is left out in silence. */
const message =
  (fields: Readonly<Record<string, readonly [number, Form]>>, { extensions }: MessageOptions = {}): Form =>
  (writer, fieldNumber, value) =>
    within(writer, fieldNumber, () => {
      for (const [name, member] of Object.entries(value as object)) {
        const field = fields[name];
        if (field) field[1](writer, field[0], member);
        else if (extensions !== undefined && name.startsWith('x-')) named(writer, extensions, name, any, member);
        else throw new TypeError(`${name} has no place in OpenAPI's protobuf`);
      }
    });

const texts = each(text);

/** Schemas hold schemas: the inner ones are looked up when they are written. */
const schema: Form = (writer, fieldNumber, value) => schemaMessage(writer, fieldNumber, value);
const schemaMessage = message(
  {
    $ref: [1, text],
    format: [2, text],
    description: [4, text],
    default: [5, any],
    required: [19, texts],
    enum: [20, each(any)],
    additionalProperties: [21, boxed(1, schema)],
    type: [22, boxed(1, text)],
    items: [23, boxed(1, schema)],
    allOf: [24, each(schema)],
    properties: [25, boxed(1, entries(schema))],
  },
  { extensions: 31 },
);

const bodyParameter = message({ name: [2, text], in: [3, text], required: [4, flag], schema: [5, schema] });
const NAMED = { required: [1, flag], in: [2, text], name: [4, text] } as const;
const queryParameter = message({ ...NAMED, type: [6, text], uniqueItems: [20, flag] });
const pathParameter = message({ ...NAMED, type: [5, text], uniqueItems: [19, flag] });
/** ParametersItem, Parameter and, but for bodies, NonBodyParameter. */
const PARAMETERS: Readonly<Record<string, Form>> = {
  body: boxed(1, boxed(1, bodyParameter)),
  query: boxed(1, boxed(2, boxed(3, queryParameter))),
  path: boxed(1, boxed(2, boxed(4, pathParameter))),
};
const parameter: Form = (writer, fieldNumber, value) => {
  const place = (value as { readonly in: string }).in;
  const form = PARAMETERS[place];
  if (!form) throw new TypeError(`a parameter in ${place} has no place in OpenAPI's protobuf`);
  form(writer, fieldNumber, value);
};

const response = message({ description: [1, text], schema: [2, boxed(1, schema)] });
const operation = message(
  {
    tags: [1, texts],
    description: [3, text],
    operationId: [5, text],
    produces: [6, texts],
    consumes: [7, texts],
    parameters: [8, each(parameter)],
    responses: [9, boxed(1, entries(boxed(1, response)))],
    schemes: [10, texts],
  },
  { extensions: 13 },
);
const pathItem = message({
  get: [2, operation],
  put: [3, operation],
  post: [4, operation],
  delete: [5, operation],
  options: [6, operation],
  head: [7, operation],
  patch: [8, operation],
  parameters: [9, each(parameter)],
});
const info = message({ title: [1, text], version: [2, text] });
const apiKey = message({ type: [1, text], name: [2, text], in: [3, text], description: [4, text] });
const requirement = boxed(1, entries(boxed(1, texts)));

/** The form that kube-openapi writes. Takes turns with others, for the document is long. */
export async function openApiProtobuf(document: Schema): Promise<Uint8Array> {
  const { swagger, info: about, paths, definitions, security, securityDefinitions, ...others } = document;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new TypeError(`${unknown} has no place in OpenAPI's protobuf`);
  const writer = new ProtobufWriter(4 * 1024 * 1024);
  text(writer, 1, swagger);
  info(writer, 2, about);
  await longMap(writer, 8, { inner: 2, form: pathItem }, paths as object);
  await longMap(writer, 9, { inner: 1, form: schema }, definitions as object);
  each(requirement)(writer, 12, security);
  boxed(1, entries(boxed(2, apiKey)))(writer, 13, securityDefinitions);
  return writer.finish();
}

async function longMap(
  writer: ProtobufWriter,
  fieldNumber: number,
  { inner, form }: { readonly inner: number; readonly form: Form },
  map: object,
): Promise<void> {
  writer.tag(fieldNumber, WIRE_BYTES);
  const mark = writer.begin();
  let written = 0;
  for (const [name, value] of Object.entries(map)) {
    named(writer, inner, name, form, value);
    if (++written % SLICE === 0) await nextTurn();
  }
  writer.end(mark);
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
