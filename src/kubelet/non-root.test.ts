import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { containerOf, kubeletPod } from '../../test/support/kubelet-objects.ts';
import type { SecurityContext } from '../api/core/security-context.ts';
import { type ImageUser, rootRefusal } from './non-root.ts';

describe('rootRefusal', () => {
  const by = (image: Partial<ImageUser>): ImageUser => ({ uid: undefined, username: '', ...image });
  const cases: readonly (readonly [string, SecurityContext, SecurityContext, ImageUser, RegExp | undefined])[] = [
    ['lets everybody run who is not asked', {}, {}, by({}), undefined],
    ['lets a numbered user of the image run', { runAsNonRoot: true }, {}, by({ uid: 7 }), undefined],
    ['lets the pod’s user run', { runAsNonRoot: true, runAsUser: 7 }, {}, by({ username: 'root' }), undefined],
    ['lets the container overrule the pod', { runAsNonRoot: true }, { runAsNonRoot: false }, by({}), undefined],
    [
      'refuses root of the image',
      { runAsNonRoot: true },
      {},
      by({ uid: 0 }),
      /image will run as root \(pod: "pod_default\(uid-pod\)", container: main\)$/,
    ],
    ['refuses an image that names nobody', { runAsNonRoot: true }, {}, by({}), /image will run as root/],
    [
      'refuses a name, which may be root',
      { runAsNonRoot: true },
      {},
      by({ username: 'www' }),
      /non-numeric user \(www\)/,
    ],
    [
      'refuses root of the container',
      { runAsNonRoot: true, runAsUser: 7 },
      { runAsUser: 0 },
      by({ uid: 7 }),
      /runAsUser breaks non-root policy/,
    ],
  ];
  for (const [name, shared, own, image, expected] of cases) {
    test(name, () => {
      const pod = kubeletPod({
        spec: { securityContext: shared, containers: [{ name: 'main', securityContext: own }] },
      });
      const refusal = rootRefusal(pod, containerOf(pod, 'main'), image);
      if (expected) assert.match(refusal ?? '', expected);
      else assert.equal(refusal, undefined);
    });
  }
});
