// The client's side of a SPDY/3.1 session, as far as remote commands need it: streams that are opened with headers, data
// both ways, and half-closing, which the runtime's WebSocket server cannot do. Answers' headers are not read: nothing in
// them matters here. Frames: the SPDY/3 draft; the use of streams: k8s.io/apimachinery/pkg/util/httpstream/spdy.

import type { Duplex } from 'node:stream';
import { constants, createDeflate, type Deflate } from 'node:zlib';

export interface SpdyStream {
  /** Resolves when the bytes have been handed to the connection. */
  write(data: Buffer): Promise<void>;
  /** No more will be written. */
  end(): void;
  /** What the other side writes, to its end. */
  readonly data: AsyncIterable<Buffer>;
}

const VERSION = 0x8003;
const SYN_STREAM = 1;
const RST_STREAM = 3;
const PING = 6;
const GOAWAY = 7;
const FLAG_FIN = 0x01;
/** Frames are at most 16 MB by their length field; the runtime's are far smaller. */
const MAX_WRITE_BYTES = 16 * 1024;
/** Beyond this nothing more is read until somebody takes what is there. */
const MAX_BUFFERED_BYTES = 1024 * 1024;

interface State {
  readonly id: number;
  readonly chunks: Buffer[];
  ended: boolean;
  wakeReader: (() => void) | undefined;
}

export class SpdySession {
  readonly #socket: Duplex;
  readonly #deflate: Deflate = createDeflate();
  readonly #streams = new Map<number, State>();
  #nextId = 1;
  #received: Buffer = Buffer.alloc(0);
  #closed = false;
  /** Received and not yet taken, of all streams. */
  #buffered = 0;

  /** `head` is what the connection has already given after the upgrade. */
  constructor(socket: Duplex, head: Buffer) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('close', () => this.#endAll());
    socket.on('error', () => this.#endAll());
    if (head.length > 0) this.#receive(head);
  }

  /** Opens a stream with these headers. */
  async open(headers: Readonly<Record<string, string>>): Promise<SpdyStream> {
    const state: State = {
      id: this.#nextId,
      chunks: [],
      ended: false,
      wakeReader: undefined,
    };
    this.#nextId += 2;
    this.#streams.set(state.id, state);
    const block = await this.#compress(headerBlock(headers));
    const frame = Buffer.alloc(10 + block.length);
    frame.writeUInt32BE(state.id, 0);
    block.copy(frame, 10); // Bytes 4 to 10: no associated stream, priority 0, slot 0.
    this.#control(SYN_STREAM, 0, frame);
    return {
      write: (data) => this.#write(state, data),
      end: () => this.#data(state.id, FLAG_FIN, Buffer.alloc(0)),
      data: this.#read(state),
    };
  }

  close(): void {
    this.#control(GOAWAY, 0, Buffer.alloc(8));
    this.#socket.end();
    this.#endAll();
  }

  /**
   * Windows are not kept, in neither direction: the runtime's side (moby/spdystream) never opens ours again, and what it
   * has not read when it closes would reset the connection and lose the end of its output. TCP slows both down.
   */
  async #write(state: State, data: Buffer): Promise<void> {
    for (let at = 0; at < data.length; at += MAX_WRITE_BYTES) {
      if (this.#closed || state.ended) throw new Error('the stream was closed');
      if (!this.#data(state.id, 0, data.subarray(at, at + MAX_WRITE_BYTES))) await this.#drained();
    }
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#socket.off('drain', done);
        this.#socket.off('close', done);
        resolve();
      };
      this.#socket.on('drain', done);
      this.#socket.on('close', done);
    });
  }

  async *#read(state: State): AsyncGenerator<Buffer> {
    for (;;) {
      const chunk = state.chunks.shift();
      if (chunk) {
        yield chunk;
        this.#buffered -= chunk.length;
        if (this.#buffered < MAX_BUFFERED_BYTES) this.#socket.resume();
        continue;
      }
      if (state.ended) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      state.wakeReader = resolve;
      await promise;
    }
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    while (this.#received.length >= 8) {
      const length = this.#received.readUIntBE(5, 3);
      if (this.#received.length < 8 + length) return;
      const frame = this.#received.subarray(0, 8 + length);
      this.#received = this.#received.subarray(8 + length);
      this.#frame(frame);
    }
  }

  #frame(frame: Buffer): void {
    const body = frame.subarray(8);
    const flags = frame.readUInt8(4);
    const isControl = (frame.readUInt8(0) & 0x80) !== 0;
    const type = isControl ? frame.readUInt16BE(2) : undefined;
    if (type === undefined) this.#takeData(frame.readUInt32BE(0), body, flags);
    else if (type === RST_STREAM) this.#end(this.#streams.get(body.readUInt32BE(0)));
    else if (type === PING) this.#control(PING, 0, body);
    else if (type === GOAWAY) this.#endAll();
    // SYN_REPLY or HEADERS, of which only the end of the stream matters.
    else if ((flags & FLAG_FIN) !== 0 && body.length >= 4) this.#end(this.#streams.get(body.readUInt32BE(0)));
  }

  #takeData(id: number, data: Buffer, flags: number): void {
    const state = this.#streams.get(id);
    if (!state) return;
    if (data.length > 0) {
      state.chunks.push(data);
      this.#buffered += data.length;
      if (this.#buffered >= MAX_BUFFERED_BYTES) this.#socket.pause();
    }
    if ((flags & FLAG_FIN) !== 0) state.ended = true;
    state.wakeReader?.();
  }

  #end(state: State | undefined): void {
    if (!state) return;
    state.ended = true;
    state.wakeReader?.();
  }

  #endAll(): void {
    this.#closed = true;
    for (const state of this.#streams.values()) this.#end(state);
  }

  #control(type: number, flags: number, body: Buffer): void {
    const header = Buffer.alloc(8);
    header.writeUInt16BE(VERSION, 0);
    header.writeUInt16BE(type, 2);
    header.writeUInt32BE(body.length, 4);
    header.writeUInt8(flags, 4);
    this.#socket.write(Buffer.concat([header, body]));
  }

  /** Whether the connection takes more at once. */
  #data(id: number, flags: number, body: Buffer): boolean {
    const header = Buffer.alloc(8);
    header.writeUInt32BE(id, 0);
    header.writeUInt32BE(body.length, 4);
    header.writeUInt8(flags, 4);
    return this.#socket.write(Buffer.concat([header, body]));
  }

  /** One compression context for the whole session. No dictionary: readers use theirs only for streams that name it. */
  #compress(block: Buffer): Promise<Buffer> {
    return new Promise((resolve) => {
      const chunks: Buffer[] = [];
      const collect = (chunk: Buffer) => chunks.push(chunk);
      this.#deflate.on('data', collect);
      this.#deflate.write(block);
      this.#deflate.flush(constants.Z_SYNC_FLUSH, () => {
        this.#deflate.off('data', collect);
        resolve(Buffer.concat(chunks));
      });
    });
  }
}

function headerBlock(headers: Readonly<Record<string, string>>): Buffer {
  const entries = Object.entries(headers);
  const parts = [uint32(entries.length)];
  for (const text of entries.flat()) {
    const bytes = Buffer.from(text);
    parts.push(uint32(bytes.length), bytes);
  }
  return Buffer.concat(parts);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
