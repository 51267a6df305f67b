import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type ApiUnderTest, apiUnderTest } from '../../../test/support/api-requests.ts';
import { certificateRequest, ecKeys, pem } from '../../../test/support/certificate-requests.ts';
import { FakeClock } from '../../base/clock.ts';

const REQUESTS = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
const INGRESSES = '/apis/networking.k8s.io/v1/namespaces/default/ingresses';
const NOW = '2026-05-01T12:30:15Z';

/** What declarations say of writers, times, proofs and warnings, on its way through the server. */
describe('declared kinds', () => {
  let api: ApiUnderTest;
  before(async () => {
    api = await apiUnderTest({
      clock: new FakeClock(Date.parse(NOW)),
      parts: () => ({ reviews: { selfsubjectaccessreviews: async () => ({}) } }),
    });
  });
  after(() => api[Symbol.asyncDispose]());

  const requestOf = (name: string, signer = keys) => {
    const der = certificateRequest(keys, 'ECDSA with SHA-256', signer.privateKey);
    const request = Buffer.from(pem('CERTIFICATE REQUEST', der)).toString('base64');
    return {
      metadata: { name },
      spec: { request, signerName: 'example.com/signer', usages: ['client auth'], username: 'somebody else' },
      status: { certificate: 'AAAA' },
    };
  };
  const keys = ecKeys();

  test('a request for a certificate says who asks, and its approval when', async () => {
    const created = await api.send(`POST ${REQUESTS}`, { body: requestOf('a') });
    assert.equal(created.status, 201);
    assert.equal(created.at('spec.username'), 'admin');
    assert.deepEqual(created.at('status'), {});
    const approved = await api.send(`PATCH ${REQUESTS}/a/approval`, {
      contentType: 'application/merge-patch+json',
      body: { status: { conditions: [{ type: 'Approved', status: 'True' }] } },
    });
    assert.equal(approved.status, 200, JSON.stringify(approved.body));
    assert.deepEqual(approved.at('status.conditions'), [
      { type: 'Approved', status: 'True', lastUpdateTime: NOW, lastTransitionTime: NOW },
    ]);
  });

  test('a request that somebody else has signed is refused along with all else that is wrong', async () => {
    const body = requestOf('b', ecKeys());
    const refused = await api.send(`POST ${REQUESTS}`, { body: { ...body, spec: { ...body.spec, usages: [] } } });
    assert.equal(refused.status, 422);
    const causes = refused.at('details.causes') as { field: string; message: string }[];
    assert.deepEqual(causes.map(({ field }) => field).sort(), ['spec.request', 'spec.usages']);
    assert.match(
      causes.find(({ field }) => field === 'spec.request')?.message ?? '',
      /x509: ECDSA verification failure$/,
    );
  });

  test('requests for a deprecated kind are told so', async () => {
    const listed = await api.send('GET /api/v1/endpoints');
    const warning = '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"';
    assert.equal(listed.headers['warning'], warning);
  });

  test('who writes the status is warned of the status, who writes the object of the object', async () => {
    const annotations = { 'kubernetes.io/ingress.class': 'a' };
    const defaultBackend = { service: { name: 'web', port: { number: 80 } } };
    const body = { metadata: { name: 'a', annotations }, spec: { defaultBackend } };
    const created = await api.send(`POST ${INGRESSES}`, { body });
    assert.match(String(created.headers['warning']), /is deprecated, please use 'spec.ingressClassName' instead/);
    const status = { loadBalancer: { ingress: [{ ip: 'FD00::1' }] } };
    const updated = await api.send(`PUT ${INGRESSES}/a/status`, { body: { ...(created.body as object), status } });
    assert.match(String(updated.headers['warning']), /^299 - "status\.loadBalancer\.ingress\[0\]\.ip: IPv6 address/);
  });

  test('a review that asks nothing is refused', async () => {
    const refused = await api.send('POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
      body: { spec: {} },
    });
    assert.equal(refused.status, 422);
    assert.match(String(refused.at('message')), /exactly one of nonResourceAttributes or resourceAttributes/);
  });
});
