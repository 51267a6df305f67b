import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KeyUsage } from '../../api/certificates/certificate-signing-request.ts';
import type { RequestedNames } from '../../api/certificates/requested-names.ts';
import { SIGNER_RULES } from './signer-rules.ts';

const NODE: RequestedNames = {
  commonName: 'system:node:a',
  organizations: ['system:nodes'],
  dnsNames: [],
  addresses: [],
  emails: [],
  uris: [],
};
const CLIENT: readonly KeyUsage[] = ['digital signature', 'client auth'];
const SERVING: readonly KeyUsage[] = ['digital signature', 'key encipherment', 'server auth'];

const cases: readonly (readonly [string, string, RequestedNames, readonly KeyUsage[], string | undefined])[] = [
  ['a client', 'kube-apiserver-client', { ...NODE, organizations: ['x'] }, CLIENT, undefined],
  [
    'a client that would serve',
    'kube-apiserver-client',
    NODE,
    SERVING,
    'invalid usage for client certificate: server auth',
  ],
  [
    'a client without a purpose',
    'kube-apiserver-client',
    NODE,
    ['digital signature'],
    'missing required usage for client certificate: client auth',
  ],
  ['a node', 'kube-apiserver-client-kubelet', NODE, CLIENT, undefined],
  ['a node that enciphers', 'kube-apiserver-client-kubelet', NODE, [...CLIENT, 'key encipherment'], undefined],
  [
    'a node of more groups',
    'kube-apiserver-client-kubelet',
    { ...NODE, organizations: ['system:nodes', 'system:masters'] },
    CLIENT,
    'subject organization is not system:nodes',
  ],
  [
    'a node with a name',
    'kube-apiserver-client-kubelet',
    { ...NODE, dnsNames: ['a'] },
    CLIENT,
    'DNS subjectAltNames are not allowed',
  ],
  [
    'a node with an address',
    'kube-apiserver-client-kubelet',
    { ...NODE, addresses: ['192.0.2.1'] },
    CLIENT,
    'IP subjectAltNames are not allowed',
  ],
  [
    'no node',
    'kube-apiserver-client-kubelet',
    { ...NODE, commonName: 'a' },
    CLIENT,
    'subject common name does not begin with system:node:',
  ],
  [
    'a node that would serve',
    'kube-apiserver-client-kubelet',
    NODE,
    SERVING,
    'usages did not match [client auth digital signature key encipherment]',
  ],
  ['a server', 'kubelet-serving', { ...NODE, addresses: ['192.0.2.1'] }, SERVING, undefined],
  ['a server without a name', 'kubelet-serving', NODE, SERVING, 'DNS or IP subjectAltName is required'],
  [
    'a server that would be a client',
    'kubelet-serving',
    { ...NODE, dnsNames: ['a'] },
    CLIENT,
    'usages did not match [digital signature key encipherment server auth]',
  ],
  [
    'a server with a mailbox',
    'kubelet-serving',
    { ...NODE, dnsNames: ['a'], emails: ['a@example.com'] },
    SERVING,
    'Email subjectAltNames are not allowed',
  ],
  ['anything', 'legacy-unknown', { ...NODE, commonName: '', organizations: [] }, ['code signing'], undefined],
];
for (const [what, signer, names, usages, wanted] of cases) {
  test(`SIGNER_RULES: ${what} of ${signer}`, () =>
    assert.equal(SIGNER_RULES[`kubernetes.io/${signer}`]?.(names, usages), wanted));
}
