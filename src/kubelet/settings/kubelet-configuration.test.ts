import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { kubeletSettings, readKubeletConfiguration, SettingsError } from './kubelet-configuration.ts';

const HEAD = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n';

describe('kubeletSettings', () => {
  test('fills in upstream’s defaults', () => {
    const settings = kubeletSettings();
    assert.deepEqual(
      Object.entries(settings).filter(([, value]) => value === undefined),
      [],
    );
    assert.equal(settings.evictionHard['memory.available'], '100Mi');
    const { imageGCHighThresholdPercent, evictionPressureTransitionPeriod, maxPods } = settings;
    assert.deepEqual([imageGCHighThresholdPercent, evictionPressureTransitionPeriod, maxPods], [85, '5m0s', 110]);
  });

  test('takes eviction thresholds for all there are, unless they are to be merged', () => {
    const evictionHard = { 'memory.available': '1Gi' };
    assert.deepEqual(kubeletSettings({ evictionHard }).evictionHard, evictionHard);
    const merged = kubeletSettings({ evictionHard, mergeDefaultEvictionSettings: true }).evictionHard;
    assert.deepEqual([merged['memory.available'], merged['nodefs.available']], ['1Gi', '10%']);
  });

  test('pulls one image at a time where that is asked for', () => {
    assert.equal(kubeletSettings({ serializeImagePulls: true }).maxParallelImagePulls, 1);
  });

  test('takes durations of nothing for ones that are not set', () => {
    assert.equal(kubeletSettings({ imageMinimumGCAge: '0s' }).imageMinimumGCAge, '2m0s');
  });
});

describe('readKubeletConfiguration', () => {
  test('keeps what is set, and no more', () => {
    const text = `${HEAD}evictionHard:\n  memory.available: 5%\nshutdownGracePeriod: 90s\nsystemReserved: {cpu: 100m}\n`;
    assert.deepEqual(readKubeletConfiguration(text), {
      evictionHard: { 'memory.available': '5%' },
      shutdownGracePeriod: '1m30s',
      systemReserved: { cpu: '100m' },
    });
  });

  test('takes no thresholds at all for what is meant', () => {
    assert.deepEqual(kubeletSettings(readKubeletConfiguration('evictionHard: {}')).evictionHard, {});
  });

  const refused: readonly (readonly [string, string, RegExp])[] = [
    [
      'a field that it does not know',
      'cgroupDriver: systemd',
      /^unknown field "cgroupDriver" \(the node agent follows /,
    ],
    ['a value of another type', 'maxPods: many', /maxPods/],
    [
      'a signal that does not exist',
      'evictionHard: {disk.available: 1Gi}',
      /^unsupported eviction signal disk.available$/,
    ],
    ['a threshold of nothing', "evictionHard: {memory.available: '0'}", /must be positive: 0$/],
    ['a share of more than all', 'evictionHard: {nodefs.available: 101%}', /between 0% and 100%: 101%$/],
    [
      'a soft threshold without a time',
      'evictionSoft: {memory.available: 1Gi}',
      /^grace period must be specified for the soft eviction threshold memory.available$/,
    ],
    [
      'several faults at once',
      'imageGCHighThresholdPercent: 70\nkubeReserved: {gpu: "1"}',
      /must be less than imageGCHigh.* 70; kubeReserved: cannot reserve "gpu" resource$/,
    ],
    [
      'several pulls at once that are one by one',
      'serializeImagePulls: true\nmaxParallelImagePulls: 2',
      /larger than 1 unless/,
    ],
    [
      'a policy that does not exist',
      'imagePullCredentialsVerificationPolicy: Sometimes',
      /"Sometimes" is not one of Never/,
    ],
    ['logs without a file', 'containerLogMaxFiles: 1', /containerLogMaxFiles 1 must be greater than 1$/],
    ['sysctls of the machine', 'allowedUnsafeSysctls: [vm.swappiness]', /not known to be namespaced/],
    [
      'a part that is more than the whole',
      'shutdownGracePeriod: 5s\nshutdownGracePeriodCriticalPods: 6s',
      /shutdownGracePeriodCriticalPods {6s} must be <= shutdownGracePeriod {5s}/,
    ],
  ];
  for (const [what, text, message] of refused) {
    test(`refuses ${what}`, () => {
      assert.throws(
        () => readKubeletConfiguration(`${HEAD}${text}\n`),
        (error) => error instanceof SettingsError && message.test(error.message),
      );
    });
  }

  test('refuses another kind', () => {
    assert.throws(() => readKubeletConfiguration('apiVersion: v1\nkind: Pod\n'), SettingsError);
  });
});
