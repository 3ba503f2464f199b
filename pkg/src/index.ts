/**
 * zhijian in the browser: `createEngine` gives an engine whose work happens in a worker. Creating one
 * costs next to nothing: client and worker are imported when it is first asked. The page fetches the
 * module and the built-in standards once; nothing else is ever fetched but, from the same place, the
 * dictionary when a rule first needs it, and the module that opens workbooks and archives when there
 * is one.
 */
import dictionaryUrl from '../wasm/dict.txt?url';
import sheetsUrl from '../wasm/sheets_bg.wasm?url';
import standardsUrl from '../wasm/standards.json?url';
import moduleUrl from '../wasm/zhijian_bg.wasm?url';
import { disconnect } from './disconnect';
import type { Engine } from './engine';
import { EngineError, type Tuning } from './protocol';

export type * from './core';
export type { Engine, InspectOptions, Preview, Progress } from './engine';
export { type Gathered, type InputFile, fromDrop, fromList } from './files';
export type { FileOutcome, Inspection } from './inspection';
export { EngineError, type Tuning } from './protocol';
export type * from './types';

export interface BrowserEngine extends Engine {
  /** Fetches the module and the standards now, so that the first inspection need not wait for it. */
  warm(): void;
}

/** `tuning` is asked before every inspection; it is for tests. */
export function createEngine(tuning?: () => Tuning): BrowserEngine {
  disconnect(globalThis);
  let compiled: Promise<WebAssembly.Module> | undefined;
  let second: Promise<WebAssembly.Module> | undefined;
  let texts: Promise<Uint8Array> | undefined;
  let client: Promise<Engine> | undefined;
  const module = () => {
    compiled ??= compile(absolute(moduleUrl)).catch((error: unknown) => {
      compiled = undefined;
      throw unavailable(error);
    });
    return compiled;
  };
  const sheets = () => {
    second ??= compile(absolute(sheetsUrl)).catch((error: unknown) => {
      second = undefined;
      throw unavailable(error);
    });
    return second;
  };
  const standards = () => {
    texts ??= bytes(standardsUrl, 'engine-unavailable').catch((error: unknown) => {
      texts = undefined;
      throw error;
    });
    return texts;
  };
  const dictionary = () => bytes(dictionaryUrl, 'dictionary-unavailable');
  const engine = () => {
    client ??= import('./client').then(
      ({ engineIn, InspectionWorker }) => engineIn({ spawn: () => new InspectionWorker(), module, standards, dictionary, sheets, ...(tuning === undefined ? {} : { tuning }) }),
      (error: unknown) => {
        client = undefined;
        throw unavailable(error);
      },
    );
    return client;
  };
  return {
    warm: () => {
      for (const one of [module(), standards()]) one.catch(() => undefined);
    },
    standards: async () => (await engine()).standards(),
    compile: async (toml) => (await engine()).compile(toml),
    inspect: async (files, options) => (await engine()).inspect(files, options),
    unlock: async (locked, password, signal) => (await engine()).unlock(locked, password, signal),
    prepare: (options) => void engine().then((made) => made.prepare(options)).catch(() => undefined),
    dispose: () => void client?.then((made) => made.dispose()).catch(() => undefined),
  };
}

function unavailable(error: unknown): EngineError {
  return new EngineError({ code: 'engine-unavailable', data: { detail: String(error) } });
}

async function bytes(url: string, code: string): Promise<Uint8Array> {
  const response = await fetch(absolute(url)).catch(() => undefined);
  if (!response?.ok) throw new EngineError({ code });
  return new Uint8Array(await response.arrayBuffer());
}

function absolute(url: string): URL {
  return new URL(url, document.baseURI);
}

async function compile(url: URL): Promise<WebAssembly.Module> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  // Streaming refuses any other type, and some hosts send another.
  if (response.headers.get('content-type')?.startsWith('application/wasm')) return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}
