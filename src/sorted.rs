//! Sorting where speed does not decide.
//!
//! Every type and key that the standard library sorts by is five kilobytes of machine code of its own,
//! and there are forty of them: a tenth of the module a browser downloads. Here one sorter puts numbers
//! in order, and the things follow them. All of it is stable. The inner loops of scanning do not use it.

use std::cmp::Ordering;

/// As `collect`, one after another: of maps and sets the standard library sorts what it collects.
pub(crate) fn gathered<C: Default + Extend<T>, T>(items: impl IntoIterator<Item = T>) -> C {
    let mut all = C::default();
    all.extend(items);
    all
}

/// Puts `items` into their natural order.
pub(crate) fn plain<T: Ord>(items: &mut [T]) {
    by(items, T::cmp);
}

/// Puts `items` into the order of a key.
pub(crate) fn by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    by(items, |a, b| key(a).cmp(&key(b)));
}

/// Puts `items` into the order that `compare` says; equals stay as they stood.
pub(crate) fn by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    if items.is_sorted_by(|a, b| compare(a, b) != Ordering::Greater) {
        return;
    }
    let mut from = order(items.len(), &|a, b| compare(&items[a], &items[b]));
    // What belongs at `place` stands at `from[place]`: follow each circle of places once.
    for place in 0..from.len() {
        let mut current = place;
        while from[current] != place {
            let next = from[current];
            items.swap(current, next);
            from[current] = current;
            current = next;
        }
        from[current] = current;
    }
}

/// The indices below `count` in order.
fn order(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|a, b| compare(*a, *b));
    order
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop, proptest};

    proptest! {
        #[test]
        fn it_sorts_as_the_standard_library_does(
            numbers in prop::collection::vec((any::<u8>(), any::<u16>()), 0..200)
        ) {
            let (mut ours, mut theirs) = (numbers.clone(), numbers);
            super::by_key(&mut ours, |(key, _)| *key);
            theirs.sort_by_key(|(key, _)| *key);
            assert_eq!(ours, theirs);
            super::plain(&mut ours);
            theirs.sort();
            assert_eq!(ours, theirs);
        }
    }
}
