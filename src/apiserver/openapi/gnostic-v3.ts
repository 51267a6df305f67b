// OpenAPI v3 in protobuf: those messages of openapiv3/OpenAPIv3.proto of google/gnostic-models that our documents have.

import {
  any,
  boxed,
  double,
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

const referred = message({ $ref: [1, text] });

/** SchemaOrReference. Schemas hold schemas: the inner ones are looked up when they are written. */
const schema: Form = either((value) => ('$ref' in (value as object) ? boxed(2, referred) : boxed(1, schemaMessage)));

/** DefaultType, which has no form for objects and lists: they come out empty, as upstream's do. */
const defaultValue: Form = (writer, fieldNumber, value) => {
  const forms: Readonly<Record<string, readonly [number, Form]>> = {
    number: [1, double],
    boolean: [2, flag],
    string: [3, text],
  };
  const [inner, form] = forms[typeof value] ?? [0, message({})];
  if (inner === 0) form(writer, fieldNumber, {});
  else boxed(inner, form)(writer, fieldNumber, value);
};

const schemaMessage = message(
  {
    uniqueItems: [20, flag],
    required: [23, texts],
    enum: [24, each(any)],
    type: [25, text],
    allOf: [26, each(schema)],
    oneOf: [27, each(schema)],
    items: [30, boxed(1, schema)],
    properties: [31, boxed(1, entries(schema))],
    additionalProperties: [32, boxed(1, schema)],
    default: [33, defaultValue],
    description: [34, text],
    format: [35, text],
  },
  { extensions: 36 },
);

const content = boxed(1, entries(message({ schema: [1, schema] })));
const parameter = boxed(1, message({ name: [1, text], in: [2, text], required: [4, flag], schema: [10, schema] }));
const requestBody = boxed(1, message({ content: [2, content], required: [3, flag] }));
const response = boxed(1, message({ description: [1, text], content: [3, content] }));
const operation = message(
  {
    tags: [1, texts],
    operationId: [5, text],
    parameters: [6, each(parameter)],
    requestBody: [7, requestBody],
    responses: [8, boxed(2, entries(response))],
  },
  { extensions: 13 },
);
const pathItem = message({
  get: [4, operation],
  put: [5, operation],
  post: [6, operation],
  delete: [7, operation],
  options: [8, operation],
  head: [9, operation],
  patch: [10, operation],
  parameters: [13, each(parameter)],
});
const apiKey = message({ type: [1, text], description: [2, text], name: [3, text], in: [4, text] });

export const GNOSTIC_V3: Layout = {
  values: {
    openapi: [1, text],
    info: [2, message({ title: [1, text], version: [6, text] })],
  },
  sections: {
    paths: [4, { entries: [1, pathItem] }],
    components: [
      5,
      {
        values: { securitySchemes: [7, boxed(1, entries(boxed(1, apiKey)))] },
        sections: { schemas: [1, { entries: [1, schema] }] },
      },
    ],
  },
};
