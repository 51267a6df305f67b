// Operations as OpenAPI writes them: everything about one path together, in either version.

import { DeleteOptions } from '../../api/meta/options.ts';
import { Status } from '../../api/meta/status.ts';
import { WatchEvent } from '../../api/meta/watch-event.ts';
import type { Definitions, GroupVersionKind } from './definitions.ts';
import type { Schema } from './dialect.ts';
import type { Operation } from './operations.ts';
import type { Parameter, Payload } from './requests.ts';

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

export function operationsV3(payloads: Payloads): OperationWriter {
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

/** Query parameters that kubectl up to 1.27 looks for in the operations themselves. Upstream: kube-openapi's parameters.go. */
const NEVER_SHARED = ['fieldValidation', 'dryRun'];

/** Parameters of version 2 that are said once for the whole document. */
export class SharedParameters {
  readonly #parameters = new Map<string, Schema>();

  get entries(): readonly (readonly [string, Schema])[] {
    return [...this.#parameters].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** The parameter, or a reference to it if others may want the same. */
  share(parameter: Schema & { readonly name: string; readonly in: string }): Schema {
    if (parameter.name === 'name' || NEVER_SHARED.includes(parameter.name)) return parameter;
    const text = JSON.stringify(parameter);
    const base = `${parameter.name}-${parameter.in}`;
    for (let variant = 1; ; variant++) {
      const name = variant === 1 ? base : `${base}-${variant}`;
      const known = this.#parameters.get(name);
      if (known === undefined) this.#parameters.set(name, parameter);
      if (known === undefined || JSON.stringify(known) === text) return { $ref: `#/parameters/${name}` };
    }
  }
}

export function operationsV2(payloads: Payloads, shared: SharedParameters): OperationWriter {
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

/** What goes in and out, defined as it is asked for. */
export class Payloads {
  readonly #definitions: Definitions;
  readonly #groupVersions: readonly Omit<GroupVersionKind, 'kind'>[];

  /** `groupVersions`: those which options and events are said to belong to, besides v1. */
  constructor(definitions: Definitions, groupVersions: readonly Omit<GroupVersionKind, 'kind'>[]) {
    this.#definitions = definitions;
    this.#groupVersions = groupVersions;
  }

  schemaOf(payload: Payload): Schema {
    switch (payload.type) {
      case 'struct':
        return this.#definitions.struct(payload.struct);
      case 'object':
        return this.#definitions.object(payload.struct, [payload.identity]);
      case 'list':
        return this.#definitions.list(payload.kind);
      case 'patch':
        return this.#definitions.patch();
      case 'delete options':
        return this.#definitions.object(DeleteOptions, this.#everywhere('DeleteOptions'));
      case 'status':
        return this.#definitions.object(Status, [{ group: '', version: 'v1', kind: 'Status' }]);
      case 'watch event':
        return this.#definitions.struct(WatchEvent, this.#everywhere('WatchEvent'));
      case 'text':
        return { type: 'string' };
      default:
        return payload satisfies never;
    }
  }

  #everywhere(kind: string): readonly GroupVersionKind[] {
    const others = this.#groupVersions.filter(({ group, version }) => group !== '' || version !== 'v1');
    const key = ({ group, version }: Omit<GroupVersionKind, 'kind'>) => `${group} ${version}`;
    return [{ group: '', version: 'v1' }, ...others]
      .sort((a, b) => (key(a) < key(b) ? -1 : 1))
      .map(({ group, version }) => ({ group, version, kind }));
  }
}
