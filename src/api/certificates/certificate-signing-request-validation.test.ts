import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import {
  certificate,
  certificateRequest,
  der,
  ecKeys,
  type KeyPair,
  pem,
  type SignatureName,
} from '../../../test/support/certificate-requests.ts';
import { allFaultsOf, nextFaultsOf, statusFaultsOf } from '../../../test/support/faults.ts';
import { formatFieldError } from '../field-error.ts';
import { readInput } from '../read-input.ts';
import { CertificateSigningRequest, KeyUsage } from './certificate-signing-request.ts';

type Input = Parameters<typeof allFaultsOf<typeof CertificateSigningRequest>>[1];
type Spec = Input['spec'];
type Status = NonNullable<Input['status']>;

const keys = ecKeys();
const base64 = (text: string) => Buffer.from(text).toString('base64');
const inPem = (bytes: Uint8Array) => base64(pem('CERTIFICATE REQUEST', bytes));
const request = inPem(certificateRequest(keys, 'ECDSA with SHA-256', keys.privateKey));
const asking = (spec: Partial<Spec>, status: Status = {}): Input => ({
  spec: { request, signerName: 'example.com/signer', usages: ['client auth'], ...spec },
  status,
});
const showing = (status: Status) => asking({}, status);
const conditions = (...types: string[]) => showing({ conditions: types.map((type) => ({ type, status: 'True' })) });

const NO_PEM = 'PEM block type must be CERTIFICATE REQUEST';
const TAGS = "asn1: structure error: tags don't match";
const noRequest = (text: string, why: string): [Partial<Spec>, string[]] => [
  { request: text },
  [`spec.request: Invalid value: ${JSON.stringify(text)}: ${why}`],
];

const cases: readonly [title: string, spec: Partial<Spec>, expected: readonly string[]][] = [
  ['little', {}, []],
  ['all there is', { expirationSeconds: 600, usages: [...KeyUsage] }, []],
  ['no request', ...noRequest('', NO_PEM)],
  ['text', ...noRequest(base64('a'), NO_PEM)],
  ['a certificate', ...noRequest(base64(pem('CERTIFICATE', certificate())), NO_PEM)],
  ['bytes', ...noRequest(inPem(Buffer.of(0x30, 5, 1)), 'asn1: syntax error: data truncated')],
  ['another structure', ...noRequest(inPem(der(0x30, der(0x02, Buffer.of(1)))), TAGS)],
  ['no structure', ...noRequest(inPem(der(0x02, Buffer.of(1))), TAGS)],
  [
    'more than a request',
    ...noRequest(
      inPem(Buffer.concat([certificateRequest(keys, 'ECDSA with SHA-256', keys.privateKey), Buffer.of(5, 0)])),
      'asn1: syntax error: trailing data',
    ),
  ],
  ['no use', { usages: [] }, ['spec.usages: Required value']],
  [
    'an unknown use',
    { usages: ['client auth', 'fun' as 'any'] },
    [
      `spec.usages[1]: Unsupported value: "fun": supported values: ${[...KeyUsage]
        .sort()
        .map((usage) => JSON.stringify(usage))
        .join(', ')}`,
    ],
  ],
  ['a use twice', { usages: ['any', 'any'] }, ['spec.usages[1]: Duplicate value: "any"']],
  ['no signer', { signerName: '' }, ['spec.signerName: Required value']],
  [
    'a signer of no name',
    { signerName: 'a' },
    [
      `spec.signerName: Invalid value: "a": must be a fully qualified domain and path of the form 'example.com/signer-name'`,
    ],
  ],
  [
    'the signer of old',
    { signerName: 'kubernetes.io/legacy-unknown' },
    [
      'spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version',
    ],
  ],
  [
    'too short a time',
    { expirationSeconds: 599 },
    ['spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 600 seconds (10 minutes)'],
  ],
];

for (const [title, spec, expected] of cases) {
  test(`CertificateSigningRequest.validate of ${title}`, () =>
    assert.deepEqual(allFaultsOf(CertificateSigningRequest, asking(spec)), expected));
}

test('CertificateSigningRequest.validate lets stay what was let in before', () => {
  for (const old of [
    asking({ signerName: 'kubernetes.io/legacy-unknown' }),
    asking({ usages: ['any', 'any'] }),
    conditions('Approved', 'Denied'),
    conditions('Other', 'Other'),
    conditions(''),
    showing({ certificate: base64('a') }),
  ]) {
    assert.deepEqual(nextFaultsOf(CertificateSigningRequest, old, old), []);
    assert.equal(nextFaultsOf(CertificateSigningRequest, old, asking({})).length, 1);
  }
});

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const signed = async (own: KeyPair, how: SignatureName, signer = own.privateKey) => {
  const text = inPem(certificateRequest(own, how, signer));
  const object = readInput(CertificateSigningRequest, asking({ request: text })) as CertificateSigningRequest;
  const errors = (await CertificateSigningRequest.verify?.(object)) ?? [];
  return errors.map((error) => formatFieldError(error).replace(`spec.request: Invalid value: "${text}": `, ''));
};
const ed25519 = generateKeyPairSync('ed25519');
const UNIMPLEMENTED = 'x509: cannot verify signature: algorithm unimplemented';

const signatures: readonly [title: string, faults: () => Promise<string[]>, expected: readonly string[]][] = [
  ['P-256', () => signed(keys, 'ECDSA with SHA-256'), []],
  ['P-384', () => signed(ecKeys('P-384'), 'ECDSA with SHA-384'), []],
  ['P-521', () => signed(ecKeys('P-521'), 'ECDSA with SHA-512'), []],
  ['RSA', () => signed(rsa, 'RSA with SHA-256'), []],
  ['RSA and SHA-512', () => signed(rsa, 'RSA with SHA-512'), []],
  ['RSA and SHA-1', () => signed(rsa, 'RSA with SHA-1'), []],
  ['RSA with random padding', () => signed(rsa, 'PSS with SHA-256'), []],
  ['Ed25519', () => signed(ed25519, 'Ed25519'), []],
  [
    'the key of somebody else',
    () => signed(keys, 'ECDSA with SHA-256', ecKeys().privateKey),
    ['x509: ECDSA verification failure'],
  ],
  [
    'the RSA key of somebody else',
    () => signed(generateKeyPairSync('rsa', { modulusLength: 2048 }), 'RSA with SHA-256', rsa.privateKey),
    ['crypto/rsa: verification error'],
  ],
  [
    'the Ed25519 key of somebody else',
    () => signed(ed25519, 'Ed25519', generateKeyPairSync('ed25519').privateKey),
    ['x509: Ed25519 verification failure'],
  ],
  [
    'a key of another kind',
    () => signed(keys, 'RSA with SHA-256', rsa.privateKey),
    ['x509: signature algorithm specifies an RSA public key, but have public key of type *ecdsa.PublicKey'],
  ],
  ['MD5', () => signed(rsa, 'RSA with MD5'), ['x509: cannot verify signature: insecure algorithm MD5-RSA']],
  ['an unknown algorithm', () => signed(keys, 'unknown'), [UNIMPLEMENTED]],
  [
    'an unknown kind of key',
    () => signed(generateKeyPairSync('x25519'), 'RSA with SHA-256', rsa.privateKey),
    [UNIMPLEMENTED],
  ],
  ['an unknown curve', () => signed(ecKeys('secp256k1'), 'ECDSA with SHA-256'), ['x509: unsupported elliptic curve']],
];

for (const [title, faults, expected] of signatures) {
  test(`CertificateSigningRequest.verify of a signature by ${title}`, async () =>
    assert.deepEqual(await faults(), expected));
}

test('CertificateSigningRequest.verify leaves what is no request to validation', async () => {
  const object = readInput(CertificateSigningRequest, asking({ request: base64('a') })) as CertificateSigningRequest;
  assert.deepEqual(await CertificateSigningRequest.verify?.(object), []);
});

const issued = base64(pem('CERTIFICATE', certificate()));
const noCertificate = (text: string, why: string): [Input, Input, string[]] => [
  showing({ certificate: base64(text) }),
  showing({}),
  [`status.certificate: Invalid value: "<certificate data>": ${why}`],
];
const CONDITION = 'status.conditions[0]';

const statuses: readonly [title: string, next: Input, previous: Input, expected: readonly string[]][] = [
  ['nothing', showing({}), showing({}), []],
  ['a certificate', showing({ certificate: issued }), showing({}), []],
  [
    'a chain',
    showing({ certificate: base64(pem('CERTIFICATE', certificate()) + pem('CERTIFICATE', certificate())) }),
    showing({}),
    [],
  ],
  ['a failure', conditions('Approved', 'Failed'), conditions('Approved'), []],
  ['a condition of its own', showing({ conditions: [{ type: 'Other', status: 'Unknown' }] }), showing({}), []],
  ['no certificate', ...noCertificate('a', 'must contain at least one CERTIFICATE PEM block')],
  [
    'a key',
    ...noCertificate(pem('PRIVATE KEY', Buffer.of(1)), 'only CERTIFICATE PEM blocks are allowed, found "PRIVATE KEY"'),
  ],
  ['headers', ...noCertificate(pem('CERTIFICATE', certificate(), 'a: b\n\n'), 'no PEM block headers are permitted')],
  [
    'an empty certificate',
    ...noCertificate(pem('CERTIFICATE', Buffer.of()), 'found CERTIFICATE PEM block containing 0 certificates'),
  ],
  [
    'a certificate that is none',
    ...noCertificate(pem('CERTIFICATE', Buffer.of(0x30, 0)), 'x509: malformed certificate'),
  ],
  [
    'another certificate',
    showing({ certificate: base64(pem('CERTIFICATE', certificate())) }),
    showing({ certificate: issued }),
    ['status.certificate: Forbidden: updates may not modify existing certificate content'],
  ],
  [
    'an approval',
    conditions('Approved'),
    conditions(),
    ['status.conditions: Forbidden: updates may not add a condition of type "Approved"'],
  ],
  [
    'a denial',
    conditions('Denied'),
    conditions(),
    ['status.conditions: Forbidden: updates may not add a condition of type "Denied"'],
  ],
  [
    'a decision less',
    conditions(),
    conditions('Approved', 'Failed'),
    [
      'status.conditions: Forbidden: updates may not remove a condition of type "Approved"',
      'status.conditions: Forbidden: updates may not remove a condition of type "Failed"',
    ],
  ],
  [
    'conditions of nothing',
    showing({ conditions: [{ type: '', status: '' }] }),
    showing({}),
    [`${CONDITION}.type: Required value`, `${CONDITION}.status: Required value`],
  ],
  [
    'an unknown status',
    showing({ conditions: [{ type: 'Other', status: 'Maybe' }] }),
    showing({}),
    [`${CONDITION}.status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"`],
  ],
  [
    'a failure that is none',
    showing({ conditions: [{ type: 'Failed', status: 'False' }] }),
    showing({}),
    [`${CONDITION}.status: Unsupported value: "False": supported values: "True"`],
  ],
  ['a condition twice', conditions('A', 'A'), conditions(), ['status.conditions[1].type: Duplicate value: "A"']],
];

for (const [title, next, previous, expected] of statuses) {
  test(`CertificateSigningRequest.validateStatusUpdate of ${title}`, () =>
    assert.deepEqual(statusFaultsOf(CertificateSigningRequest, next, previous), expected));
}

const approvals: readonly [title: string, next: Input, previous: Input, expected: readonly string[]][] = [
  ['an approval', conditions('Approved'), conditions(), []],
  ['a denial', conditions('Denied'), conditions(), []],
  [
    'an approval of what is denied',
    conditions('Denied', 'Approved'),
    conditions('Denied'),
    ['status.conditions[1].type: Invalid value: "Approved": Approved and Denied conditions are mutually exclusive'],
  ],
  [
    'a denial of what is approved',
    conditions('Approved', 'Denied'),
    conditions('Approved'),
    ['status.conditions[1].type: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive'],
  ],
  [
    'a denial in place of an approval',
    conditions('Denied'),
    conditions('Approved'),
    ['status.conditions: Forbidden: updates may not remove a condition of type "Approved"'],
  ],
];

for (const [title, next, previous, expected] of approvals) {
  test(`CertificateSigningRequest/approval: ${title}`, () => {
    const { approval } = CertificateSigningRequest.subresources;
    assert.ok(approval?.type === 'view');
    const [object, before] = [next, previous].map((input) => readInput(CertificateSigningRequest, input));
    const own = approval.validate?.(object as never, before as never) ?? [];
    const faults = [...nextFaultsOf(CertificateSigningRequest, next, previous), ...own.map(formatFieldError)];
    assert.deepEqual(faults, expected);
  });
}
