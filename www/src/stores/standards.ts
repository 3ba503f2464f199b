/** The built-in standards as the start view names them, before any engine is there. A test compares them with it. */
import list from '../standards.json';

export const STANDARDS = list;

/** The standard to use when this one was used last, which may no longer exist. */
export function standardFor(last: string): string {
  return (STANDARDS.find(({ id }) => id === last) ?? STANDARDS[0])?.id ?? last;
}
