/**
 * zhijian in the browser: `createEngine` gives an engine whose work happens in a worker. The page
 * fetches the module and the built-in standards once; nothing else is ever fetched but the
 * dictionary, from the same place, when a rule first needs it.
 */
import dictionaryUrl from '../wasm/dict.txt?url';
import standardsUrl from '../wasm/standards.json?url';
import moduleUrl from '../wasm/zhijian_bg.wasm?url';
import { disconnect } from './disconnect';
import { type Engine, engineIn } from './engine';
import { EngineError } from './protocol';
import InspectionWorker from './worker/worker?worker&inline';

export type * from './core';
export type { Engine, InspectOptions, Progress } from './engine';
export { COLUMNS } from './core';
export { type Gathered, type InputFile, fromDrop, fromList } from './files';
export type { FileOutcome, Inspection } from './inspection';
export { EngineError } from './protocol';
export type * from './types';

export function createEngine(): Engine {
  disconnect(globalThis);
  let compiled: Promise<WebAssembly.Module> | undefined;
  let standards: Promise<Uint8Array> | undefined;
  return engineIn({
    spawn: () => new InspectionWorker(),
    module: () => {
      compiled ??= compile(absolute(moduleUrl)).catch((error: unknown) => {
        compiled = undefined;
        throw new EngineError({ code: 'engine-unavailable', data: { detail: String(error) } });
      });
      return compiled;
    },
    standards: () => {
      standards ??= bytes(standardsUrl, 'engine-unavailable').catch((error: unknown) => {
        standards = undefined;
        throw error;
      });
      return standards;
    },
    dictionary: () => bytes(dictionaryUrl, 'dictionary-unavailable'),
  });
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
