//! Many words found in one pass: an Aho-Corasick automaton over characters, as a double array.
//!
//! It is made anew whenever a standard is opened, also in a browser, so what counts is how soon it is
//! made: words are sorted, states are made level by level from ranges of words, and nothing is allocated
//! for a state. It is a crate of its own so that a browser gets it compiled for speed and the rest for
//! size; therefore nothing here is generic or inline, which would be compiled as its caller is.
//!
//! What a reader would get wrong: a state's `fail` passes over states that no word goes on from, so that
//! it is not always the longest end that begins a word. What those states report is in its `output`.

use std::collections::VecDeque;

/// A word in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its place in the list of words.
    pub word: u32,
    /// The byte at which it begins.
    pub start: usize,
    /// The byte behind it.
    pub end: usize,
}

/// Words, ready to be found.
#[derive(Clone, Debug)]
pub struct Automaton {
    /// By character: its number among the characters of the words, the commonest 1; 0 for any other.
    codes: Vec<u32>,
    states: Vec<State>,
    outputs: Vec<Output>,
}

#[derive(Clone, Copy, Debug)]
struct State {
    /// The state after code c is at `base + c`, if its `check` is this one. 0 where nothing follows, and
    /// for the root.
    base: u32,
    check: u32,
    /// Where to look for a character that does not follow.
    fail: u32,
    /// The number of what is found here, from 1.
    output: u32,
}

/// A word that ends at a state, and the number of the next shorter one that does, from 1.
#[derive(Clone, Copy, Debug)]
struct Output {
    word: u32,
    bytes: u32,
    next: u32,
}

const ROOT: u32 = 0;
const FREE: State = State {
    base: 0,
    check: u32::MAX,
    fail: ROOT,
    output: 0,
};

/// The words from here to there, which have their first `depth` characters in common.
#[derive(Clone, Copy)]
struct Node {
    from: usize,
    to: usize,
    depth: usize,
    slot: u32,
}

impl Automaton {
    /// An automaton that finds these words, each by its place in the list. None of them may be empty or
    /// stand there twice.
    pub fn new(words: &[String]) -> Self {
        let codes = codes(words);
        let (mut spelled, mut starts) = (Vec::new(), vec![0]);
        let mut order: Vec<(u64, u32)> = Vec::with_capacity(words.len());
        for (number, word) in (0_u32..).zip(words) {
            let start = spelled.len();
            spelled.extend(word.chars().map(|c| codes[c as usize]));
            starts.push(spelled.len());
            // No code has more than 21 bits.
            let begin = spelled[start..].iter().chain([&0; 3]).take(3);
            order.push((begin.fold(0, |key, c| key << 21 | u64::from(*c)), number));
        }
        let of = |number: u32| {
            let at = number as usize;
            &spelled[starts[at]..starts[at + 1]]
        };
        sort(&mut order, &of);

        let mut states = vec![FREE];
        let mut outputs = Vec::with_capacity(words.len());
        // What follows the root lies right behind it, so everything else begins behind all codes.
        let most = spelled.iter().max().copied().unwrap_or_default();
        let mut room = Room {
            next: Vec::new(),
            from: [most + 1; 8],
        };
        room.take(ROOT);
        let mut branches: Vec<(u32, usize, usize)> = Vec::new();
        let mut queue = VecDeque::from([Node {
            from: 0,
            to: order.len(),
            depth: 0,
            slot: ROOT,
        }]);
        while let Some(node) = queue.pop_front() {
            let Node {
                from, to, depth, ..
            } = node;
            let slot = node.slot as usize;
            let mut fail = states[slot].fail;
            let shorter = states[fail as usize];
            let mut output = shorter.output;
            if fail != ROOT && shorter.base == 0 {
                fail = shorter.fail;
            }
            // The shortest is first.
            let mut at = from;
            if let Some((_, word)) = order[from..to].first()
                && of(*word).len() == depth
            {
                let bytes = words[*word as usize].len() as u32;
                outputs.push(Output {
                    word: *word,
                    bytes,
                    next: output,
                });
                output = outputs.len() as u32;
                at += 1;
            }
            branches.clear();
            while at < to {
                let code = of(order[at].1)[depth];
                let same = |(_, word): &&(u64, u32)| of(*word)[depth] == code;
                let end = at + order[at..to].iter().take_while(same).count();
                branches.push((code, at, end));
                at = end;
            }
            let base = match branches.as_slice() {
                [] => 0,
                _ if node.slot == ROOT => 0,
                some => room.base(some),
            };
            let state = &mut states[slot];
            (state.base, state.fail, state.output) = (base, fail, output);
            for &(code, from, to) in &branches {
                let child = base + code;
                room.take(child);
                if states.len() < room.next.len() {
                    states.resize(room.next.len(), FREE);
                }
                let mut shorter = ROOT;
                if node.slot != ROOT {
                    let mut begun = fail;
                    shorter = loop {
                        match after(&states, begun, code) {
                            Some(found) => break found,
                            None if begun == ROOT => break ROOT,
                            None => begun = states[begun as usize].fail,
                        }
                    };
                }
                let state = &mut states[child as usize];
                (state.check, state.fail) = (node.slot, shorter);
                queue.push_back(Node {
                    from,
                    to,
                    depth: depth + 1,
                    slot: child,
                });
            }
        }
        Self {
            codes,
            states,
            outputs,
        }
    }

    /// Every word of the text, in the order of their ends, the longest first, in place of what `out` held.
    pub fn find(&self, text: &str, out: &mut Vec<Found>) {
        out.clear();
        let mut state = ROOT;
        let mut end = 0;
        for character in text.chars() {
            end += character.len_utf8();
            state = self.next(state, character);
            let mut output = self.states[state as usize].output;
            while output > 0 {
                let found = &self.outputs[output as usize - 1];
                out.push(Found {
                    word: found.word,
                    start: end - found.bytes as usize,
                    end,
                });
                output = found.next;
            }
        }
    }

    #[inline]
    fn next(&self, mut state: u32, character: char) -> u32 {
        let code = match self.codes.get(character as usize) {
            None | Some(0) => return ROOT,
            Some(code) => *code,
        };
        loop {
            match after(&self.states, state, code) {
                Some(next) => return next,
                None if state == ROOT => return ROOT,
                None => state = self.states[state as usize].fail,
            }
        }
    }
}

/// The state after a character, if a word goes on with it.
// Where nothing follows `base` is 0, and what is found there belongs to the root.
#[inline]
fn after(states: &[State], state: u32, code: u32) -> Option<u32> {
    let next = states[state as usize].base.wrapping_add(code);
    let is_next = states.get(next as usize)?.check == state;
    is_next.then_some(next)
}

/// By key, then by what a number stands for, then by number. One sorter for both: each is kilobytes of code.
fn sort<'a>(order: &mut [(u64, u32)], of: &dyn Fn(u32) -> &'a [u32]) {
    order.sort_unstable_by(|a, b| {
        let keys = a.0.cmp(&b.0);
        keys.then_with(|| of(a.1).cmp(of(b.1))).then(a.1.cmp(&b.1))
    });
}

/// Numbers for the characters of the words, small ones for those that many words have: then states lie
/// close together.
fn codes(words: &[String]) -> Vec<u32> {
    let mut counts: Vec<u32> = Vec::new();
    for character in words.iter().flat_map(|word| word.chars()) {
        let at = character as usize;
        if at >= counts.len() {
            counts.resize(at + 1, 0);
        }
        counts[at] += 1;
    }
    let mut order: Vec<(u64, u32)> = counts
        .iter()
        .zip(0..)
        .filter(|(count, _)| **count > 0)
        .map(|(count, at)| (u64::from(u32::MAX - count), at))
        .collect();
    sort(&mut order, &|_| &[]);
    for (code, (_, at)) in (1..).zip(order) {
        counts[at as usize] = code;
    }
    counts
}

/// Which slots are free.
struct Room {
    /// By slot: itself while it is free, then one behind it from which to go on looking. All slots
    /// behind the last are free.
    next: Vec<u32>,
    /// Where to begin for one branch, for 2, for 4 and so on: what was passed over is not tried again.
    from: [u32; 8],
}

impl Room {
    fn take(&mut self, slot: u32) {
        let known = self.next.len() as u32;
        self.next.extend(known..=slot);
        self.next[slot as usize] = slot + 1;
    }

    fn is_free(&self, slot: u32) -> bool {
        self.next
            .get(slot as usize)
            .is_none_or(|next| *next == slot)
    }

    /// The first free slot from here on.
    fn free(&mut self, mut slot: u32) -> u32 {
        while let Some(&next) = self.next.get(slot as usize) {
            if next == slot {
                break;
            }
            let further = self.next.get(next as usize).copied().unwrap_or(next);
            self.next[slot as usize] = further;
            slot = further;
        }
        slot
    }

    /// Where there is room for all these branches, in the order of their codes.
    fn base(&mut self, branches: &[(u32, usize, usize)]) -> u32 {
        let first = branches[0].0;
        let class = branches.len().ilog2().min(7) as usize;
        let mut slot = self.free(self.from[class]);
        loop {
            let base = slot - first;
            let others = &branches[1..];
            if others.iter().all(|(code, ..)| self.is_free(base + code)) {
                break;
            }
            slot = self.free(slot + 1);
        }
        self.from[class] = slot;
        slot - first
    }
}

#[cfg(test)]
mod tests {
    use super::{Automaton, FREE, Found};

    fn words(list: &[&str]) -> Vec<String> {
        list.iter().map(|&word| word.to_owned()).collect()
    }

    /// What every word's own search finds, in the order that is promised.
    fn one_by_one(words: &[String], text: &str) -> Vec<Found> {
        let mut all = Vec::new();
        for end in (1..=text.len()).filter(|end| text.is_char_boundary(*end)) {
            let mut here: Vec<Found> = (0_u32..)
                .zip(words)
                .filter(|(_, word)| text[..end].ends_with(word.as_str()))
                .map(|(word, text)| Found {
                    word,
                    start: end - text.len(),
                    end,
                })
                .collect();
            here.sort_unstable_by_key(|found| found.start);
            all.extend(here);
        }
        all
    }

    #[test]
    fn words_inside_words_are_all_found() {
        let words = words(&["he", "she", "his", "hers", "微信", "加微信号", "信号", "号"]);
        let automaton = Automaton::new(&words);
        let mut found = Vec::new();
        for text in ["ushers", "hishe", "加微信号", "加微信", "加🐎信号", "", "x"] {
            automaton.find(text, &mut found);
            assert_eq!(found, one_by_one(&words, text), "{text}");
        }
    }

    #[test]
    fn nothing_is_found_without_words() {
        let automaton = Automaton::new(&[]);
        let mut found = vec![Found {
            word: 0,
            start: 0,
            end: 1,
        }];
        automaton.find("任何话", &mut found);
        assert_eq!(found, []);
    }

    #[test]
    fn random_words_are_found_as_each_alone_would_be() {
        let seed = 20_240_611_u64;
        println!("seed {seed}");
        let mut state = seed;
        let mut random = |below: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        // Few characters, so that words share beginnings and ends; some far apart.
        let letters = ['a', 'b', 'ß', '信', '号', '微', '🐎', '\u{10FFFF}'];
        for round in 0..300 {
            let few = 2 + random(letters.len() - 1);
            let mut text =
                |length: usize| -> String { (0..length).map(|_| letters[random(few)]).collect() };
            let mut words: Vec<String> = (0..1 + round / 4).map(|n| text(1 + n % 6)).collect();
            words.sort_unstable();
            words.dedup();
            let automaton = Automaton::new(&words);
            let text = text(60);
            let mut found = Vec::new();
            automaton.find(&text, &mut found);
            assert_eq!(found, one_by_one(&words, &text), "{words:?} in {text}");
        }
    }

    #[test]
    fn the_states_lie_close_together() {
        let words: Vec<String> = (0..20_000_u32)
            .map(|n| {
                let character = |at: u32| char::from_u32(0x4E00 + at).unwrap_or('一');
                let (a, b) = (n.wrapping_mul(2_654_435_761) >> 20, n % 1_000);
                [character(a), character(b), character(n % 7)]
                    .iter()
                    .collect()
            })
            .collect();
        let automaton = Automaton::new(&words);
        let used = automaton.states.iter();
        let used = used.filter(|state| state.check != FREE.check).count();
        assert!(
            used * 5 > automaton.states.len() * 4,
            "{used} of {}",
            automaton.states.len()
        );
    }
}
