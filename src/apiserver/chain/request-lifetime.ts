// How long a request has somebody waiting for it: until its caller goes, or its time is up. Most requests are over before
// anybody asks, so the signal is only made for those that wait for something.

export class RequestLifetime {
  readonly #outer: AbortSignal | undefined;
  #controller: AbortController | undefined;
  #signal: AbortSignal | undefined;
  #end: { readonly reason: unknown } | undefined;

  /** `outer`: the caller's own signal, where it has one. */
  constructor(outer?: AbortSignal) {
    this.#outer = outer;
  }

  get isOver(): boolean {
    return this.#end !== undefined || this.#outer?.aborted === true;
  }

  /** Aborted when the request is over. */
  get signal(): AbortSignal {
    this.#signal ??= this.#makeSignal();
    return this.#signal;
  }

  throwIfOver(): void {
    if (this.#end) throw this.#end.reason;
    this.#outer?.throwIfAborted();
  }

  /** The first call counts. */
  end(reason: unknown): void {
    if (this.#end) return;
    this.#end = { reason };
    this.#controller?.abort(reason);
  }

  #makeSignal(): AbortSignal {
    this.#controller = new AbortController();
    if (this.#end) this.#controller.abort(this.#end.reason);
    return this.#outer ? AbortSignal.any([this.#outer, this.#controller.signal]) : this.#controller.signal;
  }
}
