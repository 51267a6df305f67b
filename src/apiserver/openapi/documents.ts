// OpenAPI documents out of the declarations: version 2 with everything in one, version 3 with one for each group and
// version and a few small ones. They are written bit by bit, with turns for others in between.

import type { Kind } from '../../api/kind.ts';
import type { Breather } from '../../base/breather.ts';
import type { ServedGroup, ServedVersion } from '../discovery/served-groups.ts';
import { definitionName } from './definition-names.ts';
import { Definitions } from './definitions.ts';
import { OPENAPI_V2, OPENAPI_V3, type Schema } from './dialect.ts';
import type { DocumentWriter } from './document-writer.ts';
import { type Operation, operationsOf } from './operations.ts';
import { type OperationWriter, operationsV2, operationsV3, pathItem } from './path-items.ts';
import { PayloadSchemas } from './payload-schemas.ts';
import { groupOperation, resourcesOperation, SERVER_OPERATIONS } from './server-operations.ts';
import { SharedParameters } from './shared-parameters.ts';
import type { DescribeType } from './type-description.ts';

export interface DocumentDependencies {
  /** Keeps the stretches of work short. */
  readonly breather: Breather;
  readonly describe: DescribeType;
  /** The release that is documented: `v1.36.0`. */
  readonly version: string;
}

const TOKEN: Schema = {
  description: 'Bearer Token authentication',
  type: 'apiKey',
  name: 'authorization',
  in: 'header',
};

export async function writeOpenApiV2(
  deps: DocumentDependencies,
  groups: readonly ServedGroup[],
  writer: DocumentWriter,
): Promise<void> {
  const versions = groups.flatMap((group) => group.versions);
  const definitions = new Definitions(OPENAPI_V2);
  const shared = new SharedParameters();
  const operations = [
    ...Object.values(SERVER_OPERATIONS),
    ...groups.flatMap(({ name }) => (name === '' ? [] : [groupOperation(name)])),
    ...versions.map(resourcesOperation),
    ...(await kindOperations(
      deps,
      versions.flatMap(({ kinds }) => kinds),
    )),
  ];
  writer.value('swagger', '2.0');
  writer.value('info', { title: 'Kubernetes', version: deps.version });
  await writePaths(deps, writer, operationsV2(new PayloadSchemas(definitions, versions), shared), operations);
  await writeDefinitions(deps, writer, 'definitions', definitions);
  writer.begin('parameters');
  for (const [name, parameter] of shared.entries) writer.value(name, parameter);
  writer.end();
  writer.value('securityDefinitions', { BearerToken: TOKEN });
  writer.value('security', [{ BearerToken: [] }]);
}

/** The document of one group and version. */
export async function writeVersionV3(
  deps: DocumentDependencies,
  version: ServedVersion,
  writer: DocumentWriter,
): Promise<void> {
  const operations = [resourcesOperation(version), ...(await kindOperations(deps, version.kinds))];
  return writeOpenApiV3(deps, operations, [version], writer);
}

export function writeGroupV3(deps: DocumentDependencies, group: ServedGroup, writer: DocumentWriter): Promise<void> {
  return writeOpenApiV3(deps, [groupOperation(group.name)], [], writer);
}

/** One of those that are always there. */
export function writeServerV3(deps: DocumentDependencies, operation: Operation, writer: DocumentWriter): Promise<void> {
  return writeOpenApiV3(deps, [operation], [], writer);
}

async function writeOpenApiV3(
  deps: DocumentDependencies,
  operations: readonly Operation[],
  groupVersions: readonly ServedVersion[],
  writer: DocumentWriter,
): Promise<void> {
  const definitions = new Definitions(OPENAPI_V3);
  writer.value('openapi', '3.0.0');
  writer.value('info', { title: 'Kubernetes', version: deps.version });
  await writePaths(deps, writer, operationsV3(new PayloadSchemas(definitions, groupVersions)), operations);
  writer.begin('components');
  await writeDefinitions(deps, writer, 'schemas', definitions);
  writer.value('securitySchemes', { BearerToken: TOKEN });
  writer.end();
}

async function kindOperations(
  { breather }: DocumentDependencies,
  kinds: readonly Kind[],
): Promise<readonly Operation[]> {
  const operations: Operation[] = [];
  for (const kind of kinds) {
    operations.push(...operationsOf(kind));
    await breather.breathe();
  }
  return operations;
}

async function writePaths(
  { breather }: DocumentDependencies,
  writer: DocumentWriter,
  operationWriter: OperationWriter,
  operations: readonly Operation[],
): Promise<void> {
  const byPath = Map.groupBy(operations, ({ path }) => path);
  writer.begin('paths');
  for (const [path, ofPath] of [...byPath].sort(([a], [b]) => (a < b ? -1 : 1))) {
    writer.value(path, pathItem(operationWriter, ofPath));
    await breather.breathe();
  }
  writer.end();
}

async function writeDefinitions(
  { breather, describe }: DocumentDependencies,
  writer: DocumentWriter,
  section: string,
  definitions: Definitions,
): Promise<void> {
  const { typeNames } = definitions;
  if (typeNames.length === 0) return;
  writer.begin(section);
  for (const name of typeNames) {
    writer.value(definitionName(name), definitions.schemaOf(name, await describe(name)));
    await breather.breathe();
  }
  writer.end();
}
