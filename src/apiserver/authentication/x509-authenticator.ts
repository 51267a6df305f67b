// Client certificates: the common name is the user, the organizations are the groups. TLS has verified the chain and the
// purpose before a certificate comes here. Upstream: k8s.io/apiserver/pkg/authentication/request/x509.

import { AsnConvert } from '@peculiar/asn1-schema';
import { Certificate, type Name, type Time } from '@peculiar/asn1-x509';
import type { Clock } from '../../base/clock.ts';
import type { MetricsRegistry } from '../../base/metrics.ts';
import { underWay } from '../../base/under-way.ts';
import type { User } from '../../client/user.ts';
import type { Authenticator } from './authenticator.ts';
import { unauthorized } from './unauthorized.ts';

const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
/** A user's uid, in the arc that Kubernetes has for it (KEP-4412 and AllowParsingUserUIDFromCertAuth). */
const USER_UID = '1.3.6.1.4.1.57683.2';

interface Identity {
  /** Undefined for a certificate without a name, which identifies nobody. */
  readonly user: User | undefined;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

export interface X509AuthenticatorDeps {
  readonly clock: Clock;
  /** Where it is noted how long certificates are still good for. */
  readonly metrics?: MetricsRegistry;
}

const EXPIRATION = {
  name: 'apiserver_client_certificate_expiration_seconds',
  help: 'For how long the certificates that requests came with were still good.',
};
/** Upstream's, from half an hour to a year. */
const EXPIRATION_SECONDS = [
  0, 1800, 3600, 7200, 21_600, 43_200, 86_400, 172_800, 345_600, 604_800, 2_592_000, 7_776_000, 15_552_000, 31_104_000,
];

/**
 * Remembers what a certificate says for as long as the caller holds its bytes: a connection that gives the same array
 * with every request has it read once. Throws `Unauthorized` for one that is out of its time, also in mid-connection.
 */
export function x509Authenticator({ clock, metrics }: X509AuthenticatorDeps): Authenticator {
  const left = metrics?.histogram(EXPIRATION, EXPIRATION_SECONDS);
  const known = new WeakMap<Uint8Array, Promise<Identity>>();
  return {
    async authenticate({ certificate }) {
      if (!certificate) return undefined;
      let identity = known.get(certificate);
      if (!identity) {
        identity = readIdentity(certificate);
        known.set(certificate, identity);
      }
      const { user, notBeforeMs, notAfterMs } = await identity;
      const nowMs = clock.now();
      if (nowMs > notAfterMs || nowMs < notBeforeMs) {
        throw unauthorized('x509: certificate has expired or is not yet valid');
      }
      left?.observe((notAfterMs - nowMs) / 1000);
      return user;
    },
  };
}

/** Throws `Unauthorized` when the bytes are no certificate. */
async function readIdentity(der: Uint8Array): Promise<Identity> {
  const { subject, validity } = parse(der).tbsCertificate;
  const name = valuesOf(subject, COMMON_NAME)[0];
  const uid = valuesOf(subject, USER_UID)[0];
  const groups = valuesOf(subject, ORGANIZATION);
  const digest = new Uint8Array(await underWay(crypto.subtle.digest('SHA-256', new Uint8Array(der))));
  const fingerprint = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const user = name && {
    name,
    uid,
    groups: groups.includes('system:authenticated') ? groups : [...groups, 'system:authenticated'],
    extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] },
  };
  return { user: user || undefined, notBeforeMs: millis(validity.notBefore), notAfterMs: millis(validity.notAfter) };
}

function parse(der: Uint8Array): Certificate {
  try {
    return AsnConvert.parse(der, Certificate);
  } catch (error) {
    throw unauthorized('the client certificate cannot be read', error);
  }
}

function valuesOf(name: Name, type: string): string[] {
  return name
    .flatMap((attributes) => attributes.filter((attribute) => attribute.type === type))
    .map(({ value }) => value.toString());
}

function millis(time: Time): number {
  return time.getTime().getTime();
}
