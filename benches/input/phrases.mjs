// The words that a standard's forbid rules look for, written out, for libraries that know only words: alternatives and
// options are multiplied, lexicons are put in; what has a gap or a slot no list of words can say and is left out.
// It reads as much of TOML as the standards use: tables, and lists of strings.
import { readFileSync } from 'node:fs';

const MOST = 1000;

function tables(file) {
  const found = [];
  let table = { name: '', any: [], phrases: [] };
  let list;
  for (const line of readFileSync(new URL(`../../standards/${file}.toml`, import.meta.url), 'utf8').split('\n')) {
    if (!list) {
      const name = /^\[+([\w.-]+)\]+\s*$/.exec(line)?.[1];
      if (name) found.push((table = { name, any: [], phrases: [] }));
      list = /^(any|phrases) = \[/.exec(line)?.[1];
    }
    if (list && !/^\s*#/.test(line)) {
      const strings = [...line.matchAll(/"(?:[^"\\]|\\.)*"/g)].map(([text]) => JSON.parse(text));
      table[list].push(...strings);
      if (/\]\s*(#.*)?$/.test(line)) list = undefined;
    }
  }
  return found;
}

/** All that a pattern stands for; nothing when it is more than words. */
function expand(pattern, lexicons, depth = 0) {
  if (depth > 8) return [];
  let at = 0;
  let isMore = false;
  const product = (left, right) => left.flatMap((a) => right.map((b) => a + b)).slice(0, MOST);
  const alternatives = () => {
    const all = sequence();
    while (pattern[at] === '|') {
      at += 1;
      all.push(...sequence());
    }
    return all;
  };
  const sequence = () => {
    let all = [''];
    while (at < pattern.length && pattern[at] !== '|' && pattern[at] !== ')') {
      if (pattern[at] === '\\') {
        all = product(all, [pattern[at + 1] ?? '']);
        at += 2;
      } else if (pattern[at] === '(') {
        at += 1;
        const inside = alternatives();
        at += 1;
        if (pattern[at] === '?') {
          at += 1;
          inside.push('');
        }
        all = product(all, inside);
      } else if (pattern[at] === '@') {
        const name = /^[a-z0-9-]*/.exec(pattern.slice(at + 1))[0];
        at += 1 + name.length;
        all = product(all, (lexicons.get(name) ?? []).flatMap((phrase) => expand(phrase, lexicons, depth + 1)));
      } else if (pattern[at] === '{' || pattern.startsWith('..', at)) {
        isMore = true;
        at += pattern[at] === '{' ? 1 : 2;
      } else {
        const character = String.fromCodePoint(pattern.codePointAt(at));
        all = product(all, [character]);
        at += character.length;
      }
    }
    return all;
  };
  const words = alternatives();
  return isMore ? [] : words;
}

/** Up to 1,000 words, spread evenly over all that the standard's forbid rules and the house clauses look for. */
export function forbidden(standard) {
  const own = [...tables('house'), ...tables(standard)];
  const lexicons = new Map();
  for (const { name, phrases } of [...tables('lexicons'), ...own]) {
    if (name.startsWith('lexicons.')) lexicons.set(name.slice('lexicons.'.length), phrases);
  }
  const words = new Set();
  for (const { name, any } of own) {
    if (name !== 'rules.forbid') continue;
    for (const pattern of any) {
      // A lexicon by itself is its phrases, however many words that makes.
      const phrases = /^@[a-z0-9-]+$/.test(pattern) ? (lexicons.get(pattern.slice(1)) ?? []) : [pattern];
      for (const phrase of phrases) for (const word of expand(phrase, lexicons)) if (word.trim()) words.add(word);
    }
  }
  const all = [...words].sort();
  const step = Math.max(1, all.length / MOST);
  return { all: all.length, words: Array.from({ length: Math.min(MOST, all.length) }, (_, index) => all[Math.floor(index * step)]) };
}
