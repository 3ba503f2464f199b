// A batch judged in parts and read in slices is, byte for byte, what the command line says of it as a whole.
import assert from 'node:assert/strict';
import test from 'node:test';

import { dictionary, engine } from './engine.mjs';
import { batch, difference, report } from './native.mjs';

const words = new TextEncoder().encode(await dictionary());
// Longer than what is read at once; what is added says nothing and is judged all the same.
const bytes = Buffer.from(batch(900).replaceAll('"text":"', `"text":"${'尺码表见详情页。'.repeat(12)}`));

/** Judges a file in a session of its own and hands what was found to another, as the page does. */
async function inspected(slice, pull, standard = 'taobao', content = bytes) {
  const { Session } = await engine();
  const part = new Session({ standard, part: true, slice });
  const keeper = new Session({ standard, sums: true });
  const [lines, places] = [[], []];
  let pulls = 0;
  part.addPulled('batch.jsonl', content.length, (offset) => ((pulls += 1), content.subarray(offset, offset + pull)), undefined);
  for (;;) {
    const step = part.step(50);
    const taken = part.take();
    let start = 0;
    for (const end of taken.lineEnds) {
      lines.push(taken.lines.slice(start, end));
      start = end;
    }
    places.push(...taken.places);
    assert.equal(taken.transcriptEnds.length, 0, 'what was said is not kept');
    if (step.done) {
      keeper.absorb([taken.rows], [taken.labels], [taken.tally], part.outcome());
      break;
    }
    keeper.absorb([taken.rows], [taken.labels], [taken.tally], new Uint8Array());
    if (step.needsDictionary) part.loadDictionary(words);
  }
  const parts = [keeper.head()];
  lines.forEach((line, index) => parts.push(...(index === 0 ? [line] : [Buffer.from(','), line])));
  parts.push(keeper.tail());
  return { whole: Buffer.concat(parts), keeper, lines, places, pulls };
}

test('slices and parts give the same bytes, and every conversation can be read again', async () => {
  assert.ok(bytes.length > 1.5 * (1 << 20), `${bytes.length} bytes`);
  const native = await report('batch.jsonl', bytes, 'taobao');
  for (const [slice, pull] of [[1, 1], [7, 4096], [1 << 16, 1000], [4 << 20, 4 << 20]]) {
    const { whole, keeper, lines, places, pulls } = await inspected(slice, pull);
    assert.equal(difference(whole, native), undefined, `slices of ${slice}`);
    assert.ok(pulls >= bytes.length / pull);
    for (const index of [0, 3, 400, lines.length - 1]) {
      const { id, messages } = JSON.parse(Buffer.from(lines[index]).toString());
      const [start, end, ordinal] = places.slice(index * 3, index * 3 + 3);
      assert.ok(start < end && end <= bytes.length && ordinal >= 0, `${start} ${end} ${ordinal}`);
      const piece = bytes.subarray(start, end);
      const read = keeper.reread('batch.jsonl', piece.length, (offset) => piece.subarray(offset), '{"format":"transcript-json","encoding":"UTF-8"}', ordinal, id, messages);
      const transcript = JSON.parse(Buffer.from(read).toString());
      assert.equal(transcript.id, id);
      assert.equal(transcript.messages.length, messages);
      assert.match(transcript.messages[0].text, /尺码表/);
    }
    assert.deepEqual([...keeper.find('batch.jsonl', bytes.length, (offset) => bytes.subarray(offset, offset + (1 << 20)), undefined, 's899')], [lines.length - 1]);
  }
});

test('a date in the last line tells the order of day and month, whatever the slices', async () => {
  const days = `${bytes}`.replace(/"2026-03-0(\d)T([\d:]+)\.000Z"/g, '"3/$1/2026 $2"');
  const proof = '{"id":"proof","timezone":"+08:00","messages":[{"role":"customer","sender":"tb8801","time":"3/13/2026 10:00:00","text":"尺码表见详情页。"}]}';
  const content = Buffer.from(`${days}\n${proof}`);
  const native = await report('batch.jsonl', content, 'taobao');
  assert.doesNotMatch(native.toString(), /date-order/);
  for (const [slice, pull] of [[1, 1000], [7, 4096], [1 << 16, 1000], [4 << 20, 4 << 20]]) {
    const { whole, keeper, lines, places } = await inspected(slice, pull, 'taobao', content);
    assert.equal(difference(whole, native), undefined, `slices of ${slice}`);
    for (const index of [0, 400, lines.length - 1]) {
      const { id, messages } = JSON.parse(Buffer.from(lines[index]).toString());
      const [start, end, ordinal] = places.slice(index * 3, index * 3 + 3);
      const piece = content.subarray(start, end);
      const read = keeper.reread('batch.jsonl', piece.length, (offset) => piece.subarray(offset), '{"format":"transcript-json","encoding":"UTF-8","day_first":false}', ordinal, id, messages);
      const transcript = JSON.parse(Buffer.from(read).toString());
      assert.equal(transcript.id, id);
      assert.match(transcript.messages[0].time, /^2026-03-/);
    }
  }
});

test('who only sums up says the same under every standard, before and after a review', async () => {
  const { Session, standards } = await engine();
  const some = Buffer.from(batch(60));
  for (const { id: standard } of standards()) {
    const part = new Session({ standard, part: true });
    part.loadDictionary(words);
    part.add('some.jsonl', some);
    while (!part.step(1000).done);
    const taken = part.take();
    const outcome = part.outcome();
    const keepers = [{ standard, sums: true }, { standard }].map((options) => new Session(options));
    const lines = [...taken.lineEnds].map((end, index) => taken.lines.slice(index === 0 ? 0 : taken.lineEnds[index - 1], end));
    const index = lines.findIndex((line) => JSON.parse(Buffer.from(line).toString()).findings.length > 0);
    assert.ok(index >= 0, standard);
    const [sums, whole] = keepers.map((keeper) => {
      keeper.absorb([taken.rows], [taken.labels], [taken.tally], outcome);
      const before = [keeper.head(), keeper.summary(), keeper.tail()].map((bytes) => Buffer.from(bytes).toString());
      const reviewed = keeper.review(index, lines[index], [{ finding: 0, review: 'rejected' }]);
      const csv = keeper.csv(lines[index]);
      const after = [reviewed.line, keeper.summary(), csv].map((bytes) => Buffer.from(bytes).toString());
      assert.notEqual(before[1], after[1], `${standard}: a review changes something`);
      return { before, after, row: [...reviewed.row] };
    });
    assert.deepEqual(sums, whole, standard);
  }
});

test('a file that cannot be read to its end says so and keeps what was read', async () => {
  const { Session } = await engine();
  const session = new Session({ standard: 'taobao', part: true });
  session.loadDictionary(words);
  session.addPulled(
    'batch.jsonl',
    bytes.length,
    (offset) => {
      if (offset > 1.4 * (1 << 20)) throw new DOMException('changed', 'NotReadableError');
      return bytes.subarray(offset, offset + 100_000);
    },
    undefined,
  );
  let found = 0;
  for (let done = false; !done; ) {
    ({ done } = session.step(100_000));
    found += session.take().lineEnds.length;
  }
  const { diagnostics, detection } = JSON.parse(Buffer.from(session.outcome()).toString());
  assert.ok(found > 300, `${found} conversations`);
  assert.match(diagnostics.find(({ code }) => code === 'file-unreadable').message.en, /NotReadableError/);
  assert.equal(detection.format, 'transcript-json');
  const gone = () => {
    throw new DOMException('gone', 'NotFoundError');
  };
  assert.throws(() => session.addPulled('gone.csv', 10, gone, undefined), { code: 'file-unreadable' });
  assert.throws(() => session.addCorrected('a.csv', new Uint8Array(3), '{"format":"docx"}'), { code: 'correction-unknown' });
});
