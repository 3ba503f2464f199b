/**
 * The worker that reads and inspects. The page starts it from a blob, so that the page's policy
 * binds it too, and hands it the compiled module: it fetches nothing itself.
 */
import { Hash, Session, check, initSync, standards, supplyStandards, tableOf } from '../../wasm/zhijian.js';
import type { Core } from '../core';
import { disconnect } from '../disconnect';
import type { Port } from '../protocol';
import { expand, workbook } from './archives';
import { serve } from './host';

disconnect(globalThis);

const channel = new MessageChannel();
let waiting: (() => void) | undefined;
channel.port1.onmessage = () => waiting?.();
const files = new FileReaderSync();

serve(globalThis as unknown as Port, {
  start(module, texts) {
    const { memory } = initSync({ module });
    supplyStandards(texts);
    return { Hash, Session, check, standards, tableOf, memory: () => memory.buffer.byteLength } as unknown as Core;
  },
  // A stretch of nothing can always be read, even of a file that has gone: then its size is 0.
  read: (file, start, end) => new Uint8Array(files.readAsArrayBuffer(start === 0 && end === file.size ? file : file.slice(start, end))),
  together: async (all) => new Uint8Array(await new Blob(all).arrayBuffer()),
  // A message to oneself queues behind those that have already arrived; a timer would cost 4 ms each.
  pause: () =>
    new Promise((resolve) => {
      waiting = resolve;
      channel.port2.postMessage(null);
    }),
  now: () => performance.now(),
  expand,
  workbook,
});
