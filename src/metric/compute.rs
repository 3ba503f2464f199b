//! From rounds to values, and from values to a figure.
//!
//! The thing to get right: a value without a length is a round that was never answered, under a
//! definition in which that is not in time. What could not be measured has no value at all.

use super::{
    Aggregate, Definition, End, Log, Spread, Unanswered, Unit, rounds, seconds, session_at,
};
use crate::civil::DAY;
use crate::transcript::SpeakerId;

/// One value of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value {
    /// The message that starts the clock.
    pub from: usize,
    /// Who answered, or should have; `None`: nobody in particular.
    pub owner: Option<SpeakerId>,
    /// Milliseconds waited; `None`: never answered.
    pub millis: Option<i64>,
}

/// A round and how long it was: all that a value is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timed {
    /// The message that starts the clock.
    from: usize,
    end: End,
    /// Milliseconds up to an answer, as far as they can be measured.
    millis: Option<i64>,
}

/// Every round of a definition, in place of what `out` held. Definitions of one shape
/// ([`Definition::shape`]) have the same.
pub fn timed(definition: &Definition, log: &dyn Log, out: &mut Vec<Timed>) {
    out.clear();
    rounds(definition, log, &mut |round| {
        let length = match round.end {
            End::Answer(_) => round.length(definition, log),
            End::Transfer(_) | End::Open => None,
        };
        out.push(Timed {
            from: round.from,
            end: round.end,
            millis: length.and_then(Result::ok),
        });
    });
}

/// Every value that a definition gives a conversation, in order.
pub fn values(definition: &Definition, log: &dyn Log, each: &mut dyn FnMut(Value)) {
    let mut rounds = Vec::new();
    timed(definition, log, &mut rounds);
    values_of(definition, log, &rounds, each);
}

/// [`values`], of rounds that are known.
pub fn values_of(
    definition: &Definition,
    log: &dyn Log,
    rounds: &[Timed],
    each: &mut dyn FnMut(Value),
) {
    let values = rounds
        .iter()
        .filter_map(|round| value(definition, log, round));
    if definition.unit != Unit::CustomerDay {
        values.for_each(each);
        return;
    }
    let transcript = log.transcript();
    let offset = i64::from(definition.offset.unwrap_or(transcript.zone.offset)) * 1000;
    let mut days: Vec<(SpeakerId, i64, Value)> = Vec::new();
    for value in values {
        let asked = &transcript.messages[value.from];
        let Some(time) = asked.time else {
            continue;
        };
        let day = time.millis.saturating_add(offset).div_euclid(DAY);
        let known = days
            .iter_mut()
            .find(|(customer, on, _)| *customer == asked.speaker && *on == day);
        let gravity = |value: &Value| value.millis.unwrap_or(i64::MAX);
        match known {
            Some((.., worst)) if gravity(worst) < gravity(&value) => *worst = value,
            Some(_) => {}
            None => days.push((asked.speaker, day, value)),
        }
    }
    for (.., value) in days {
        each(value);
    }
}

fn value(definition: &Definition, log: &dyn Log, round: &Timed) -> Option<Value> {
    let messages = &log.transcript().messages;
    let value = |owner, millis| Value {
        from: round.from,
        owner,
        millis,
    };
    if let End::Answer(answer) = round.end {
        let millis = round.millis?;
        let message = &messages[answer];
        let owner = message.role.is_staff().then_some(message.speaker);
        let millis = definition.cap.map_or(millis, |cap| millis.min(cap));
        return Some(value(owner, Some(millis)));
    }
    let millis = match definition.unanswered {
        Unanswered::Exclude => return None,
        Unanswered::Cap => Some(definition.cap?),
        Unanswered::Fail => None,
    };
    let session = log.sessions().get(session_at(log.sessions(), round.from))?;
    let had = messages[session.start..round.from].iter().rev();
    let owner = had
        .clone()
        .find(|message| message.role.is_staff())
        .map(|message| message.speaker);
    Some(value(owner, millis))
}

/// Values on their way to a figure.
#[derive(Clone, Debug, Default)]
pub struct Sum {
    /// How many.
    pub count: usize,
    /// How many of them are within the limit of a rate.
    pub within: usize,
    /// Milliseconds, all together.
    pub millis: i64,
    /// Each of them, where a figure wants to know.
    pub each: Spread,
}

impl Sum {
    /// Adds a value.
    pub fn add(&mut self, aggregate: Aggregate, millis: Option<i64>) {
        let within = match (aggregate, millis) {
            (Aggregate::Rate(limit), Some(millis)) => millis <= limit,
            _ => false,
        };
        self.count += 1;
        self.within += usize::from(within);
        self.millis = self.millis.saturating_add(millis.unwrap_or_default());
        if let (Aggregate::Median | Aggregate::P90, Some(millis)) = (aggregate, millis) {
            self.each.add(millis, 1);
        }
    }

    /// Adds what was summed elsewhere.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.within += other.within;
        self.millis = self.millis.saturating_add(other.millis);
        self.each.merge(&other.each);
    }

    /// The figure: seconds, or a share from 0 to 1; `None` without values.
    #[allow(clippy::cast_precision_loss)] // Counts and milliseconds are far below 2^53.
    pub fn figure(&self, aggregate: Aggregate) -> Option<f64> {
        if self.count == 0 {
            return None;
        }
        let mut each = self.each.clone();
        let counted = each.counted();
        let number: u64 = counted.iter().map(|(_, times)| u64::from(*times)).sum();
        // The value of a rank from 1.
        let ranked = |rank: u64| {
            let mut below = 0u64;
            let place = counted.iter().find(|(_, times)| {
                below = below.saturating_add(u64::from(*times));
                below >= rank
            });
            place
                .filter(|_| rank > 0)
                .map(|(millis, _)| seconds(*millis))
        };
        match aggregate {
            Aggregate::Each | Aggregate::Mean => Some(seconds(self.millis) / self.count as f64),
            Aggregate::Rate(_) => Some(self.within as f64 / self.count as f64),
            Aggregate::Median if number % 2 == 1 => ranked(number / 2 + 1),
            Aggregate::Median => Some(ranked(number / 2)?.midpoint(ranked(number / 2 + 1)?)),
            // The nearest rank: no value is made up.
            Aggregate::P90 => ranked(number.saturating_mul(9).div_ceil(10)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Sum;
    use crate::metric::Aggregate;

    fn figure(aggregate: Aggregate, seconds: &[i64]) -> Option<f64> {
        let mut sum = Sum::default();
        for value in seconds {
            sum.add(aggregate, Some(value * 1000));
        }
        sum.figure(aggregate)
    }

    #[test]
    fn figures_of_values() {
        let values = [9, 1, 2, 10, 3, 4, 8, 5, 6, 7];
        assert_eq!(figure(Aggregate::Mean, &values), Some(5.5));
        assert_eq!(figure(Aggregate::Median, &values), Some(5.5));
        assert_eq!(figure(Aggregate::Median, &values[..9]), Some(5.0));
        assert_eq!(figure(Aggregate::P90, &values), Some(9.0));
        assert_eq!(figure(Aggregate::P90, &values[..1]), Some(9.0));
        assert_eq!(figure(Aggregate::Rate(3000), &values), Some(0.3));
        for aggregate in [
            Aggregate::Each,
            Aggregate::Median,
            Aggregate::P90,
            Aggregate::Rate(1),
        ] {
            assert_eq!(figure(aggregate, &[]), None);
        }
    }

    #[test]
    fn a_round_without_an_answer_is_not_in_time() {
        let rate = Aggregate::Rate(180_000);
        let mut sum = Sum::default();
        sum.add(rate, Some(180_000));
        sum.add(rate, Some(180_001));
        sum.add(rate, None);
        let mut both = sum.clone();
        both.merge(&sum);
        assert_eq!((both.count, both.within), (6, 2));
        assert_eq!(sum.figure(rate), Some(1.0 / 3.0));
    }
}
