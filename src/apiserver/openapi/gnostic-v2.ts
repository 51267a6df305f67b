// OpenAPI v2 in protobuf, as client-go and helm ask for it: those messages of openapiv2/OpenAPIv2.proto of
// google/gnostic-models that our documents have.

import {
  any,
  boxed,
  each,
  either,
  entries,
  type Form,
  flag,
  type Layout,
  message,
  text,
  texts,
} from './gnostic-forms.ts';

/** Schemas hold schemas: the inner ones are looked up when they are written. */
const schema: Form = (writer, fieldNumber, value) => schemaMessage(writer, fieldNumber, value);
const schemaMessage = message(
  {
    $ref: [1, text],
    format: [2, text],
    description: [4, text],
    required: [19, texts],
    enum: [20, each(any)],
    additionalProperties: [21, boxed(1, schema)],
    type: [22, boxed(1, text)],
    items: [23, boxed(1, schema)],
    properties: [25, boxed(1, entries(schema))],
  },
  { extensions: 31 },
);

const NAMED = { required: [1, flag], in: [2, text], name: [4, text] } as const;
/** Parameter and, but for bodies, NonBodyParameter. */
const PARAMETERS: Readonly<Record<string, Form>> = {
  body: boxed(1, message({ name: [2, text], in: [3, text], required: [4, flag], schema: [5, schema] })),
  query: boxed(2, boxed(3, message({ ...NAMED, type: [6, text], uniqueItems: [20, flag] }))),
  path: boxed(2, boxed(4, message({ ...NAMED, type: [5, text], uniqueItems: [19, flag] }))),
};
const parameter = either((value) => {
  const place = (value as { readonly in: string }).in;
  const form = PARAMETERS[place];
  if (!form) throw new TypeError(`a parameter in ${place} has no place in OpenAPI's protobuf`);
  return form;
});
const referred = message({ $ref: [1, text] });
/** ParametersItem: a parameter, or where it is to be found. */
const parameterItem = either((value) => ('$ref' in (value as object) ? boxed(2, referred) : boxed(1, parameter)));

const response = message({ description: [1, text], schema: [2, boxed(1, schema)] });
const operation = message(
  {
    tags: [1, texts],
    operationId: [5, text],
    produces: [6, texts],
    consumes: [7, texts],
    parameters: [8, each(parameterItem)],
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
  parameters: [9, each(parameterItem)],
});
const apiKey = message({ type: [1, text], name: [2, text], in: [3, text], description: [4, text] });

export const GNOSTIC_V2: Layout = {
  values: {
    swagger: [1, text],
    info: [2, message({ title: [1, text], version: [2, text] })],
    security: [12, each(boxed(1, entries(boxed(1, texts))))],
    securityDefinitions: [13, boxed(1, entries(boxed(2, apiKey)))],
  },
  sections: {
    paths: [8, { entries: [2, pathItem] }],
    definitions: [9, { entries: [1, schema] }],
    parameters: [10, { entries: [1, parameter] }],
  },
};
