/**
 * The worker's side of the second module: workbooks, archives, and the report as a workbook. The thing
 * to get right: it has an instance of its own. What happens to it does not touch the engine's, and the
 * page hands over the compiled module, because the worker fetches nothing itself.
 */
import { ReportSheets, expand as open, initSync } from '../../wasm/sheets.js';
import type { Expanded } from '../core';
import type { BookPart } from '../protocol';

let started = false;

function start(module: WebAssembly.Module): void {
  if (!started) initSync({ module });
  started = true;
}

/** What is in a workbook, an archive or a web page with tables. */
export function expand(module: WebAssembly.Module, name: string, bytes: Uint8Array, password?: string): Expanded {
  start(module);
  return open(name, bytes, password) as Expanded;
}

let book: ReportSheets | undefined;

/** Puts the report into a workbook, part by part; the last gives it. */
export function workbook({ module, frame, english, lines, last }: BookPart): Uint8Array | null {
  start(module);
  if (frame !== undefined) book = new ReportSheets(frame.head, frame.tail, english === true);
  let from = 0;
  for (const end of lines?.ends ?? []) {
    book?.add(lines!.bytes.subarray(from, end));
    from = end;
  }
  return last === true ? (book?.finish() ?? null) : null;
}
