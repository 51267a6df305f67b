// Answers in protobuf. The message of a version is made when it is first asked for and kept with it.

import type { ObjectType } from '../../api/decode-object.ts';
import type { AnyObject, Kind } from '../../api/kind.ts';
import { Status } from '../../api/meta/status.ts';
import { PartialObjectMetadata } from '../../api/meta/table.ts';
import {
  encodeList,
  encodeMessage,
  encodeProtobuf,
  encodeWatchFrame,
  PROTOBUF_CONTENT_TYPE,
  wrapMessage,
} from '../../api/protobuf-codec.ts';
import { nextTurn } from '../../base/next-turn.ts';
import type { ObjectVersion } from '../watch/object-version.ts';
import { notAcceptable, type Shape } from './accept.ts';
import { concatenated, inChunks, type Renderer } from './renderer.ts';
import { partialMetadata } from './table.ts';

const STATUS_TYPE: ObjectType = { group: '', version: 'v1', kind: 'Status', schema: Status };
const METADATA_TYPE = {
  group: 'meta.k8s.io',
  version: 'v1',
  kind: 'PartialObjectMetadata',
  listKind: 'PartialObjectMetadataList',
  schema: PartialObjectMetadata,
};
/** So many objects are encoded before other requests get a turn. */
const SLICE = 100;

export function protobufRenderer(kind: Kind, shape: Shape): Renderer {
  const type = shape === 'metadata' ? METADATA_TYPE : kind;
  const name = `protobuf ${type.kind}`;
  const messageOf = (version: ObjectVersion): Uint8Array =>
    version.encoding(name, () =>
      encodeMessage(type.schema, shape === 'metadata' ? partialMetadata(version.object) : version.object),
    );
  const whole = (version: ObjectVersion) => wrapMessage(type, messageOf(version));
  return {
    name: `${name} ${kind.apiVersion} ${kind.kind}`,
    contentType: PROTOBUF_CONTENT_TYPE,
    streamType: `${PROTOBUF_CONTENT_TYPE};stream=watch`,
    startsDifferently: false,
    version: whole,
    value(object, valueType) {
      const declared = valueType ?? ((object as AnyObject).kind === 'Status' ? STATUS_TYPE : undefined);
      if (!declared) throw notAcceptable(['application/json', 'application/yaml']);
      return encodeProtobuf(declared, object);
    },
    async *list(versions, metadata) {
      const messages: Uint8Array[] = [];
      for (const version of versions) {
        messages.push(messageOf(version));
        if (messages.length % SLICE === 0) await nextTurn();
      }
      yield* inChunks(encodeList(type, metadata, messages));
    },
    changes: (changes) =>
      concatenated(changes.map(({ type: change, version }) => encodeWatchFrame(change, whole(version)))),
    bookmark: (metadata) => encodeWatchFrame('BOOKMARK', encodeProtobuf(type, { metadata })),
    error: (status) => encodeWatchFrame('ERROR', encodeProtobuf(STATUS_TYPE, status)),
  };
}
