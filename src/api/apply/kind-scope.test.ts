import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Deployment } from '../apps/deployment.ts';
import { HorizontalPodAutoscaler } from '../autoscaling/horizontal-pod-autoscaler.ts';
import { HorizontalPodAutoscaler as HorizontalPodAutoscalerV1 } from '../autoscaling/horizontal-pod-autoscaler-v1.ts';
import { KINDS } from '../catalog.ts';
import { CertificateSigningRequest } from '../certificates/certificate-signing-request.ts';
import { ConfigMap } from '../core/config-map.ts';
import { Namespace } from '../core/namespace.ts';
import { Pod } from '../core/pod.ts';
import { FlowSchema } from '../flowcontrol/flow-schema.ts';
import type { Kind } from '../kind.ts';
import { pathsOf } from './field-set.ts';
import { FieldScopes, fieldFilter } from './kind-scope.ts';
import type { MergeType } from './merge-type.ts';

describe('fieldFilter', () => {
  const cases: readonly [kind: Kind, subresource: string, type: 'except' | 'only', paths: string][] = [
    [ConfigMap, '', 'except', ''],
    [Pod, '', 'except', 'status'],
    [Pod, 'status', 'except', 'spec metadata.deletionTimestamp metadata.ownerReferences'],
    [Pod, 'ephemeralcontainers', 'only', 'spec.ephemeralContainers'],
    [
      Pod,
      'resize',
      'only',
      'spec.containers.*.resizePolicy spec.containers.*.resources spec.initContainers.*.resizePolicy spec.initContainers.*.resources',
    ],
    [Deployment, 'status', 'except', 'spec metadata.labels'],
    [Deployment, 'scale', 'except', ''],
    [FlowSchema, 'status', 'except', 'metadata spec'],
    [Namespace, 'finalize', 'except', 'status'],
    [CertificateSigningRequest, '', 'except', 'spec status'],
    [CertificateSigningRequest, 'status', 'except', 'spec status.conditions'],
    [CertificateSigningRequest, 'approval', 'except', 'spec status.certificate'],
  ];
  for (const [kind, subresource, type, paths] of cases) {
    test(`${kind.kind}${subresource === '' ? '' : '/'}${subresource}`, () => {
      const filter = fieldFilter(kind, subresource);
      const shown = pathsOf(filter.fields).map((path) => path.map((element) => element.replace('f:', '')).join('.'));
      assert.deepEqual([filter.type, shown.join(' ')], [type, paths]);
    });
  }
});

describe('FieldScopes', () => {
  const scopes = new FieldScopes([HorizontalPodAutoscaler, HorizontalPodAutoscalerV1]);

  test('convert between the versions of a kind', () => {
    const [v1, v2] = [scopes.of(HorizontalPodAutoscalerV1, ''), scopes.of(HorizontalPodAutoscaler, '')];
    const object = { metadata: { name: 'a' }, spec: { maxReplicas: 3, targetCPUUtilizationPercentage: 50 } };
    assert.deepEqual((v1.convert(object, v2)['spec'] as { metrics: unknown }).metrics, [
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
    ]);
    assert.equal(v1.at('autoscaling/v2'), v2);
    assert.equal(v1.at('autoscaling/v3'), undefined);
  });

  test('know how every field of every kind merges', () => {
    const seen = new Set<unknown>();
    const faults: string[] = [];
    const walk = (type: MergeType, at: string) => {
      if (seen.has(type)) return;
      seen.add(type);
      if (type.kind === 'map' || type.kind === 'list') walk(type.item, `${at}[]`);
      if (type.kind === 'list' && !type.isAtomic) {
        const fields = type.item.kind === 'struct' ? type.item.fields() : undefined;
        if (type.keys ? !fields || type.keys.some((key) => !fields.has(key)) : type.item.kind !== 'scalar')
          faults.push(at);
      }
      if (type.kind === 'struct') for (const field of type.fields().values()) walk(field.type, `${at}.${field.name}`);
    };
    for (const kind of KINDS) walk(new FieldScopes([kind]).of(kind, '').type, kind.kind);
    assert.deepEqual(faults, []);
  });
});
