// Charges writes to the quotas of their namespace: what is used is raised in the quotas' statuses by compare-and-swap,
// before the writes go on. Those of a namespace that come while its quotas are being written are charged together with
// the next write. Upstream: quotaEvaluator of k8s.io/apiserver/pkg/admission/plugin/resourcequota.

import { ResourceQuota } from '../../api/core/resource-quota.ts';
import { addResources, type ResourceList, remainingResources } from '../../api/resource-list.ts';
import { isStatusError, StatusError } from '../../api/status-error.ts';
import type { Client } from '../../client/client.ts';
import { compareResourceVersions } from '../../client/resource-version.ts';
import type { ObjectReader } from '../registry/object-reader.ts';
import type { QuotaAccount, QuotaCharge } from './quota-charge.ts';

/** How often charges are worked out anew because somebody else has written a quota. */
const MAX_ATTEMPTS = 10;
/** So many quotas it remembers having written. */
const MAX_RUNS = 1000;

/** What a write takes, given what is used now. Throws to refuse it. */
export type ChargeOf = (accounts: readonly QuotaAccount[]) => readonly QuotaCharge[];

/** What a write was charged with. */
export interface QuotaReceipt {
  readonly namespace: string;
  readonly charged: readonly Charged[];
}

interface Charged {
  readonly uid: string;
  /** The version of the quota that has it in. */
  readonly version: string;
  readonly amount: ResourceList;
}

/** A charge or a release that waits for its turn. */
interface Entry {
  /** Changes what is used, and says of which accounts. Throws to refuse. */
  apply(accounts: readonly QuotaAccount[]): readonly QuotaCharge[];
  readonly charged: Charged[];
  readonly outcome: PromiseWithResolvers<QuotaReceipt>;
}

/** Versions of a quota that have followed each other by nothing but charges of this server. */
interface Run {
  readonly first: string;
  readonly last: string;
}

/** What became of writing a quota: a new version, nothing since it has gone, or a failure. */
type Written = { readonly version: string } | 'gone' | StatusError;

export class QuotaLedger {
  readonly #objects: ObjectReader;
  readonly #client: Client;
  /** By namespace; present while it is being worked on. */
  readonly #waiting = new Map<string, Entry[]>();
  readonly #runs = new Map<string, Run>();

  constructor({ objects, client }: { readonly objects: ObjectReader; readonly client: Client }) {
    this.#objects = objects;
    this.#client = client;
  }

  /** Resolves when what the write takes is durably charged. Rejects with what `chargeOf` throws, or StatusError. */
  charge(namespace: string, chargeOf: ChargeOf): Promise<QuotaReceipt> {
    return this.#enter(namespace, (accounts) => {
      const charges = chargeOf(accounts);
      for (const { account, amount } of charges) account.used = addResources(account.used, amount);
      return charges;
    });
  }

  /**
   * Gives back what was charged for a write that did not happen. Where somebody else has written the quota since, it may
   * have been counted without: that is left to the quota controller, which counts anew after every charge.
   */
  async release({ namespace, charged }: QuotaReceipt): Promise<void> {
    if (charged.length === 0) return;
    try {
      await this.#enter(namespace, (accounts) =>
        accounts.flatMap((account) => {
          const mine = charged.find(({ uid }) => uid === account.quota.metadata.uid);
          if (!mine || !this.#isInRun(account.quota, mine)) return [];
          account.used = { ...account.used, ...remainingResources(account.used, mine.amount) };
          return [{ account, amount: {} }];
        }),
      );
    } catch (error) {
      if (!isStatusError(error)) throw error; // Left to the quota controller as well.
    }
  }

  #enter(namespace: string, apply: Entry['apply']): Promise<QuotaReceipt> {
    const entry: Entry = { apply, charged: [], outcome: Promise.withResolvers() };
    const waiting = this.#waiting.get(namespace);
    if (waiting) waiting.push(entry);
    else {
      this.#waiting.set(namespace, [entry]);
      void this.#work(namespace); // It never rejects: what fails is the outcome of an entry.
    }
    return entry.outcome.promise;
  }

  async #work(namespace: string): Promise<void> {
    for (let batch = this.#waiting.get(namespace); batch && batch.length > 0; batch = this.#waiting.get(namespace)) {
      this.#waiting.set(namespace, []);
      try {
        await this.#settle(namespace, batch);
      } catch (error) {
        for (const { outcome } of batch) outcome.reject(error);
      }
    }
    this.#waiting.delete(namespace);
  }

  /** Applies entries in their order, writes the quotas, and begins anew with those that were overtaken. */
  async #settle(namespace: string, batch: readonly Entry[]): Promise<void> {
    let open = batch;
    let names: ReadonlySet<string> | undefined;
    for (let attempt = 1; open.length > 0; attempt++) {
      const accounts = this.#accounts(namespace, names);
      const applied = new Map<Entry, readonly QuotaCharge[]>();
      for (const entry of open) {
        try {
          applied.set(entry, entry.apply(accounts));
        } catch (error) {
          this.#fail(namespace, entry, error);
        }
      }
      const changed = [...new Set([...applied.values()].flat().map(({ account }) => account))];
      const written = new Map(
        await Promise.all(changed.map(async (account) => [account, await this.#write(account)] as const)),
      );
      names = new Set(changed.filter((each) => isOvertaken(written.get(each))).map(({ quota }) => quota.metadata.name));
      open = [];
      for (const [entry, charges] of applied) {
        const failure = noteWritten(entry, charges, written);
        if (!failure) entry.outcome.resolve({ namespace, charged: entry.charged });
        else if (isOvertaken(failure) && attempt < MAX_ATTEMPTS) open = [...open, entry];
        else this.#fail(namespace, entry, failure);
      }
    }
  }

  /** The quotas as they are now: all of the namespace, or those that are still to be written. */
  #accounts(namespace: string, names: ReadonlySet<string> | undefined): readonly QuotaAccount[] {
    return this.#objects
      .list(ResourceQuota, namespace)
      .filter(({ metadata }) => names?.has(metadata.name) ?? true)
      .map((quota) => ({ quota, used: quota.status.used ?? {} }));
  }

  /** What it has been charged in an earlier attempt is given back. */
  #fail(namespace: string, entry: Entry, error: unknown): void {
    const { charged } = entry;
    if (charged.length > 0) void this.release({ namespace, charged }); // Behind what is being settled.
    entry.outcome.reject(error);
  }

  async #write({ quota, used }: QuotaAccount): Promise<Written> {
    const { uid, resourceVersion } = quota.metadata;
    try {
      const updated = await this.#client.updateStatus(ResourceQuota, { ...quota, status: { ...quota.status, used } });
      const version = updated.metadata.resourceVersion;
      const run = this.#runs.get(uid);
      if (this.#runs.size >= MAX_RUNS) this.#runs.clear();
      this.#runs.set(uid, { first: run?.last === resourceVersion ? run.first : version, last: version });
      return { version };
    } catch (error) {
      if (isStatusError(error, 'NotFound')) return 'gone';
      if (isStatusError(error)) return error;
      throw error;
    }
  }

  /** Whether every version of the quota since the charge was a charge, too: it is still in what is used. */
  #isInRun({ metadata }: ResourceQuota, { version }: Charged): boolean {
    const run = this.#runs.get(metadata.uid);
    return run?.last === metadata.resourceVersion && compareResourceVersions(run.first, version) <= 0;
  }
}

function isOvertaken(written: Written | undefined): boolean {
  return isStatusError(written, 'Conflict');
}

/** Notes what the entry has been charged; answers why it could not be charged with the rest. */
function noteWritten(
  { charged }: Entry,
  charges: readonly QuotaCharge[],
  written: ReadonlyMap<QuotaAccount, Written>,
): StatusError | undefined {
  let failure: StatusError | undefined;
  for (const { account, amount } of charges) {
    const result = written.get(account);
    if (result instanceof StatusError) failure = result;
    else if (result && result !== 'gone')
      charged.push({ uid: account.quota.metadata.uid, version: result.version, amount });
  }
  return failure;
}
