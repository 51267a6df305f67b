// The documents that there are at present, by name. They are made when they are asked for; what stays of them is a hash.

import { encodeJson } from '../../api/json-encode.ts';
import { Breather } from '../../base/breather.ts';
import type { Clock } from '../../base/clock.ts';
import { onceDone, remembered } from '../../base/remembered.ts';
import { fingerprint } from '../discovery/digest.ts';
import { groupVersionOf, type ServedGroup, type ServedGroups, type ServedVersion } from '../discovery/served-groups.ts';
import { ByteShelf, type Make } from './byte-shelf.ts';
import { type DocumentWriter, JsonWriter } from './document-writer.ts';
import { type DocumentDependencies, writeGroupV3, writeOpenApiV2, writeServerV3, writeVersionV3 } from './documents.ts';
import { GnosticWriter, type Layout } from './gnostic-forms.ts';
import { GNOSTIC_V2 } from './gnostic-v2.ts';
import { GNOSTIC_V3 } from './gnostic-v3.ts';
import { SERVER_OPERATIONS } from './server-operations.ts';
import type { DescribeType } from './type-description.ts';

export interface OpenApiDependencies {
  readonly clock: Clock;
  /** Absent: nothing is described. */
  readonly describe?: DescribeType;
}

export interface OpenApiDocument {
  /** Of its content, whatever the form. */
  hash(): Promise<string>;
  json(): Promise<Uint8Array>;
  protobuf(): Promise<Uint8Array>;
}

export interface OpenApiDocuments {
  readonly v2: OpenApiDocument;
  /** By name: `api/v1`, `apis/apps`, `version`. */
  readonly v3: ReadonlyMap<string, OpenApiDocument>;
  /** Where those of version 3 are; the hash in an address lets clients keep what is there for good. */
  index(): Promise<{ readonly bytes: Uint8Array; readonly hash: string }>;
}

/** Version 2 in both forms is some 3 MB, and so is all of version 3 in one. */
const SHELF_BYTES = 6 * 1024 * 1024;

type Write = (writer: DocumentWriter) => Promise<void>;

/** `version`: the release that is documented, `v1.36.0`. Documents stay as they are while what they are of does. */
export function openApiDocuments(
  { clock, describe = async () => undefined }: OpenApiDependencies,
  served: ServedGroups,
  version: string,
): () => OpenApiDocuments {
  const shelf = new ByteShelf({ limitBytes: SHELF_BYTES });
  const deps: DocumentDependencies = { breather: new Breather(clock), describe, version };
  const documentOf = (layout: Layout, write: Write) => openApiDocument(shelf, layout, write);
  const ofServer = Object.entries(SERVER_OPERATIONS).map(([name, operation]) => {
    return [name, documentOf(GNOSTIC_V3, (writer) => writeServerV3(deps, operation, writer))] as const;
  });
  const ofGroup = remembered((group: ServedGroup) =>
    documentOf(GNOSTIC_V3, (writer) => writeGroupV3(deps, group, writer)),
  );
  const ofVersion = remembered((one: ServedVersion) =>
    documentOf(GNOSTIC_V3, (writer) => writeVersionV3(deps, one, writer)),
  );
  const ofAll = remembered((groups: readonly ServedGroup[]): OpenApiDocuments => {
    const v3 = new Map<string, OpenApiDocument>(ofServer);
    for (const group of groups) {
      if (group.name !== '') v3.set(`apis/${group.name}`, ofGroup(group));
      for (const one of group.versions) {
        v3.set(`${one.group === '' ? 'api' : 'apis'}/${groupVersionOf(one)}`, ofVersion(one));
      }
    }
    const v2 = documentOf(GNOSTIC_V2, (writer) => writeOpenApiV2(deps, groups, writer));
    return { v2, v3, index: onceDone(() => indexOf(v3)) };
  });
  return () => ofAll(served());
}

function openApiDocument(shelf: ByteShelf, layout: Layout, write: Write): OpenApiDocument {
  const made =
    (writerOf: () => DocumentWriter): Make =>
    async () => {
      const writer = writerOf();
      await write(writer);
      return writer.finish();
    };
  const json = made(() => new JsonWriter());
  const protobuf = made(() => new GnosticWriter(layout));
  let hash: string | undefined;
  return {
    async hash() {
      hash ??= await fingerprint(await shelf.get(json));
      return hash;
    },
    json: () => shelf.get(json),
    protobuf: () => shelf.get(protobuf),
  };
}

async function indexOf(documents: ReadonlyMap<string, OpenApiDocument>) {
  const paths: Record<string, { readonly serverRelativeURL: string }> = {};
  for (const [name, document] of [...documents].sort(([a], [b]) => (a < b ? -1 : 1))) {
    paths[name] = { serverRelativeURL: addressOf(name, await document.hash()) };
  }
  const bytes = encodeJson({ paths });
  return { bytes, hash: await fingerprint(bytes) };
}

export function addressOf(name: string, hash: string): string {
  return `/openapi/v3/${name}?hash=${hash}`;
}
