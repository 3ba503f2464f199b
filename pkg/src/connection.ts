/**
 * The page's side of the protocol: requests go out with an id, promises come back. An abort that the
 * worker does not acknowledge in time ends the worker; whatever else was waiting is told so.
 */
import { type Answer, EngineError, type Exchanges, type Failure, type Kind, type Port } from './protocol';

/** Milliseconds a worker has to acknowledge an abort. */
export const PATIENCE = 150;

/** The part of `Worker` that is used here. */
export interface WorkerLike extends Port {
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  addEventListener(type: 'error' | 'messageerror', listener: (event: Event) => void): void;
  terminate(): void;
}

export interface Call<K extends Kind> {
  transfer?: Transferable[];
  signal?: AbortSignal | undefined;
  onProgress?: (progress: Exchanges[K]['progress']) => void;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: EngineError): void;
  onProgress: ((progress: never) => void) | undefined;
}

export class Connection {
  private readonly waiting = new Map<number, Waiting>();
  private next = 1;
  private ended = false;

  constructor(private readonly worker: WorkerLike) {
    worker.addEventListener('message', (event) => this.receive(event.data as Answer));
    worker.addEventListener('error', (event) => {
      event.preventDefault?.();
      const detail = (event as ErrorEvent).message;
      this.end({ code: 'worker-failed', data: detail === undefined ? {} : { detail } });
    });
    worker.addEventListener('messageerror', () => this.end({ code: 'worker-failed' }));
  }

  /** Whether the worker can no longer be asked. */
  get closed(): boolean {
    return this.ended;
  }

  request<K extends Kind>(kind: K, params: Exchanges[K]['params'], call: Call<K> = {}): Promise<Exchanges[K]['result']> {
    if (this.ended) return Promise.reject(new EngineError({ code: 'terminated' }));
    if (call.signal?.aborted) return Promise.reject(new EngineError({ code: 'aborted' }));
    const id = this.next++;
    return new Promise((resolve, reject) => {
      const { signal } = call;
      const stop = () => this.abort(id);
      const settle = () => signal?.removeEventListener('abort', stop);
      this.waiting.set(id, {
        resolve: (value) => (settle(), resolve(value as Exchanges[K]['result'])),
        reject: (error) => (settle(), reject(error)),
        onProgress: call.onProgress as Waiting['onProgress'],
      });
      signal?.addEventListener('abort', stop);
      this.worker.postMessage({ id, kind, params }, call.transfer ?? []);
    });
  }

  /** Ends the worker; everything that waits fails with `terminated`. */
  terminate(): void {
    this.end({ code: 'terminated' });
  }

  private abort(target: number): void {
    const timer = setTimeout(() => {
      if (this.waiting.has(target)) this.end({ code: 'aborted' });
    }, PATIENCE);
    this.request('abort', { target }).catch(() => clearTimeout(timer));
  }

  private receive(answer: Answer): void {
    const waiting = this.waiting.get(answer.id);
    if (waiting === undefined) return;
    if (answer.type === 'progress') {
      waiting.onProgress?.(answer.progress as never);
      return;
    }
    this.waiting.delete(answer.id);
    if (answer.type === 'done') waiting.resolve(answer.result);
    else waiting.reject(new EngineError(answer.failure));
  }

  private end(failure: Failure): void {
    if (this.ended) return;
    this.ended = true;
    this.worker.terminate();
    const all = [...this.waiting.values()];
    this.waiting.clear();
    for (const waiting of all) waiting.reject(new EngineError(failure));
  }
}
