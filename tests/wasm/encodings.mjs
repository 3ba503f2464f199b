// What a browser makes of every code of the old encodings, as a hash a row. Self-contained, so that it can be handed to
// a page as it stands.

/**
 * FNV-1a over the UTF-8 of each row: for GB18030 and Big5 a row a lead byte, every code followed by a dot; for GB18030
 * also codes of four bytes, evenly spread over all there are. Four codes of Big5 are left out: they stand for two
 * characters each, of which Chromium 156 makes halves of pairs.
 */
export function tables() {
  const hash = (bytes, label) => {
    let value = 0x811c9dc5;
    for (const byte of new TextEncoder().encode(new TextDecoder(label).decode(new Uint8Array(bytes)))) {
      value = Math.imul(value ^ byte, 0x01000193) >>> 0;
    }
    return value.toString(16).padStart(8, '0');
  };
  const found = {};
  for (const label of ['gb18030', 'gbk', 'big5']) {
    found[label] = {};
    for (let lead = 0x81; lead < 0xff; lead += 1) {
      const row = [0x2e];
      for (let trail = 0x40; trail < 0xff; trail += 1) {
        const double = label === 'big5' && lead === 0x88 && [0x62, 0x64, 0xa3, 0xa5].includes(trail);
        if (trail !== 0x7f && !double) row.push(lead, trail, 0x2e);
      }
      found[label][lead.toString(16)] = hash(row, label);
    }
  }
  found.four = {};
  for (let lead = 0x81; lead < 0xff; lead += 1) {
    const row = [0x2e];
    // Of the 12,600 codes of a lead byte every thirteenth.
    for (let at = 0; at < 12600; at += 13) {
      row.push(lead, 0x30 + Math.floor(at / 1260), 0x81 + (Math.floor(at / 10) % 126), 0x30 + (at % 10), 0x2e);
    }
    found.four[lead.toString(16)] = hash(row, 'gb18030');
  }
  return found;
}
