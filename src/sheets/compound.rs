//! The compound file: sectors in chains, a directory of streams. Older workbooks are one stream of it, and
//! newer ones with a password another.
//!
//! The thing to get right: a chain may lead in circles, so no more sectors are followed than the file has.

use super::{Fault, damaged};

/// How such a file begins.
pub(super) const MAGIC: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

const DIRECTORY_ENTRY: usize = 128;

/// The streams of a compound file.
pub(super) struct Compound<'b> {
    bytes: &'b [u8],
    sector: usize,
    chains: Vec<u32>,
    small_chains: Vec<u32>,
    /// What holds the small streams.
    small: Vec<u8>,
    small_sector: usize,
    cutoff: u64,
    entries: Vec<(String, u32, u64)>,
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let four = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(four.try_into().ok()?))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(four.try_into().ok()?))
}

fn cut() -> Fault {
    damaged("OLE2")
}

impl<'b> Compound<'b> {
    pub(super) fn read(bytes: &'b [u8]) -> Result<Self, Fault> {
        let word = |at: usize| u32_at(bytes, at).ok_or_else(cut);
        let sector = match u16_at(bytes, 30) {
            Some(9) => 512,
            Some(12) => 4096,
            _ => return Err(cut()),
        };
        let small_sector = match u16_at(bytes, 32) {
            Some(shift @ 4..=9) => 1 << shift,
            _ => return Err(cut()),
        };
        let mut compound = Self {
            bytes,
            sector,
            chains: Vec::new(),
            small_chains: Vec::new(),
            small: Vec::new(),
            small_sector,
            cutoff: u64::from(word(56)?),
            entries: Vec::new(),
        };
        let most = bytes.len() / sector + 1;
        // The sectors that hold the chains: the first 109 are in the header, the others in sectors of their own.
        let mut holders: Vec<u32> = (0..109)
            .filter_map(|index| u32_at(bytes, 76 + 4 * index))
            .take_while(|holder| *holder < 0xffff_fffa)
            .collect();
        let mut next = word(68)?;
        let per_sector = sector / 4;
        for _ in 0..most {
            let Some(held) = compound.sector_at(next).filter(|_| next < 0xffff_fffa) else {
                break;
            };
            let more = (0..per_sector - 1).filter_map(|index| u32_at(held, 4 * index));
            holders.extend(more.take_while(|holder| *holder < 0xffff_fffa));
            next = u32_at(held, 4 * (per_sector - 1)).unwrap_or(u32::MAX);
        }
        let mut chains = Vec::new();
        for holder in holders.into_iter().take(most) {
            let held = compound.sector_at(holder).ok_or_else(cut)?;
            chains.extend((0..per_sector).filter_map(|index| u32_at(held, 4 * index)));
        }
        compound.chains = chains;
        let directory = compound.chain(word(48)?)?;
        for entry in directory.as_chunks::<DIRECTORY_ENTRY>().0 {
            let length = usize::from(u16_at(entry, 64).unwrap_or(0)).min(64);
            let (units, _) = entry[..length].as_chunks::<2>();
            let units = units.iter().map(|unit| u16::from_le_bytes(*unit));
            let name: String = char::decode_utf16(units.take_while(|unit| *unit != 0))
                .map(|letter| letter.unwrap_or('\u{fffd}'))
                .collect();
            let start = u32_at(entry, 116).unwrap_or(u32::MAX);
            let size = u64::from(u32_at(entry, 120).unwrap_or(0));
            match entry[66] {
                5 if compound.small.is_empty() && size > 0 => {
                    compound.small = compound.chain(start)?;
                }
                2 => compound.entries.push((name, start, size)),
                _ => {}
            }
        }
        if let Some(start) = u32_at(bytes, 60).filter(|start| *start < 0xffff_fffa) {
            let held = compound.chain(start)?;
            let (words, _) = held.as_chunks::<4>();
            compound.small_chains = words.iter().map(|word| u32::from_le_bytes(*word)).collect();
        }
        Ok(compound)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.entries.iter().any(|(known, ..)| known == name)
    }

    /// The bytes of a stream, by its name.
    pub(super) fn stream(&self, name: &str) -> Option<Result<Vec<u8>, Fault>> {
        let (_, start, size) = self.entries.iter().find(|(known, ..)| known == name)?;
        let bytes = if *size < self.cutoff {
            self.small_chain(*start)
        } else {
            self.chain(*start)
        };
        Some(bytes.map(|mut bytes| {
            bytes.truncate(usize::try_from(*size).unwrap_or(usize::MAX));
            bytes
        }))
    }

    fn sector_at(&self, number: u32) -> Option<&'b [u8]> {
        let start = (number as usize).checked_add(1)?.checked_mul(self.sector)?;
        let end = start.checked_add(self.sector)?;
        // The last sector may be cut short.
        self.bytes.get(start..end.min(self.bytes.len()))
    }

    fn chain(&self, first: u32) -> Result<Vec<u8>, Fault> {
        let mut bytes = Vec::new();
        let mut next = first;
        for _ in 0..=self.chains.len() {
            if next >= 0xffff_fffa {
                return Ok(bytes);
            }
            let sector = self.sector_at(next).ok_or_else(cut)?;
            if bytes.len() > self.bytes.len() {
                break;
            }
            bytes.extend_from_slice(sector);
            next = *self.chains.get(next as usize).ok_or_else(cut)?;
        }
        Err(cut())
    }

    fn small_chain(&self, first: u32) -> Result<Vec<u8>, Fault> {
        let mut bytes = Vec::new();
        let mut next = first;
        for _ in 0..=self.small_chains.len() {
            if next >= 0xffff_fffa {
                return Ok(bytes);
            }
            let start = (next as usize)
                .checked_mul(self.small_sector)
                .ok_or_else(cut)?;
            let end = start
                .saturating_add(self.small_sector)
                .min(self.small.len());
            bytes.extend_from_slice(self.small.get(start..end).ok_or_else(cut)?);
            next = *self.small_chains.get(next as usize).ok_or_else(cut)?;
        }
        Err(cut())
    }
}
