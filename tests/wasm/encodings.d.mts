/** A hash a row, by encoding and lead byte. */
export function tables(): Record<string, Record<string, string>>;
