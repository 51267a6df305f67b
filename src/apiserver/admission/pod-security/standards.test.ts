import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Pod } from '../../../api/core/pod.ts';
import { readInput } from '../../../api/read-input.ts';
import type { Level, Version } from './security-level.ts';
import { detailsOf, judgeOf } from './standards.ts';

type Fields = Readonly<Record<string, unknown>>;
interface Given {
  readonly pod?: Fields;
  /** Of the one container `a`, unless the pod has its own. */
  readonly context?: Fields;
  readonly container?: Fields;
  readonly annotations?: Readonly<Record<string, string>>;
}

const container = (name: string, fields: Fields = {}) => ({ name, image: 'i', ...fields });
const podOf = ({ pod = {}, context, container: fields = {}, annotations = {} }: Given): Pod => {
  const containers = [container('a', { ...fields, ...(context ? { securityContext: context } : {}) })];
  return readInput(Pod, { metadata: { name: 'p', annotations }, spec: { containers, ...pod } } as never);
};
const judged = (level: Level, version: Version, given: Given) => detailsOf(judgeOf({ level, version })(podOf(given)));

/** What the restricted level wants of a container. */
const GOOD = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
};
const good = (more: Fields): Given => ({ context: { ...GOOD, ...more } });

describe('the baseline', () => {
  const cases: readonly [title: string, given: Given, expected: string, version?: Version][] = [
    ['a plain pod', {}, ''],
    [
      'namespaces of the host',
      { pod: { hostPID: true, hostNetwork: true, hostIPC: true } },
      'host namespaces (hostIPC, hostNetwork, hostPID)',
    ],
    [
      'a path of the host',
      { pod: { volumes: [{ name: 'v', hostPath: { path: '/' } }] } },
      'hostPath volumes (volume "v")',
    ],
    [
      'a port of the host',
      { container: { ports: [{ containerPort: 80, hostPort: 8080 }, { containerPort: 81 }] } },
      'hostPort (container "a" uses hostPort 8080)',
    ],
    [
      'ports of the host, of all sorts of containers',
      {
        pod: {
          containers: [container('a', { ports: [{ containerPort: 80, hostPort: 9090 }] })],
          initContainers: [container('b', { ports: [{ containerPort: 80, hostPort: 8080 }] })],
          ephemeralContainers: [container('c', { ports: [{ containerPort: 80, hostPort: 8080 }] })],
        },
      },
      'hostPort (containers "b", "a", "c" use hostPorts 8080, 9090)',
    ],
    [
      'probes of other hosts',
      {
        container: {
          livenessProbe: { httpGet: { port: 80, host: 'b' } },
          lifecycle: { preStop: { tcpSocket: { port: 80, host: 'a' } } },
        },
      },
      'probe or lifecycle host (container "a" uses probe or lifecycle hosts "a", "b")',
    ],
    [
      'the same before there was that rule',
      { container: { livenessProbe: { tcpSocket: { port: 80, host: 'b' } } } },
      '',
      33,
    ],
    [
      'a privileged container',
      { context: { privileged: true } },
      'privileged (container "a" must not set securityContext.privileged=true)',
    ],
    [
      'processes of the host on Windows',
      { pod: { securityContext: { windowsOptions: { hostProcess: true } } } },
      'hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)',
    ],
    [
      'capabilities beyond the usual ones',
      { context: { capabilities: { add: ['SYS_ADMIN', 'CHOWN', 'NET_RAW'] } } },
      'non-default capabilities (container "a" must not include "NET_RAW", "SYS_ADMIN" in securityContext.capabilities.add)',
    ],
    [
      'no seccomp',
      { pod: { securityContext: { seccompProfile: { type: 'Unconfined' } } } },
      'seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")',
    ],
    [
      'no seccomp by annotation, while these counted',
      { annotations: { 'container.seccomp.security.alpha.kubernetes.io/a': 'unconfined' } },
      'seccompProfile (forbidden annotation container.seccomp.security.alpha.kubernetes.io/a="unconfined")',
      18,
    ],
    ['the same since', { annotations: { 'container.seccomp.security.alpha.kubernetes.io/a': 'unconfined' } }, ''],
    [
      'no AppArmor',
      { pod: { securityContext: { appArmorProfile: { type: 'Unconfined' } } } },
      'forbidden AppArmor profile (pod must not set AppArmor profile type to "Unconfined")',
    ],
    [
      'no AppArmor by annotation either',
      {
        context: { appArmorProfile: { type: 'Unconfined' } },
        annotations: { 'container.apparmor.security.beta.kubernetes.io/a': 'unconfined' },
      },
      'forbidden AppArmor profiles (container "a" and annotation must not set AppArmor profile type to "Unconfined", "container.apparmor.security.beta.kubernetes.io/a="unconfined"")',
    ],
    [
      'SELinux user and role',
      { pod: { securityContext: { seLinuxOptions: { user: 'u', role: 'r' } } } },
      'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: user may not be set; role may not be set)',
    ],
    [
      'SELinux types',
      { pod: { securityContext: { seLinuxOptions: { type: 'x' } } }, context: { seLinuxOptions: { type: 'y' } } },
      'seLinuxOptions (pod and container "a" set forbidden securityContext.seLinuxOptions: types "x", "y")',
    ],
    ['a type for container engines', { context: { seLinuxOptions: { type: 'container_engine_t' } } }, ''],
    [
      'the same before it was one',
      { context: { seLinuxOptions: { type: 'container_engine_t' } } },
      'seLinuxOptions (container "a" set forbidden securityContext.seLinuxOptions: type "container_engine_t")',
      30,
    ],
    [
      'all of /proc',
      { context: { procMount: 'Unmasked' } },
      'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
    ],
    ['all of /proc in a user namespace', { pod: { hostUsers: false }, context: { procMount: 'Unmasked' } }, ''],
    [
      'the same before they were trusted',
      { pod: { hostUsers: false }, context: { procMount: 'Unmasked' } },
      'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
      34,
    ],
    [
      'sysctls',
      {
        pod: {
          securityContext: {
            sysctls: [
              { name: 'kernel.msgmax', value: '1' },
              { name: 'net.ipv4.tcp_rmem', value: '1' },
            ],
          },
        },
      },
      'forbidden sysctls (kernel.msgmax)',
    ],
    [
      'a sysctl that became safe later',
      { pod: { securityContext: { sysctls: [{ name: 'net.ipv4.tcp_rmem', value: '1' }] } } },
      'forbidden sysctls (net.ipv4.tcp_rmem)',
      31,
    ],
  ];
  for (const [title, given, expected, version = 'latest'] of cases) {
    test(`finds in ${title}: ${expected || 'nothing'}`, () => {
      assert.equal(judged('baseline', version, given), expected);
      assert.equal(judged('privileged', version, given), '');
    });
  }
});

describe('the restricted level', () => {
  const cases: readonly [title: string, given: Given, expected: string, version?: Version][] = [
    [
      'a plain pod',
      {},
      'allowPrivilegeEscalation != false (container "a" must set securityContext.allowPrivilegeEscalation=false), ' +
        'unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"]), ' +
        'runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true), ' +
        'seccompProfile (pod or container "a" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    ],
    ['a pod as it wants it', good({}), ''],
    [
      'a pod that says itself what it can',
      {
        pod: { securityContext: { runAsNonRoot: true, seccompProfile: { type: 'Localhost', localhostProfile: 'x' } } },
        context: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } },
      },
      '',
    ],
    [
      'a plain pod for Windows',
      { pod: { os: { name: 'windows' } } },
      'runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true)',
    ],
    [
      'added capabilities, once',
      good({ capabilities: { add: ['NET_RAW'] } }),
      'unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"]; ' +
        'container "a" must not include "NET_RAW" in securityContext.capabilities.add)',
    ],
    [
      'no seccomp, once',
      good({ seccompProfile: { type: 'Unconfined' } }),
      'seccompProfile (container "a" must not set securityContext.seccompProfile.type to "Unconfined")',
    ],
    [
      'volumes of other types, once',
      {
        ...good({}),
        pod: {
          volumes: [
            { name: 'v', hostPath: { path: '/' } },
            { name: 'w', nfs: { server: 's', path: '/' } },
            { name: 'x', image: { reference: 'i' } },
            { name: 'y', emptyDir: {} },
          ],
        },
      },
      'restricted volume types (volumes "v", "w" use restricted volume types "hostPath", "nfs")',
    ],
    [
      'a container that is to be root',
      good({ runAsNonRoot: false }),
      'runAsNonRoot != true (container "a" must not set securityContext.runAsNonRoot=false)',
    ],
    [
      'a pod of root',
      { ...good({}), pod: { securityContext: { runAsUser: 0 } } },
      'runAsUser=0 (pod must not set runAsUser=0)',
    ],
    ['the same before there was that rule', { ...good({}), pod: { securityContext: { runAsUser: 0 } } }, '', 22],
    ['root in a user namespace', { ...good({ runAsNonRoot: false, runAsUser: 0 }), pod: { hostUsers: false } }, ''],
    [
      'root in a user namespace before these were trusted',
      { ...good({ runAsNonRoot: false, runAsUser: 0 }), pod: { hostUsers: false } },
      'runAsNonRoot != true (container "a" must not set securityContext.runAsNonRoot=false), runAsUser=0 (container "a" must not set runAsUser=0)',
      34,
    ],
    [
      'all of /proc in a user namespace',
      { ...good({ procMount: 'Unmasked' }), pod: { hostUsers: false } },
      'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
    ],
    [
      'a plain pod, by the first version of the standard',
      {},
      'runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true)',
      0,
    ],
    [
      'violations of both levels',
      { ...good({ allowPrivilegeEscalation: true }), pod: { hostNetwork: true } },
      'host namespaces (hostNetwork), ' +
        'allowPrivilegeEscalation != false (container "a" must set securityContext.allowPrivilegeEscalation=false)',
      99,
    ],
  ];
  for (const [title, given, expected, version = 'latest'] of cases) {
    test(`finds in ${title}: ${expected || 'nothing'}`, () => {
      assert.equal(judged('restricted', version, given), expected);
    });
  }
});
