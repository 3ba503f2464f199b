export function program(): Promise<string>;
export function report(name: string, content: Uint8Array | string, standard: string): Promise<Buffer>;
export function difference(wasm: Buffer, native: Buffer): string | undefined;
export function batch(conversations?: number): string;
