//! The 95 % interval of a mean by Student's t, without any function whose last digit depends on the
//! platform: the quantiles are a table.

/// 97.5 % quantiles for 1 to 30 degrees of freedom.
const QUANTILES: [f64; 30] = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
    2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
    2.052, 2.048, 2.045, 2.042,
];

/// Beyond the table: degrees of freedom and quantile; between two of them, and on to the normal
/// distribution's 1.96, it is linear in 1/df.
const BEYOND: [(f64, f64); 4] = [(30.0, 2.042), (40.0, 2.021), (60.0, 2.000), (120.0, 1.980)];
const NORMAL: f64 = 1.960;

/// The quantile for `freedom` degrees of freedom (at least 1).
fn quantile(freedom: usize) -> f64 {
    if let Some(quantile) = freedom
        .checked_sub(1)
        .and_then(|index| QUANTILES.get(index))
    {
        return *quantile;
    }
    let wanted = 1.0 / freedom.max(1) as f64;
    for pair in BEYOND.windows(2) {
        let [(low, at_low), (high, at_high)] = [pair[0], pair[1]];
        if freedom as f64 <= high {
            let share = (wanted - 1.0 / high) / (1.0 / low - 1.0 / high);
            return at_high + (at_low - at_high) * share;
        }
    }
    let (last, at_last) = BEYOND[BEYOND.len() - 1];
    NORMAL + (at_last - NORMAL) * wanted * last
}

/// Mean and, from two values on, half the width of its 95 % interval; `None` without values.
pub(super) fn mean(values: &[f64]) -> Option<(f64, Option<f64>)> {
    if values.is_empty() {
        return None;
    }
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    if values.len() < 2 {
        return Some((mean, None));
    }
    let squares: f64 = values
        .iter()
        .map(|value| (value - mean) * (value - mean))
        .sum();
    let error = (squares / (count - 1.0) / count).sqrt();
    Some((mean, Some(quantile(values.len() - 1) * error)))
}

#[cfg(test)]
mod tests {
    use super::{mean, quantile};

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 0.0006, "{a} is not {b}");
    }

    #[test]
    fn five_values_by_hand() {
        // Mean 84, sum of squares 520, variance 130, standard error √26, t(4) 2.776.
        let (middle, half) = mean(&[70.0, 80.0, 80.0, 90.0, 100.0]).expect("values");
        close(middle, 84.0);
        close(half.expect("five"), 2.776 * 26.0_f64.sqrt());
    }

    #[test]
    fn one_value_has_no_interval_and_none_no_mean() {
        assert_eq!(mean(&[55.0]), Some((55.0, None)));
        assert_eq!(mean(&[]), None);
    }

    #[test]
    fn published_quantiles() {
        for (freedom, expected) in [
            (1, 12.706),
            (19, 2.093),
            (30, 2.042),
            (40, 2.021),
            (60, 2.0),
            (120, 1.98),
        ] {
            close(quantile(freedom), expected);
        }
        // 50 and 1000 are not in the table: 2.0086 and 1.9623 are the true values.
        assert!((quantile(50) - 2.0086).abs() < 0.001, "{}", quantile(50));
        assert!(
            (quantile(1000) - 1.9623).abs() < 0.001,
            "{}",
            quantile(1000)
        );
    }

    #[test]
    fn quantiles_only_fall() {
        for freedom in 1..500 {
            assert!(quantile(freedom + 1) <= quantile(freedom), "at {freedom}");
        }
    }
}
