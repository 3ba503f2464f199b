/**
 * From what was dropped or chosen to a flat list of files with their paths. The thing to get right:
 * the entries of a drop must be asked for before the first `await`; afterwards the list is empty.
 */
import type { EngineError } from './protocol';
import type { Diagnostic } from './types';

export interface InputFile {
  /** Name, or the path below what was dropped. */
  path: string;
  file: File;
}

export interface Gathered {
  files: InputFile[];
  /** What was left out, and why. */
  skipped: Diagnostic[];
}

/** Files and folders of a drop. */
export async function fromDrop(transfer: DataTransfer): Promise<Gathered> {
  const entries: FileSystemEntry[] = [];
  const plain: File[] = [];
  for (const item of transfer.items) {
    if (item.kind !== 'file') continue;
    const entry = item.webkitGetAsEntry();
    if (entry !== null) entries.push(entry);
    else {
      const file = item.getAsFile();
      if (file !== null) plain.push(file);
    }
  }
  const gathered: Gathered = { files: [], skipped: [] };
  for (const file of plain) keep(gathered, file.name, file);
  await Promise.all(entries.map((entry) => walk(entry, gathered)));
  return sorted(gathered);
}

/** Files of an `<input type=file>`, with or without `webkitdirectory`. */
export function fromList(list: Iterable<File>): Gathered {
  const gathered: Gathered = { files: [], skipped: [] };
  for (const file of list) keep(gathered, file.webkitRelativePath || file.name, file);
  return sorted(gathered);
}

const MEDIA = /\.(png|jpe?g|gif|webp|bmp|heic|svg|ico|mp[34]|m4a|aac|amr|silk|wav|ogg|opus|mov|avi|webm)$/i;

/** Whether a path is one that people do not mean when they drop a folder. */
export function hidden(path: string): boolean {
  return path
    .split('/')
    .some((part) => part.startsWith('.') || part === '__MACOSX' || part === 'Thumbs.db' || part === 'desktop.ini' || part.startsWith('~$'));
}

export function unreadable(path: string, detail: string): Diagnostic {
  return {
    code: 'file-unreadable',
    severity: 'error',
    file: path,
    message: {
      zh: `浏览器读不出这个文件（${detail}）。它可能已被移动、改名，或正被别的程序占用；请重新选择。`,
      en: `The browser cannot read this file (${detail}). It may have been moved or renamed, or another program holds it; choose it again.`,
    },
  };
}

export function duplicate(path: string, same: string): Diagnostic {
  return {
    code: 'file-duplicate',
    severity: 'warning',
    file: path,
    message: {
      zh: `内容与“${same}”完全相同，只计一次。`,
      en: `Its bytes are those of ${same}; they are counted once.`,
    },
  };
}

export function trapped(path: string, error: EngineError): Diagnostic {
  const detail = error.failure.data?.detail ?? error.code;
  return {
    code: 'engine-trapped',
    severity: 'error',
    file: path,
    message: {
      zh: `读这个文件时引擎出错停下（${detail}），已跳过它；其余文件照常质检。这是程序的缺陷，请反馈。`,
      en: `The engine stopped on this file (${detail}); it was left out and the others were inspected. This is a defect of the program; please report it.`,
    },
  };
}

/** Gives every file a path of its own: what was dropped from several folders may bear one name twice. */
export function apart(files: readonly InputFile[]): InputFile[] {
  const taken = new Set<string>();
  return files.map(({ path, file }) => {
    const dot = path.lastIndexOf('.');
    const [name, ending] = dot > path.lastIndexOf('/') + 1 ? [path.slice(0, dot), path.slice(dot)] : [path, ''];
    let own = path;
    for (let number = 2; taken.has(own); number += 1) own = `${name} (${number})${ending}`;
    taken.add(own);
    return { path: own, file };
  });
}

function keep(gathered: Gathered, path: string, file: File): void {
  const left = leftOut(path);
  if (left === undefined) gathered.files.push({ path, file });
  else gathered.skipped.push(left);
}

/** Why a file of a folder is not read; one that was chosen by itself is, if it is not hidden. */
function leftOut(path: string): Diagnostic | undefined {
  if (hidden(path)) {
    return {
      code: 'file-hidden',
      severity: 'info',
      file: path,
      message: { zh: '隐藏文件或系统文件，没有读取。', en: 'A hidden or system file; it was not read.' },
    };
  }
  if (path.includes('/') && MEDIA.test(path)) {
    return {
      code: 'file-media',
      severity: 'info',
      file: path,
      message: { zh: '图片、语音或视频，里面没有可读的聊天文字，没有读取。', en: 'A picture, a recording or a film, without words to read; it was not read.' },
    };
  }
  return undefined;
}

async function walk(entry: FileSystemEntry, gathered: Gathered): Promise<void> {
  const path = entry.fullPath.replace(/^\/+/, '');
  const left = entry.isFile || hidden(path) ? leftOut(path) : undefined;
  if (left !== undefined) {
    gathered.skipped.push(left);
    return;
  }
  try {
    if (entry.isFile) {
      const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
      gathered.files.push({ path, file });
    } else if (entry.isDirectory) {
      const reader = (entry as FileSystemDirectoryEntry).createReader();
      const inside: Promise<void>[] = [];
      // A reader hands out a hundred entries at a time and says the end with none.
      for (;;) {
        const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
        if (some.length === 0) break;
        inside.push(...some.map((child) => walk(child, gathered)));
      }
      await Promise.all(inside);
    }
  } catch (error) {
    gathered.skipped.push(unreadable(path, error instanceof Error ? error.name : String(error)));
  }
}

/** The order of reading does not depend on the order in which the system lists a folder. */
function sorted(gathered: Gathered): Gathered {
  const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  gathered.files.sort((a, b) => order(a.path, b.path));
  gathered.skipped.sort((a, b) => order(a.file ?? '', b.file ?? ''));
  return gathered;
}
