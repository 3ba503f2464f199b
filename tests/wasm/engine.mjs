// The engine as the browser gets it, in Node: the same module, the same bindings.
// `engine()` gives one shared instance; `fresh()` a new one, for tests that break theirs.
import { readFile } from 'node:fs/promises';

const FOLDER = new URL('../../pkg/wasm/', import.meta.url);

/** The bytes of the module. */
export const bytes = await readFile(new URL('zhijian_bg.wasm', FOLDER));

/** The text of the dictionary. */
export const dictionary = () => readFile(new URL('dict.txt', FOLDER), 'utf8');

let count = 0;

/** Bindings with an instance of their own. */
export async function fresh() {
  count += 1;
  // Bindings keep their instance in module scope, so each instance needs its own copy of the module.
  const bindings = await import(new URL(`zhijian.js?instance=${count}`, FOLDER).href);
  bindings.initSync({ module: bytes });
  bindings.supplyStandards(await readFile(new URL('standards.json', FOLDER)));
  return bindings;
}

let shared;

/** The shared bindings. */
export function engine() {
  shared ??= fresh();
  return shared;
}
