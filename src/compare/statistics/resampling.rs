//! What chance alone would do: the bootstrap and permutations, over clusters.

use super::{Clusters, add};
use crate::chance::{BOOTSTRAP, below, generator, quantile, resamples};

/// The standard error of a figure of the totals of `clusters`, by the bootstrap. None where the figure cannot be had of
/// one of the resamples, or where there is one cluster only.
pub fn standard_error(
    clusters: &Clusters,
    stream: u64,
    figure: impl Fn(&[f64]) -> Option<f64>,
) -> Option<f64> {
    if clusters.len() < 2 {
        return None;
    }
    let mut totals = vec![0.0; clusters.width];
    let figures: Vec<f64> = resamples(clusters.len(), stream)
        .map(|drawn| {
            totals.fill(0.0);
            for cluster in drawn {
                add(&mut totals, clusters.row(cluster));
            }
            figure(&totals)
        })
        .collect::<Option<_>>()?;
    let mean = figures.iter().sum::<f64>() / BOOTSTRAP as f64;
    let squares: f64 = figures.iter().map(|figure| (figure - mean).powi(2)).sum();
    Some((squares / (BOOTSTRAP - 1) as f64).sqrt())
}

/// Deals the clusters of both sides out again, `times` times, as many to each as it has, and hands the totals of the
/// two to `sink`: what would be seen if it were chance which cluster stands on which side.
pub fn permute(
    a: &Clusters,
    b: &Clusters,
    times: usize,
    stream: u64,
    mut sink: impl FnMut(&[f64], &[f64]),
) {
    let mut pool = a.clone();
    pool.extend(b);
    let all = pool.totals();
    // The smaller side is drawn; the other one is what is left.
    let is_a_drawn = a.len() <= b.len();
    let drawn_count = a.len().min(b.len());
    let mut generator = generator(stream);
    let mut order: Vec<usize> = (0..pool.len()).collect();
    let (mut drawn, mut left) = (vec![0.0; pool.width], vec![0.0; pool.width]);
    for _ in 0..times {
        drawn.fill(0.0);
        for place in 0..drawn_count {
            let other = place + below(&mut generator, order.len() - place);
            order.swap(place, other);
            add(&mut drawn, pool.row(order[place]));
        }
        for ((left, all), drawn) in left.iter_mut().zip(&all).zip(&drawn) {
            *left = (all - drawn).max(0.0);
        }
        if is_a_drawn {
            sink(&drawn, &left);
        } else {
            sink(&left, &drawn);
        }
    }
}

/// How likely chance alone gives a difference in each share at least as large as the one seen: two-sided p-values, by
/// permutation. The observed deal counts as one of them (Phipson and Smyth 2010, "Permutation p-values should never be
/// zero", Statistical Applications in Genetics and Molecular Biology 9, article 39).
pub fn difference_p_values(a: &Clusters, b: &Clusters, times: usize, stream: u64) -> Vec<f64> {
    let inverse = |cells: &[f64]| 1.0 / cells.iter().sum::<f64>().max(1e-9);
    let (totals_a, totals_b) = (a.totals(), b.totals());
    let (per_a, per_b) = (inverse(&totals_a), inverse(&totals_b));
    let cells = totals_a.iter().zip(&totals_b);
    let observed: Vec<f64> = cells.map(|(a, b)| (a * per_a - b * per_b).abs()).collect();
    let mut as_large = vec![1usize; observed.len()];
    permute(a, b, times, stream, |a, b| {
        let (per_a, per_b) = (inverse(a), inverse(b));
        let cells = a.iter().zip(b).zip(&observed);
        for (count, ((a, b), seen)) in as_large.iter_mut().zip(cells) {
            // Sums in another order differ in the last digits.
            *count += usize::from((a * per_a - b * per_b).abs() >= seen - 1e-9);
        }
    });
    as_large
        .into_iter()
        .map(|count| count as f64 / (times + 1) as f64)
        .collect()
}

/// The level that `figure` of two sides passes by chance once in twenty times, clusters being dealt out at random.
/// None where the figure cannot be had of most deals.
pub fn chance_level(
    a: &Clusters,
    b: &Clusters,
    times: usize,
    stream: u64,
    figure: impl Fn(&[f64], &[f64]) -> Option<f64>,
) -> Option<f64> {
    let mut figures = Vec::with_capacity(times);
    permute(a, b, times, stream, |a, b| figures.extend(figure(a, b)));
    figures.sort_by(f64::total_cmp);
    (2 * figures.len() > times).then(|| quantile(&figures, 0.95))
}

#[cfg(test)]
mod tests {
    use super::super::mix::{divergence, effective_number};
    use super::super::{near, shares};
    use super::*;

    const A: [[usize; 3]; 6] = [
        [3, 0, 1],
        [2, 1, 0],
        [0, 2, 1],
        [4, 0, 0],
        [1, 1, 1],
        [2, 0, 0],
    ];
    const B: [[usize; 3]; 5] = [[0, 2, 1], [1, 1, 0], [0, 3, 0], [1, 0, 2], [0, 1, 1]];

    /// A side whose clusters have so many sentences per theme; the last cell is no theme.
    fn side(rows: &[[usize; 3]]) -> Clusters {
        let mut side = Clusters::new(2);
        for row in rows {
            side.begin();
            for (cell, count) in row.iter().enumerate() {
                let themes: &[usize] = [&[0], &[1], &[] as &[usize]][cell];
                (0..*count).for_each(|_| side.add(themes));
            }
        }
        side
    }

    #[test]
    fn p_values_agree_with_scipy() {
        // scipy 1.17.1, scipy.stats.permutation_test over all 462 deals of the rows (n_resamples=inf): the part of
        // null_distribution whose size is at least that of the statistic
        let (a, b) = (side(&A), side(&B));
        near(difference_p_values(&a, &b, 20_000, 7)[0], 0.069_264, 0.005);
        assert!(
            difference_p_values(&a, &a, 200, 7)
                .iter()
                .all(|p| *p == 1.0)
        );
    }

    #[test]
    fn the_bootstrap_agrees_with_scipy() {
        // scipy 1.17.1, scipy.stats.bootstrap((rows,), share, n_resamples=20000).standard_error
        let share = |totals: &[f64]| Some(shares(totals)[0]);
        near(standard_error(&side(&A), 3, share).unwrap(), 0.142_3, 0.008);
        assert_eq!(
            standard_error(&side(&[[1, 2, 0]]), 3, effective_number),
            None
        );
    }

    #[test]
    fn chance_passes_its_level_one_time_in_twenty() {
        // Statements cut at random from one text: how often are they said to differ?
        let mut generator = generator(99);
        let mut above = 0;
        let trials = 400;
        for trial in 0..trials {
            let mut cut = |count: usize| {
                let rows: Vec<[usize; 3]> = (0..count)
                    .map(|_| {
                        let mut row = [0; 3];
                        row[below(&mut generator, 3)] = 1 + below(&mut generator, 3);
                        row
                    })
                    .collect();
                side(&rows)
            };
            let (a, b) = (cut(12), cut(20));
            let seen = divergence(&a.totals(), &b.totals());
            let level = chance_level(&a, &b, 200, trial, divergence);
            above += usize::from(seen > level);
        }
        assert!((6..=36).contains(&above), "{above} of {trials}");
    }
}
