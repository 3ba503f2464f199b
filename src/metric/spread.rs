//! Milliseconds that a median or a percentile is taken of.
//!
//! The thing to get right: nothing is rounded. Clocks of exports tick in seconds, so the same values come
//! again and again, and each is kept once with how often it came.

use crate::sorted;

/// Values that wait to be counted among the others.
const WAITING: usize = 64;

/// Values in milliseconds, each as often as it was there.
#[derive(Clone, Debug, Default)]
pub struct Spread {
    /// Those before `ordered` in order, each once with how often it came; the others as they came.
    values: Vec<(i64, u32)>,
    ordered: usize,
}

impl Spread {
    /// Adds a value that came so often.
    pub fn add(&mut self, millis: i64, times: u32) {
        self.values.push((millis, times));
        if self.values.len() - self.ordered > (self.ordered / 4).max(WAITING) {
            self.settle();
        }
    }

    /// Adds what was gathered elsewhere.
    pub fn merge(&mut self, other: &Self) {
        for (millis, times) in &other.values {
            self.add(*millis, *times);
        }
    }

    /// Each value with how often it came, in order.
    pub fn counted(&mut self) -> &[(i64, u32)] {
        self.settle();
        &self.values
    }

    fn settle(&mut self) {
        if self.ordered == self.values.len() {
            return;
        }
        sorted::by_key(&mut self.values, |value| value.0);
        self.values.dedup_by(|next, value| {
            let same = next.0 == value.0;
            if same {
                value.1 = value.1.saturating_add(next.1);
            }
            same
        });
        self.values.shrink_to_fit();
        self.ordered = self.values.len();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop, proptest};

    use super::Spread;

    proptest! {
        #[test]
        fn every_value_is_there_as_often_as_it_came(
            values in prop::collection::vec(-3i64..40, 0..400),
            cut in 0usize..400,
        ) {
            let cut = cut.min(values.len());
            let mut spread = Spread::default();
            values[..cut].iter().for_each(|value| spread.add(*value, 1));
            let mut other = Spread::default();
            values[cut..].iter().for_each(|value| other.add(*value, 1));
            spread.merge(&other);
            let found: Vec<i64> = spread
                .counted()
                .iter()
                .flat_map(|(value, count)| std::iter::repeat_n(*value, *count as usize))
                .collect();
            let mut wanted = values;
            wanted.sort_unstable();
            assert_eq!(found, wanted);
        }
    }
}
