//! Shares, their differences and their ratios, with 95% intervals; Holm's correction.

use super::{Clusters, shares};
use crate::analysis::weighting::wilson_interval;

/// A share and the 95% interval around it, each from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// The share.
    pub share: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// How many times more the shares of a clustered sample vary than those of as many independent sentences would; never
/// under 1. A sample of n sentences says as much as n / design effect independent ones (Rao and Scott 1992, "A simple
/// method for the analysis of clustered binary data", Biometrics 48, p. 577-585).
///
/// The variance of a share y/n over m clusters is that of a ratio, m/(m-1) Σ (y_c - p n_c)² / n²; the effect is the sum
/// of these variances over all themes, divided by the sum of p (1-p) / n.
pub fn design_effect(clusters: &Clusters) -> f64 {
    let totals = clusters.totals();
    let n: f64 = totals.iter().sum();
    let m = clusters.len() as f64;
    let of = shares(&totals);
    let independent: f64 = of.iter().map(|p| p * (1.0 - p) / n.max(1.0)).sum();
    if m < 2.0 || independent <= 0.0 {
        return 1.0;
    }
    let mut squares = 0.0;
    for row in clusters.iter() {
        let size: f64 = row.iter().sum();
        squares += row
            .iter()
            .zip(&of)
            .map(|(y, p)| (y - p * size).powi(2))
            .sum::<f64>();
    }
    (m / (m - 1.0) * squares / (n * n) / independent).max(1.0)
}

/// The share of every theme, and last of none, with Wilson's interval for the sentences that the design effect leaves.
pub fn theme_shares(clusters: &Clusters) -> Vec<Share> {
    let effect = design_effect(clusters);
    let totals = clusters.totals();
    let n: f64 = totals.iter().sum();
    shares(&totals)
        .into_iter()
        .zip(&totals)
        .map(|(share, y)| {
            let (low, high) = wilson_interval(y / effect, n / effect);
            Share { share, low, high }
        })
        .collect()
}

/// The 95% interval of `a - b` from the intervals of the two (Newcombe 1998, "Interval estimation for the difference
/// between independent proportions: comparison of eleven methods", Statistics in Medicine 17, p. 873-890, method 10).
pub fn difference_interval(a: Share, b: Share) -> (f64, f64) {
    let margin = |x: f64, y: f64| x.hypot(y);
    let difference = a.share - b.share;
    (
        difference - margin(a.share - a.low, b.high - b.share),
        difference + margin(a.high - a.share, b.share - b.low),
    )
}

/// The 95% interval of `a / b` from the intervals of the two (MOVER-R: Donner and Zou 2012, "Closed-form confidence
/// intervals for functions of the normal mean and standard deviation", Statistical Methods in Medical Research 21,
/// p. 347-359). The upper end is missing where `b` may be 0.
pub fn ratio_interval(a: Share, b: Share) -> (f64, Option<f64>) {
    let product = a.share * b.share;
    let bound = |x: f64, y: f64, sign: f64| {
        let spread = product * product - x * (2.0 * a.share - x) * y * (2.0 * b.share - y);
        (product + sign * spread.max(0.0).sqrt()) / (y * (2.0 * b.share - y))
    };
    let low = if b.high * (2.0 * b.share - b.high) > 0.0 {
        bound(a.low, b.high, -1.0)
    } else {
        // A denominator that is too uncertain for the formula: the ratio of the ends is wider, but safe.
        a.low / b.high
    };
    let is_known = b.low > 1e-9;
    (
        low.max(0.0),
        is_known.then(|| bound(a.high, b.low, 1.0).max(0.0)),
    )
}

/// Holm's correction of p-values for their number, in the order given (Holm 1979, "A simple sequentially rejective
/// multiple test procedure", Scandinavian Journal of Statistics 6, p. 65-70).
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    let mut corrected = vec![1.0; p_values.len()];
    let mut largest: f64 = 0.0;
    for (rank, place) in order.into_iter().enumerate() {
        let remaining = (p_values.len() - rank) as f64;
        largest = largest.max((p_values[place] * remaining).min(1.0));
        corrected[place] = largest;
    }
    corrected
}

#[cfg(test)]
mod tests {
    use super::super::near;
    use super::*;

    fn wilson(successes: f64, trials: f64) -> Share {
        let (low, high) = wilson_interval(successes, trials);
        Share {
            share: successes / trials,
            low,
            high,
        }
    }

    #[test]
    fn differences_agree_with_statsmodels() {
        // statsmodels 0.15.0, statsmodels.stats.proportion.confint_proportions_2indep(count1, nobs1, count2, nobs2,
        // method="newcomb", compare="diff")
        let cases = [
            (
                (12.0, 30.0),
                (4.0, 40.0),
                0.098_060_014_256,
                0.486_835_755_442,
            ),
            (
                (0.0, 20.0),
                (3.0, 25.0),
                -0.299_557_939_209,
                0.059_156_891_894,
            ),
            (
                (7.0, 9.0),
                (5.0, 50.0),
                0.333_316_971_421,
                0.846_523_360_717,
            ),
        ];
        for (a, b, low, high) in cases {
            let (l, h) = difference_interval(wilson(a.0, a.1), wilson(b.0, b.1));
            near(l, low, 1e-9);
            near(h, high, 1e-9);
        }
    }

    #[test]
    fn ratios_are_close_to_the_score_interval_of_statsmodels() {
        // statsmodels 0.15.0, confint_proportions_2indep(..., method="score", compare="ratio"): another method for the
        // same interval, so that the two agree within a few percent.
        let cases = [
            ((12.0, 30.0), (100.0, 1000.0), 2.382_782, 6.084_215),
            ((24.0, 60.0), (30.0, 150.0), 1.270_788, 3.095_017),
            ((9.0, 40.0), (60.0, 400.0), 0.788_556, 2.650_017),
        ];
        for (a, b, low, high) in cases {
            let (l, h) = ratio_interval(wilson(a.0, a.1), wilson(b.0, b.1));
            near(l / low, 1.0, 0.05);
            near(h.unwrap() / high, 1.0, 0.05);
        }
        let (low, high) = ratio_interval(wilson(0.0, 20.0), wilson(30.0, 200.0));
        assert!(low == 0.0 && high.unwrap() > 0.5);
        assert_eq!(ratio_interval(wilson(5.0, 20.0), wilson(0.0, 20.0)).1, None);
    }

    #[test]
    fn holm_agrees_with_statsmodels() {
        // statsmodels 0.15.0, statsmodels.stats.multitest.multipletests(p, method="holm")[1]
        let corrected = holm(&[0.01, 0.04, 0.03, 0.005, 0.6, 0.04]);
        for (p, expected) in corrected.iter().zip([0.05, 0.12, 0.12, 0.03, 0.6, 0.12]) {
            near(*p, expected, 1e-12);
        }
    }

    #[test]
    fn the_design_effect_agrees_with_cluster_robust_variances() {
        // statsmodels 0.15.0, OLS(y, ones).fit(cov_type="cluster", cov_kwds={"groups": paragraph}).bse ** 2 over p (1-p) / n
        let paragraphs: [&[u8]; 6] = [
            &[1, 1, 1],
            &[0, 0],
            &[1, 0, 0, 0],
            &[1, 1],
            &[0, 0, 0],
            &[0],
        ];
        let mut clusters = Clusters::new(1);
        for paragraph in paragraphs {
            clusters.begin();
            for is_themed in paragraph {
                clusters.add(if *is_themed == 1 { &[0] } else { &[] });
            }
        }
        near(design_effect(&clusters), 2.426_666_666_667, 1e-9);
        let shares = theme_shares(&clusters);
        let n: f64 = clusters.totals().iter().sum();
        let plain = wilson_interval(clusters.totals()[0], n);
        assert!(shares[0].low < plain.0 && shares[0].high > plain.1);
    }

    #[test]
    fn nothing_is_known_of_nothing() {
        let shares = theme_shares(&Clusters::new(2));
        assert_eq!((shares[0].low, shares[0].high), (0.0, 1.0));
    }
}
