//! What was counted in one place, on its way to be summed up in another.
//!
//! The thing to get right: every number arrives bit for bit, and a conversation's place among all is
//! given by who sums up.

use super::block::{Broken, Line, Stretch, room};
use super::{Fixed, Key, Share, Tally, at, small};
use crate::metric::{Spread, Sum};

/// Numbers and names, end to end, little-endian.
#[derive(Default)]
struct Out(Vec<u8>);

impl Out {
    fn number(&mut self, number: u32) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    fn long(&mut self, bits: u64) {
        self.0.extend_from_slice(&bits.to_le_bytes());
    }

    fn figure(&mut self, figure: f64) {
        self.long(figure.to_bits());
    }

    fn names(&mut self, names: &[Box<str>]) {
        self.number(small(names.len()));
        for name in names {
            self.number(small(name.len()));
            self.0.extend_from_slice(name.as_bytes());
        }
    }
}

struct In<'a>(&'a [u8]);

impl<'a> In<'a> {
    fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(bytes)
    }

    fn number(&mut self) -> Option<u32> {
        let bytes = self.bytes(4)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    }

    fn count(&mut self) -> Option<usize> {
        self.number().map(|count| count as usize)
    }

    fn long(&mut self) -> Option<u64> {
        let bytes = self.bytes(8)?;
        Some(u64::from_le_bytes(bytes.try_into().ok()?))
    }

    fn figure(&mut self) -> Option<f64> {
        Some(f64::from_bits(self.long()?))
    }

    /// The numbers under which the names are known here.
    fn names(&mut self, intern: &mut dyn FnMut(&str) -> u32) -> Option<Vec<u32>> {
        let mut known = Vec::new();
        for _ in 0..self.number()? {
            let length = self.count()?;
            known.push(intern(std::str::from_utf8(self.bytes(length)?).ok()?));
        }
        Some(known)
    }
}

impl Tally {
    /// Everything counted so far, for [`Tally::absorb`]; it is forgotten here.
    pub fn drain(&mut self) -> Vec<u8> {
        let mut tally = std::mem::take(self);
        let mut out = Out::default();
        out.names(&tally.agents.all);
        out.names(&tally.rules.all);
        out.number(small(tally.conversations()));
        for (block, entry) in tally.all() {
            let lines = entry.lines.of(&block.lines);
            out.number(small(lines.len()));
            for line in lines {
                out.number(line.agent);
                out.number(line.critical);
                out.figure(line.total);
                out.figure(line.if_confirmed);
                out.figure(line.coverage);
                let broken = line.broken.of(&block.broken);
                out.number(small(broken.len()));
                for broken in broken {
                    for number in [broken.rule, broken.standing, broken.rejected] {
                        out.number(number);
                    }
                }
            }
            let shares = entry.shares.of(&block.shares);
            out.number(small(shares.len()));
            for share in shares {
                for number in [share.agent, share.rule, share.passed, share.judged] {
                    out.number(number);
                }
            }
        }
        for Fixed { kept, times } in &mut tally.fixed {
            out.number(small(kept.len()));
            for kept in kept {
                out.number(small(*kept));
            }
            out.number(small(times.len()));
            for sum in times {
                out.number(small(sum.count));
                out.number(small(sum.within));
                out.long(sum.millis.cast_unsigned());
                let each = sum.each.counted();
                out.number(small(each.len()));
                for (millis, times) in each {
                    out.long(millis.cast_unsigned());
                    out.number(*times);
                }
            }
        }
        out.0
    }

    /// Counts what another tally of the same standard has counted; the keys of its conversations begin
    /// at `key`. `None`: these are not the bytes of a tally.
    pub fn absorb(&mut self, key: Key, bytes: &[u8]) -> Option<()> {
        let mut input = In(bytes);
        if bytes.is_empty() {
            return Some(());
        }
        let agents = input.names(&mut |name| self.agents.intern(name))?;
        let rules = input.names(&mut |name| self.rules.intern(name))?;
        for place in 0..input.count()? {
            let key = key.checked_add(place)?;
            let block = room(&mut self.blocks, key);
            let start = block.lines.len();
            for _ in 0..input.number()? {
                let agent = *agents.get(input.count()?)?;
                let critical = input.number()?;
                let (total, if_confirmed) = (input.figure()?, input.figure()?);
                let coverage = input.figure()?;
                let first = block.broken.len();
                for _ in 0..input.number()? {
                    block.broken.push(Broken {
                        rule: *rules.get(input.count()?)?,
                        standing: input.number()?,
                        rejected: input.number()?,
                    });
                }
                block.lines.push(Line {
                    agent,
                    critical,
                    total,
                    if_confirmed,
                    coverage,
                    broken: Stretch::since(first, &block.broken),
                });
            }
            let lines = Stretch::since(start, &block.lines);
            let mut shares = Vec::new();
            for _ in 0..input.number()? {
                shares.push(Share {
                    agent: input.number()?,
                    rule: input.number()?,
                    passed: input.number()?,
                    judged: input.number()?,
                });
            }
            block.enter(key, lines, shares, &mut self.fixed);
        }
        let mut agents = agents.into_iter();
        while !input.0.is_empty() {
            let Fixed { kept, times } = at(&mut self.fixed, agents.next()? as usize);
            for rule in 0..input.count()? {
                *at(kept, rule) += input.count()?;
            }
            for metric in 0..input.count()? {
                let (count, within) = (input.count()?, input.count()?);
                let millis = input.long()?.cast_signed();
                let mut each = Spread::default();
                for _ in 0..input.number()? {
                    each.add(input.long()?.cast_signed(), input.number()?);
                }
                at(times, metric).merge(&Sum {
                    count,
                    within,
                    millis,
                    each,
                });
            }
        }
        Some(())
    }
}
