import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ContainerInput, containerOf, kubeletPod } from '../../../test/support/kubelet-objects.ts';
import type { Secret } from '../../api/core/secret.ts';
import { FakeClock } from '../../base/clock.ts';
import { Slots } from '../../base/slots.ts';
import type { AuthConfig, Image } from '../../cri/image-messages.ts';
import { ImageManager, type ImageManagerDeps } from './image-manager.ts';

const signal = new AbortController().signal;

/** A runtime whose pulls end when the test says so. */
class PullingRuntime {
  readonly clock = new FakeClock();
  readonly present = new Set<string>();
  readonly events: string[] = [];
  readonly pulls: {
    readonly name: string;
    readonly auth: AuthConfig | undefined;
    done(): void;
    fail(message: string): void;
  }[] = [];
  readonly secrets: Record<string, Secret> = {};
  /** Images that pods may not use before the registry has seen their credentials. */
  readonly guarded = new Set<string>();
  readonly records: string[] = [];
  readonly images: ImageManager;

  constructor() {
    const image = (name: string) =>
      ({
        id: `sha256:${name}`,
        size: 42,
        username: '',
        repoTags: [],
        repoDigests: [],
        pinned: false,
      }) as unknown as Image;
    const cri = {
      imageStatus: async (request: { image?: { image?: string } }) => {
        const name = request.image?.image ?? '';
        return { image: this.present.has(name) ? image(name) : undefined, info: {} };
      },
      pullImage: (request: { image?: { image?: string }; auth?: AuthConfig }) =>
        new Promise((resolve, reject) => {
          const name = request.image?.image ?? '';
          const done = () => {
            this.present.add(name);
            resolve({ imageRef: name });
          };
          this.pulls.push({ name, auth: request.auth, done, fail: (message) => reject(new Error(message)) });
        }),
    } as unknown as ImageManagerDeps['cri'];
    const events = {
      pod: (_pod: unknown, type: string, reason: string, message: string) =>
        void this.events.push(`${type} ${reason} ${message}`),
      container: (_pod: unknown, _name: string, type: string, reason: string, message: string) =>
        void this.events.push(`${type} ${reason} ${message}`),
    };
    this.images = new ImageManager({
      cri,
      clock: this.clock,
      events,
      secret: async (_namespace, name) => this.secrets[name],
      providers: { credentials: async () => [], forget: () => {} },
      records: {
        mustPull: async (name) => this.guarded.has(name),
        begin: async (name) => void this.records.push(`begin ${name}`),
        succeeded: async (name, _id, credential) => {
          this.records.push(`succeeded ${name} ${credential?.auth.username ?? 'without'}`);
        },
        failed: async (name) => void this.records.push(`failed ${name}`),
        prune: async () => {},
      },
      slots: new Slots(1),
    });
  }

  async ensure(
    container: Partial<ContainerInput> = {},
    { pod: name = 'pod', within = signal, secrets = [] as string[] } = {},
  ): Promise<string> {
    const spec = {
      containers: [{ name: 'main', image: 'app:1', ...container }],
      imagePullSecrets: secrets.map((of) => ({ name: of })),
    };
    const pod = kubeletPod({ name, spec });
    try {
      return (await this.images.ensure(pod, containerOf(pod, 'main'), within)).id;
    } catch (error) {
      const { reason, retryAfterMs, message } = error as { reason?: string; retryAfterMs?: number; message: string };
      return `${reason ?? 'thrown'} ${retryAfterMs ?? ''} ${message}`;
    }
  }

  async turn(): Promise<void> {
    for (let i = 0; i < 8; i++) await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('ImageManager', () => {
  test('IfNotPresent takes what is there, else pulls', async () => {
    const runtime = new PullingRuntime();
    runtime.present.add('app:1');
    assert.equal(await runtime.ensure(), 'sha256:app:1');
    assert.deepEqual(runtime.events, [
      'Normal Pulled Container image "app:1" already present on machine and can be accessed by the pod',
    ]);
    const pulling = runtime.ensure({ image: 'app:2' });
    await runtime.turn();
    await runtime.clock.advance(1_234);
    runtime.pulls[0]!.done();
    assert.equal(await pulling, 'sha256:app:2');
    assert.deepEqual(runtime.events.slice(1), [
      'Normal Pulling Pulling image "app:2"',
      'Normal Pulled Successfully pulled image "app:2" in 1.234s (1.234s including waiting). Image size: 42 bytes.',
    ]);
  });

  test('Always pulls what is there, too', async () => {
    const runtime = new PullingRuntime();
    runtime.present.add('app:1');
    const pulling = runtime.ensure({ imagePullPolicy: 'Always' });
    await runtime.turn();
    runtime.pulls[0]!.done();
    assert.equal(await pulling, 'sha256:app:1');
  });

  test('pulls what is there for a pod that has not shown that it may have it, unless it never pulls', async () => {
    const runtime = new PullingRuntime();
    runtime.present.add('app:1');
    runtime.guarded.add('app:1');
    const pulling = runtime.ensure({ imagePullPolicy: 'IfNotPresent' });
    await runtime.turn();
    runtime.pulls[0]!.fail('denied');
    assert.equal(await pulling, 'ErrImagePull 10000 denied');
    assert.match(await runtime.ensure({ imagePullPolicy: 'Never' }, { pod: 'other' }), /^ErrImageNeverPull/);
    assert.deepEqual(runtime.records, ['begin app:1', 'failed app:1']);
  });

  test('pulls one image after the other where there is one slot', async () => {
    const runtime = new PullingRuntime();
    const [first, second] = [runtime.ensure(), runtime.ensure({ image: 'app:2' })];
    await runtime.turn();
    assert.equal(runtime.pulls.length, 1);
    await runtime.clock.advance(2_000);
    runtime.pulls[0]!.done();
    await first;
    await runtime.turn();
    await runtime.clock.advance(1_000);
    runtime.pulls[1]!.done();
    await second;
    assert.match(runtime.events.at(-1) ?? '', /"app:2" in 1s \(3s including waiting\)/);
  });

  test('says which secrets it has not got', async () => {
    const runtime = new PullingRuntime();
    const pulling = runtime.ensure({}, { secrets: ['gone', 'too'] });
    await runtime.turn();
    runtime.pulls[0]!.fail('denied');
    await pulling;
    assert.equal(
      runtime.events[0],
      'Warning FailedToRetrieveImagePullSecret Unable to retrieve some image pull secrets (gone, too); attempting to pull the image may not succeed.',
    );
  });

  test('Never pulls nothing', async () => {
    const runtime = new PullingRuntime();
    assert.match(
      await runtime.ensure({ imagePullPolicy: 'Never' }),
      /^ErrImageNeverPull {2}Container image "app:1" is not present/,
    );
    assert.equal(runtime.pulls.length, 0);
    assert.equal(runtime.events.at(-1), 'Warning Failed Error: ErrImageNeverPull');
  });

  test('refuses a name that is none', async () => {
    const runtime = new PullingRuntime();
    assert.match(await runtime.ensure({ image: 'No:Image!' }), /^InvalidImageName .*invalid reference format$/);
  });

  test('pulls once for all who wait, and goes on when one of them leaves', async () => {
    const runtime = new PullingRuntime();
    const leaving = new AbortController();
    const [first, second] = [runtime.ensure({}, { within: leaving.signal }), runtime.ensure({}, { pod: 'other' })];
    await runtime.turn();
    assert.equal(runtime.pulls.length, 1);
    leaving.abort(new Error('the pod is to end'));
    assert.match(await first, /^thrown {2}the pod is to end$/);
    runtime.pulls[0]!.done();
    assert.equal(await second, 'sha256:app:1');
  });

  test('backs off from a pull that failed, each pod for itself, and longer each time', async () => {
    const runtime = new PullingRuntime();
    const fail = async (pod = 'pod') => {
      const pulling = runtime.ensure({}, { pod });
      await runtime.turn();
      runtime.pulls.at(-1)!.fail('no route');
      return pulling;
    };
    assert.equal(await fail(), 'ErrImagePull 10000 no route');
    assert.deepEqual(runtime.events.slice(1), [
      'Warning Failed Failed to pull image "app:1": no route',
      'Warning Failed Error: ErrImagePull',
    ]);
    await runtime.clock.advance(4_000);
    assert.equal(
      await runtime.ensure(),
      'ImagePullBackOff 6000 Back-off pulling image "app:1": ErrImagePull: no route',
    );
    assert.deepEqual(runtime.events.slice(3), [
      'Normal BackOff Back-off pulling image "app:1"',
      'Warning Failed Error: ImagePullBackOff',
    ]);
    assert.equal(await fail('other'), 'ErrImagePull 10000 no route');
    await runtime.clock.advance(6_000);
    assert.equal(await fail(), 'ErrImagePull 20000 no route');
    runtime.images.forget('uid-pod');
    assert.equal(await fail(), 'ErrImagePull 10000 no route');
  });

  test('tries the credentials that fit, the most particular first', async () => {
    const runtime = new PullingRuntime();
    const auth = (user: string) => ({ auth: Buffer.from(`${user}:x`).toString('base64') });
    const config = { auths: { 'r.example.com': auth('all'), 'r.example.com/team': auth('team') } };
    runtime.secrets['login'] = {
      type: 'kubernetes.io/dockerconfigjson',
      metadata: { uid: 'uid', namespace: 'default', name: 'login' },
      data: { '.dockerconfigjson': Buffer.from(JSON.stringify(config)).toString('base64') },
    } as unknown as Secret;
    const pulling = runtime.ensure({ image: 'r.example.com/team/app:1' }, { secrets: ['login', 'missing'] });
    await runtime.turn();
    runtime.pulls[0]!.fail('denied');
    await runtime.turn();
    runtime.pulls[1]!.done();
    assert.equal(await pulling, 'sha256:r.example.com/team/app:1');
    assert.deepEqual(
      runtime.pulls.map(({ auth: used }) => used?.username),
      ['team', 'all'],
    );
    assert.deepEqual(runtime.records, ['begin r.example.com/team/app:1', 'succeeded r.example.com/team/app:1 all']);
  });
});
