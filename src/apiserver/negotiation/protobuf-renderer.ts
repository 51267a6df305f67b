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
import { nextTurn } from '../../base/under-way.ts';
import type { ObjectVersion } from '../watch/object-version.ts';
import { type MetaVersion, type Negotiated, notAcceptable } from './accept.ts';
import { concatenated, inChunks, type Renderer } from './renderer.ts';
import { metaTypes } from './table.ts';

const STATUS_TYPE: ObjectType = { group: '', version: 'v1', kind: 'Status', schema: Status };
function metadataType(version: MetaVersion): ObjectType & { readonly listKind: string } {
  const { metadata, metadataList } = metaTypes(version);
  const schema = PartialObjectMetadata;
  return { group: 'meta.k8s.io', version, kind: metadata.kind, listKind: metadataList.kind, schema };
}

/** So many objects are encoded before other requests get a turn. */
const SLICE = 100;

export function protobufRenderer(
  kind: Kind,
  { shape, metaVersion }: Pick<Negotiated, 'shape' | 'metaVersion'>,
): Renderer {
  const type = shape === 'metadata' ? metadataType(metaVersion) : kind;
  const name = `protobuf ${type.kind}`;
  // Metadata alone is a message of an object's metadata, whichever version of meta.k8s.io is around it.
  const messageOf = (version: ObjectVersion): Uint8Array =>
    version.encoding(name, () => encodeMessage(type.schema, version.object));
  const whole = (version: ObjectVersion) => wrapMessage(type, messageOf(version));
  return {
    name: `${name} ${type.version} of ${kind.apiVersion} ${kind.kind}`,
    contentType: PROTOBUF_CONTENT_TYPE,
    streamType: `${PROTOBUF_CONTENT_TYPE};stream=watch`,
    startsDifferently: false,
    version: whole,
    value(object, valueType) {
      const declared = valueType ?? ((object as AnyObject).kind === 'Status' ? STATUS_TYPE : undefined);
      if (!declared) throw notAcceptable(['application/json', 'application/yaml']);
      return encodeProtobuf(shape === 'metadata' && declared !== STATUS_TYPE ? type : declared, object);
    },
    async *list(versions, metadata, buffers) {
      const messages: Uint8Array[] = [];
      for (const version of versions) {
        messages.push(messageOf(version));
        if (messages.length % SLICE === 0) await nextTurn();
      }
      yield* inChunks(encodeList(type, metadata, messages), buffers);
    },
    changes: (changes) =>
      concatenated(changes.map(({ type: change, version }) => encodeWatchFrame(change, whole(version)))),
    bookmark: (metadata) => encodeWatchFrame('BOOKMARK', encodeProtobuf(type, { metadata })),
    error: (status) => encodeWatchFrame('ERROR', encodeProtobuf(STATUS_TYPE, status)),
  };
}
