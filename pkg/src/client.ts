/**
 * What the page needs only once there is something to inspect: the engine's client and the worker's
 * source. `index.ts` imports it when the engine is first asked.
 */
export { engineIn } from './engine';
export { default as InspectionWorker } from './worker/worker?worker&inline';
