// A device plugin for tests, on a socket of its own as real ones are: its devices are all /dev/null under names of their own.

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  Client,
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceError,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { decode, encode, type Message } from '../../src/cri/message.ts';
import { PLUGIN_CALLS, REGISTER } from '../../src/kubelet/devices/device-plugin-messages.ts';

export interface TestPlugin extends AsyncDisposable {
  /** Allocations as they were asked for. */
  readonly allocated: (readonly string[])[];
  readonly preStarted: (readonly string[])[];
  /** Says what devices there are now: ids, and whether they are well. */
  show(devices: Readonly<Record<string, boolean>>): void;
  /** Announces itself to the agent; rejects with what the agent says. */
  register(changes?: { readonly version?: string; readonly resourceName?: string }): Promise<void>;
}

export interface TestPluginOptions {
  readonly resource: string;
  readonly devices: Readonly<Record<string, boolean>>;
  /** Which device it would rather give. */
  readonly prefers?: string;
}

/** `directory` is where the agent's own socket is. */
export async function startTestPlugin(
  directory: string,
  { resource, devices, prefers }: TestPluginOptions,
): Promise<TestPlugin> {
  const endpoint = `${resource.replace('/', '-')}.sock`;
  const socket = join(directory, endpoint);
  const allocated: (readonly string[])[] = [];
  const preStarted: (readonly string[])[] = [];
  const watchers = new Set<(value: object) => void>();
  let current = devices;
  const list = () => ({
    devices: Object.entries(current).map(([id, isWell]) => ({ id, health: isWell ? 'Healthy' : 'Unhealthy' })),
  });
  const options = { preStartRequired: true, getPreferredAllocationAvailable: prefers !== undefined };
  await rm(socket, { force: true });
  const server = new Server();
  const unary = (call: PluginCall, answer: (asked: never) => object) => {
    const handle = (asked: ServerUnaryCall<object, object>, done: sendUnaryData<object>) =>
      done(null, answer(asked.request as never));
    server.addService({ [call.method]: definitionOf(call, false) }, { [call.method]: handle });
  };
  unary(PLUGIN_CALLS.options, () => options);
  unary(PLUGIN_CALLS.preferred, () => ({ containerResponses: [{ deviceIds: [prefers] }] }));
  unary(PLUGIN_CALLS.allocate, (asked: { containerRequests: readonly { devicesIds: readonly string[] }[] }) => ({
    containerResponses: asked.containerRequests.map(({ devicesIds }) => {
      allocated.push(devicesIds);
      return {
        envs: { TEST_DEVICES: devicesIds.join(',') },
        devices: devicesIds.map((id) => ({ containerPath: `/dev/${id}`, hostPath: '/dev/null', permissions: 'rw' })),
        mounts: [{ containerPath: '/etc/of-plugin', hostPath: '/etc/hostname', readOnly: true }],
        annotations: { 'test.example.com/devices': devicesIds.join(',') },
      };
    }),
  }));
  unary(PLUGIN_CALLS.preStartContainer, ({ devicesIds }: { devicesIds: readonly string[] }) => {
    preStarted.push(devicesIds);
    return {};
  });
  const watch = PLUGIN_CALLS.listAndWatch;
  server.addService(
    { [watch.method]: definitionOf(watch, true) },
    {
      [watch.method]: (call: { write(value: object): void; on(event: 'cancelled', listener: () => void): void }) => {
        const tell = (value: object) => call.write(value);
        watchers.add(tell);
        call.on('cancelled', () => watchers.delete(tell));
        tell(list());
      },
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix://${socket}`, ServerCredentials.createInsecure(), (error) =>
      error ? reject(error) : resolve(),
    );
  });
  return {
    allocated,
    preStarted,
    show(shown) {
      current = shown;
      for (const tell of watchers) tell(list());
    },
    register: (changes) =>
      register(join(directory, 'kubelet.sock'), {
        version: 'v1beta1',
        endpoint,
        resourceName: resource,
        options,
        ...changes,
      }),
    async [Symbol.asyncDispose]() {
      server.forceShutdown();
      await rm(socket, { force: true });
    },
  };
}

interface PluginCall {
  readonly method: string;
  readonly request: Message;
  readonly response: Message;
}

function register(agent: string, request: object): Promise<void> {
  const client = new Client(`unix://${agent}`, credentials.createInsecure());
  const { method, request: asked, response } = REGISTER;
  return new Promise<void>((resolve, reject) => {
    const done = (error: ServiceError | null) => (error ? reject(new Error(error.details)) : resolve());
    const [serialize, deserialize] = [serializerOf(asked), deserializerOf(response)];
    client.makeUnaryRequest(method, serialize, deserialize, request, new Metadata(), done);
  }).finally(() => client.close());
}

function definitionOf({ method, request, response }: PluginCall, responseStream: boolean) {
  return {
    path: method,
    requestStream: false,
    responseStream,
    requestSerialize: serializerOf(request),
    requestDeserialize: deserializerOf(request),
    responseSerialize: serializerOf(response),
    responseDeserialize: deserializerOf(response),
  };
}

function serializerOf(message: Message): (value: object) => Buffer {
  return (value) => Buffer.from(encode(message, value));
}

function deserializerOf(message: Message): (bytes: Buffer) => object {
  return (bytes) => decode(message, bytes);
}
