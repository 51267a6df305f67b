// Operations as OpenAPI writes them: everything about one path together, in either version.

import type { Schema } from './dialect.ts';
import type { Operation } from './operations.ts';
import type { PayloadSchemas } from './payload-schemas.ts';
import type { Parameter } from './requests.ts';
import type { SharedParameters } from './shared-parameters.ts';

const CODE_TEXTS = { 200: 'OK', 201: 'Created', 202: 'Accepted' } as const;
const UNAUTHORIZED = { 401: { description: 'Unauthorized' } };

/** What a version of OpenAPI makes of operations. */
export interface OperationWriter {
  operation(operation: Operation, parameters: readonly Parameter[]): Schema;
  parameter(parameter: Parameter): Schema;
}

/** The operations of one path. Parameters that all of them take are said once. */
export function pathItem(writer: OperationWriter, operations: readonly Operation[]): Schema {
  const [first] = operations;
  const isCommon = ({ name, in: place }: Parameter) =>
    operations.every(({ parameters }) => parameters.some((other) => other.name === name && other.in === place));
  const common = sorted(first?.parameters.filter(isCommon) ?? []);
  return {
    ...Object.fromEntries(
      operations.map((operation) => {
        const own = sorted(operation.parameters.filter((parameter) => !isCommon(parameter)));
        return [operation.method, writer.operation(operation, own)];
      }),
    ),
    ...(common.length > 0 ? { parameters: common.map((parameter) => writer.parameter(parameter)) } : {}),
  };
}

function sorted(parameters: readonly Parameter[]): readonly Parameter[] {
  const key = ({ name, in: place }: Parameter) => `${name} ${place}`;
  return parameters.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

export function operationsV3(payloads: PayloadSchemas): OperationWriter {
  const contentOf = (types: readonly string[], schema: Schema) =>
    Object.fromEntries(types.map((type) => [type, { schema }]));
  return {
    operation(operation, parameters) {
      const { body, consumes, produces, response } = operation;
      const content = contentOf(produces, payloads.schemaOf(response));
      return {
        ...namesOf(operation),
        ...(parameters.length > 0 ? { parameters: parameters.map((parameter) => this.parameter(parameter)) } : {}),
        ...(body
          ? { requestBody: { content: contentOf(consumes, payloads.schemaOf(body)), ...requiredBody(operation) } }
          : {}),
        responses: responsesOf(operation, { content }),
        ...extensionsOf(operation),
      };
    },
    parameter({ name, in: place, type }) {
      const required = place === 'path' ? { required: true } : {};
      return { name, in: place, ...required, schema: { type, uniqueItems: true } };
    },
  };
}

export function operationsV2(payloads: PayloadSchemas, shared: SharedParameters): OperationWriter {
  const bodyOf = (operation: Operation): readonly Schema[] => {
    const { body } = operation;
    if (!body) return [];
    const parameter = {
      name: 'body',
      in: 'body',
      ...requiredBody(operation),
      schema: payloads.schemaOf(body),
    };
    return [body.type === 'object' ? parameter : shared.share(parameter)];
  };
  return {
    operation(operation, parameters) {
      const { consumes, produces, response } = operation;
      const all = [...bodyOf(operation), ...parameters.map((parameter) => this.parameter(parameter))];
      return {
        ...namesOf(operation),
        ...(consumes.length > 0 ? { consumes } : {}),
        produces,
        schemes: ['https'],
        ...(all.length > 0 ? { parameters: all } : {}),
        responses: responsesOf(operation, { schema: payloads.schemaOf(response) }),
        ...extensionsOf(operation),
      };
    },
    parameter({ name, in: place, type }) {
      const required = place === 'path' ? { required: true } : {};
      return shared.share({ uniqueItems: true, type, name, in: place, ...required });
    },
  };
}

function namesOf({ id, tag }: Operation): Schema {
  return { tags: [tag], operationId: id };
}

function extensionsOf({ about }: Operation): Schema {
  if (!about) return {};
  const { group, version, kind } = about.identity;
  return {
    'x-kubernetes-action': about.action,
    'x-kubernetes-group-version-kind': { group, kind, version },
  };
}

/** The options of a delete may be left out. */
function requiredBody({ body }: Operation): Schema {
  return body?.type === 'delete options' ? {} : { required: true };
}

function responsesOf({ codes }: Operation, ok: Schema): Schema {
  return {
    ...Object.fromEntries(codes.map((code) => [code, { description: CODE_TEXTS[code], ...ok }])),
    ...UNAUTHORIZED,
  };
}
