//! Change over time: the slope of a share over dated statements, and whether there is one.

use crate::analysis::weighting::Z;
use crate::chance::quantile;

/// How a share changes over time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trend {
    /// The change per year: the median of the slopes between all pairs of points (Theil 1950; Sen 1968, "Estimates of the
    /// regression coefficient based on Kendall's tau", Journal of the American Statistical Association 63, p. 1379-1389).
    /// It does not follow one odd statement.
    pub slope: f64,
    /// The lower end of its 95% interval, by Sen.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// The two-sided p-value of no trend, by Mann and Kendall, with ties and the correction for continuity (Kendall
    /// 1975, "Rank correlation methods").
    pub p: f64,
}

/// The trend through points of (year, share); none for fewer than three points or fewer than three different years.
pub fn trend(points: &[(f64, f64)]) -> Option<Trend> {
    let mut points = points.to_vec();
    points.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let times: Vec<f64> = points.iter().map(|point| point.0).collect();
    let mut values: Vec<f64> = points.iter().map(|point| point.1).collect();
    if times.chunk_by(|a, b| a == b).count() < 3 {
        return None;
    }
    let mut slopes = Vec::new();
    let mut score = 0.0;
    for (place, a) in points.iter().enumerate() {
        for b in points.iter().skip(place + 1).filter(|b| b.0 > a.0) {
            slopes.push((b.1 - a.1) / (b.0 - a.0));
            score += (b.1 - a.1)
                .partial_cmp(&0.0)
                .map_or(0.0, |o| f64::from(o as i8));
        }
    }
    slopes.sort_by(f64::total_cmp);
    values.sort_by(f64::total_cmp);
    let spread = variance(&times, &values).sqrt();
    let count = slopes.len();
    let at = |place: f64| {
        slopes
            .get((place.max(0.0) as usize).min(count - 1))
            .copied()
    };
    let margin = Z * spread;
    let pairs = count as f64;
    Some(Trend {
        slope: quantile(&slopes, 0.5),
        low: at(((pairs - margin) / 2.0).round_ties_even() - 1.0)?,
        high: at(((pairs + margin) / 2.0).round_ties_even())?,
        p: match spread > 0.0 {
            true => two_sided(((score.abs() - 1.0) / spread).max(0.0)),
            false => 1.0,
        },
    })
}

/// The variance of Kendall's score where there is no trend, for sorted times and sorted values, both perhaps with ties.
fn variance(times: &[f64], values: &[f64]) -> f64 {
    let n = times.len() as f64;
    let term = |n: f64| n * (n - 1.0) * (2.0 * n + 5.0);
    let ties = |sorted: &[f64]| -> Vec<f64> {
        let runs = sorted.chunk_by(|a, b| a == b);
        runs.map(|run| run.len() as f64).collect()
    };
    let (t, u) = (ties(times), ties(values));
    let sum = |ties: &[f64], of: &dyn Fn(f64) -> f64| ties.iter().map(|n| of(*n)).sum::<f64>();
    let pairs = |n: f64| n * (n - 1.0);
    let triples = |n: f64| n * (n - 1.0) * (n - 2.0);
    (term(n) - sum(&t, &term) - sum(&u, &term)) / 18.0
        + sum(&t, &triples) * sum(&u, &triples) / (9.0 * triples(n))
        + sum(&t, &pairs) * sum(&u, &pairs) / (2.0 * pairs(n))
}

/// How likely a standard normal figure is at least `z` away from 0: the complementary error function of z/√2, by the
/// continued fraction of Laplace far out and its series near 0.
fn two_sided(z: f64) -> f64 {
    let density = (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    if z < 3.0 {
        let (mut term, mut sum) = (z, z);
        for k in 1..100 {
            term *= z * z / f64::from(2 * k + 1);
            sum += term;
        }
        return (1.0 - 2.0 * density * sum).max(0.0);
    }
    let fraction = (1..=60).rev().fold(z, |below, k| z + f64::from(k) / below);
    2.0 * density / fraction
}

#[cfg(test)]
mod tests {
    use super::super::near;
    use super::*;

    #[test]
    fn slopes_agree_with_scipy_and_p_values_with_pymannkendall() {
        // scipy 1.17.1, scipy.stats.theilslopes(shares, years, alpha=0.95);
        // pymannkendall 1.4.3, pymannkendall.original_test(shares).p
        type Case<'a> = (&'a [f64], &'a [f64], [f64; 4]);
        let cases: [Case<'_>; 3] = [
            (
                &[2019.0, 2020.0, 2021.0, 2022.0, 2024.5],
                &[0.10, 0.12, 0.11, 0.19, 0.25],
                [0.028_080_808_081, -0.01, 0.08, 0.086_410_732_974],
            ),
            (
                &[2020.0, 2021.0, 2022.0],
                &[0.3, 0.1, 0.2],
                [-0.05, -0.2, 0.1, 1.0],
            ),
            (
                &[2017.0, 2018.0, 2019.0, 2020.0, 2021.0, 2022.0, 2023.0],
                &[0.5, 0.4, 0.4, 0.35, 0.4, 0.2, 0.1],
                [-0.06, -0.1, 0.0, 0.018_663_355_475],
            ),
        ];
        for (times, values, [slope, low, high, p]) in cases {
            let points: Vec<(f64, f64)> =
                times.iter().copied().zip(values.iter().copied()).collect();
            let trend = trend(&points).unwrap();
            near(trend.slope, slope, 1e-9);
            near(trend.low, low, 1e-9);
            near(trend.high, high, 1e-9);
            near(trend.p, p, 1e-9);
        }
    }

    #[test]
    fn normal_tails_agree_with_scipy() {
        // scipy 1.17.1, 2 * scipy.stats.norm.sf(z)
        let cases = [
            (0.1, 0.920_344_325_445_942),
            (1.96, 0.049_995_790_296_441),
            (2.9, 0.003_731_626_600_768),
            (3.1, 0.001_935_206_426_437),
            (5.0, 5.733_031_437_584e-7),
        ];
        for (z, p) in cases {
            near(two_sided(z) / p, 1.0, 1e-9);
        }
    }

    #[test]
    fn two_dates_make_no_trend() {
        assert_eq!(trend(&[(2020.0, 0.1), (2020.0, 0.2), (2021.0, 0.3)]), None);
        let flat = trend(&[(2020.0, 0.1), (2021.0, 0.1), (2022.0, 0.1)]).unwrap();
        assert_eq!((flat.slope, flat.p), (0.0, 1.0));
    }
}
