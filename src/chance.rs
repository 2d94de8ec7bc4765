//! Random numbers of a fixed seed, and the bootstrap. It knows no other module.
//!
//! Every draw has its own stream of one generator, so that the same input gives the same figures on any number of
//! threads and in any order.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// The seed of all draws.
pub const SEED: u64 = 1961;

/// The number of bootstrap samples.
pub const BOOTSTRAP: usize = 1000;

/// The generator of the draw numbered `stream`.
pub fn generator(stream: u64) -> ChaCha8Rng {
    let mut generator = ChaCha8Rng::seed_from_u64(SEED);
    generator.set_stream(stream);
    generator
}

/// A number from 0 up to, not including, `bound`; the bias is under one in four billion.
pub fn below(generator: &mut ChaCha8Rng, bound: usize) -> usize {
    ((u128::from(generator.next_u64()) * bound as u128) >> 64) as usize
}

/// The samples of the bootstrap (Efron 1979, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7,
/// p. 1-26): [`BOOTSTRAP`] times the positions of `count` things, drawn from `count` things with replacement.
pub fn resamples(count: usize, stream: u64) -> impl Iterator<Item = Vec<usize>> {
    let mut generator = generator(stream);
    (0..BOOTSTRAP).map(move |_| (0..count).map(|_| below(&mut generator, count)).collect())
}

/// The 95% percentile intervals of several figures of `count` things, by the bootstrap (Efron and Tibshirani 1993, "An
/// Introduction to the Bootstrap", chapter 13).
///
/// `figures` gives the figures of the things at the drawn positions, always in the same order. A resample without a
/// figure is left out for that figure. None for a figure that no resample has.
pub fn percentile_intervals(
    count: usize,
    stream: u64,
    figures: impl Fn(&[usize]) -> Vec<Option<f64>>,
) -> Vec<Option<(f64, f64)>> {
    let mut seen: Vec<Vec<f64>> = Vec::new();
    for drawn in resamples(count, stream) {
        let figures = figures(&drawn);
        seen.resize(figures.len(), Vec::new());
        for (seen, figure) in seen.iter_mut().zip(figures) {
            seen.extend(figure);
        }
    }
    let interval = |mut seen: Vec<f64>| {
        seen.sort_by(f64::total_cmp);
        (!seen.is_empty()).then(|| (quantile(&seen, 0.025), quantile(&seen, 0.975)))
    };
    seen.into_iter().map(interval).collect()
}

/// The quantile of sorted figures, between two of them by their distance (type 7 of Hyndman and Fan 1996).
pub fn quantile(sorted: &[f64], q: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let at = q * last as f64;
    let (low, high) = (at.floor() as usize, at.ceil() as usize);
    sorted[low] + (at - low as f64) * (sorted[high] - sorted[low])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(actual: f64, expected: f64, tolerance: f64) {
        assert!(
            (actual - expected).abs() <= tolerance,
            "{actual} is not {expected}"
        );
    }

    #[test]
    fn quantiles_agree_with_numpy() {
        // numpy.quantile([1, 2, 4, 8], 0.95) = 7.4
        near(quantile(&[1.0, 2.0, 4.0, 8.0], 0.95), 7.4, 1e-12);
    }

    #[test]
    fn the_interval_of_a_mean_is_near_that_of_the_normal_distribution() {
        // 60 times 0 and 40 times 1: the mean of a resample has the standard deviation sqrt(0.4 * 0.6 / 100) = 0.0490.
        let share = |drawn: &[usize]| {
            let ones = drawn.iter().filter(|position| **position < 40).count();
            vec![Some(ones as f64 / drawn.len() as f64), Some(7.0), None]
        };
        let intervals = percentile_intervals(100, 5, share);
        let (low, high) = intervals[0].unwrap();
        near(low, 0.4 - 1.96 * 0.0490, 0.015);
        near(high, 0.4 + 1.96 * 0.0490, 0.015);
        assert_eq!(intervals[1..], [Some((7.0, 7.0)), None]);
        assert_eq!(percentile_intervals(100, 5, share), intervals);
    }
}
