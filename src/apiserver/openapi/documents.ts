// OpenAPI documents out of the declarations: version 2 with everything in one, version 3 with one for each group and version.
// They are made kind by kind, with turns for others in between.

import type { Kind } from '../../api/kind.ts';
import { DeleteOptions } from '../../api/meta/options.ts';
import { Status } from '../../api/meta/status.ts';
import { nextTurn } from '../../base/next-turn.ts';
import { Definitions, OPENAPI_V2, OPENAPI_V3, type Schema } from './definitions.ts';
import { type Operation, operationsOf, type Payload, type QueryParameter } from './operations.ts';

const BODY_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const PATCH_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];
const STREAM_TYPES = [
  ...BODY_TYPES,
  'application/json;stream=watch',
  'application/vnd.kubernetes.protobuf;stream=watch',
];
const PATCH_BODY: Schema = { type: 'object' };

export async function openApiV2(kinds: readonly Kind[], version: string): Promise<Schema> {
  const definitions = new Definitions(OPENAPI_V2);
  const paths = await pathsOf(kinds, definitions, operationV2, (parameter) => ({ ...parameterV2(parameter, 'path') }));
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version },
    paths,
    definitions: sorted(definitions.schemas),
    securityDefinitions: {
      BearerToken: {
        description: 'Bearer Token authentication',
        type: 'apiKey',
        name: 'authorization',
        in: 'header',
      },
    },
    security: [{ BearerToken: [] }],
  };
}

/** The document of one group and version. */
export async function openApiV3(kinds: readonly Kind[], version: string): Promise<Schema> {
  const definitions = new Definitions(OPENAPI_V3);
  const paths = await pathsOf(kinds, definitions, operationV3, parameterV3Path);
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version },
    paths,
    components: {
      schemas: sorted(definitions.schemas),
      securitySchemes: {
        BearerToken: {
          type: 'apiKey',
          description: 'Bearer Token authentication',
          name: 'authorization',
          in: 'header',
        },
      },
    },
  };
}

async function pathsOf(
  kinds: readonly Kind[],
  definitions: Definitions,
  describe: (definitions: Definitions, operation: Operation) => Schema,
  pathParameter: (name: string) => Schema,
): Promise<Schema> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const kind of kinds) {
    definitions.root(kind.schema, [kind]);
    if (kind.verbs.includes('list')) definitions.list(kind);
    for (const operation of operationsOf(kind)) {
      paths[operation.path] ??= {
        ...(operation.pathParameters.length > 0 ? { parameters: operation.pathParameters.map(pathParameter) } : {}),
      };
      (paths[operation.path] as Record<string, unknown>)[operation.method] = describe(definitions, operation);
    }
    for (const subresource of Object.values(kind.subresources)) {
      if (subresource.type === 'action') definitions.root(subresource.schema, [subresource]);
    }
    await nextTurn();
  }
  definitions.root(Status, [{ group: '', version: 'v1', kind: 'Status' }]);
  definitions.root(DeleteOptions, [{ group: '', version: 'v1', kind: 'DeleteOptions' }]);
  return Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function schemaOf(definitions: Definitions, payload: Payload): Schema {
  switch (payload.type) {
    case 'struct':
      return definitions.ref(payload.struct);
    case 'list':
      return definitions.list(payload.kind);
    case 'status':
      return definitions.ref(Status);
    case 'text':
      return { type: 'string' };
    default:
      return payload satisfies never;
  }
}

function common({ id, tag, action, identity }: Operation): Schema {
  const { group, version, kind } = identity;
  return {
    tags: [tag],
    operationId: id,
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group, kind, version },
  };
}

/** A delete may bring its options along. */
function bodyOf(definitions: Definitions, operation: Operation): Schema | undefined {
  if (operation.isPatch) return PATCH_BODY;
  if (operation.body) return schemaOf(definitions, operation.body);
  return operation.method === 'delete' && operation.response.type === 'status'
    ? definitions.ref(DeleteOptions)
    : undefined;
}

function typesOf({ response, action }: Operation): readonly string[] {
  if (response.type === 'text') return ['*/*'];
  return action === 'list' ? STREAM_TYPES : BODY_TYPES;
}

function operationV2(definitions: Definitions, operation: Operation): Schema {
  const body = bodyOf(definitions, operation);
  const parameters = operation.query.map(({ name, type }) => parameterV2(name, 'query', type));
  if (body) parameters.push({ name: 'body', in: 'body', required: operation.method !== 'delete', schema: body });
  return {
    ...common(operation),
    consumes: operation.isPatch ? PATCH_TYPES : ['*/*'],
    produces: typesOf(operation),
    schemes: ['https'],
    parameters,
    responses: responsesOf(operation, { schema: schemaOf(definitions, operation.response) }),
  };
}

function parameterV2(name: string, place: 'path' | 'query', type = 'string'): Schema {
  return { uniqueItems: true, type, name, in: place, ...(place === 'path' ? { required: true } : {}) };
}

function operationV3(definitions: Definitions, operation: Operation): Schema {
  const body = bodyOf(definitions, operation);
  const types = operation.isPatch ? PATCH_TYPES : ['*/*'];
  return {
    ...common(operation),
    parameters: operation.query.map(parameterV3),
    ...(body ? { requestBody: { required: operation.method !== 'delete', content: contentOf(types, body) } } : {}),
    responses: responsesOf(operation, {
      content: contentOf(typesOf(operation), schemaOf(definitions, operation.response)),
    }),
  };
}

function parameterV3({ name, type }: QueryParameter): Schema {
  return { name, in: 'query', schema: { type, uniqueItems: true } };
}

function parameterV3Path(name: string): Schema {
  return { name, in: 'path', required: true, schema: { type: 'string', uniqueItems: true } };
}

function contentOf(types: readonly string[], schema: Schema): Schema {
  return Object.fromEntries(types.map((type) => [type, { schema }]));
}

function responsesOf({ method, action }: Operation, ok: Schema): Schema {
  const codes: Record<string, Schema> = { 200: { description: 'OK', ...ok } };
  if (action === 'post' || action === 'put' || action === 'patch') codes['201'] = { description: 'Created', ...ok };
  if (method === 'delete' || action === 'post') codes['202'] = { description: 'Accepted', ...ok };
  codes['401'] = { description: 'Unauthorized' };
  return codes;
}

function sorted(schemas: ReadonlyMap<string, Schema>): Schema {
  return Object.fromEntries([...schemas].sort(([a], [b]) => (a < b ? -1 : 1)));
}
