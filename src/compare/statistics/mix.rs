//! The mix of themes as a whole: how many there are in effect, and how far two mixes lie apart.
//!
//! Sentences without a theme are left out: how much of a statement is ceremony is another question.

use super::shares;

/// The effective number of themes, from 1 to their number: the exponential of Shannon's entropy (Jost 2006, "Entropy
/// and diversity", Oikos 113, p. 363-375). Two themes of equal weight give 2. None without themed sentences.
///
/// `totals` are the sentences per theme, and last without.
pub fn effective_number(totals: &[f64]) -> Option<f64> {
    let mix = mix(totals)?;
    let entropy: f64 = mix.iter().filter(|p| **p > 0.0).map(|p| -p * p.ln()).sum();
    Some(entropy.exp())
}

/// The Jensen-Shannon divergence of two mixes, base 2, both of the same weight: 0 for the same mix, 1 for mixes without
/// a common theme (Lin 1991, "Divergence measures based on the Shannon entropy", IEEE Transactions on Information
/// Theory 37, p. 145-151). None where one has no themed sentence.
pub fn divergence(a: &[f64], b: &[f64]) -> Option<f64> {
    let (a, b) = (mix(a)?, mix(b)?);
    let half = |p: f64, q: f64| {
        if p > 0.0 {
            0.5 * p * (2.0 * p / (p + q)).log2()
        } else {
            0.0
        }
    };
    let sum: f64 = a
        .iter()
        .zip(&b)
        .map(|(p, q)| half(*p, *q) + half(*q, *p))
        .sum();
    Some(sum.clamp(0.0, 1.0))
}

/// Shares among the themed sentences; none where there are none.
fn mix(totals: &[f64]) -> Option<Vec<f64>> {
    let (_, themed) = totals.split_last()?;
    (themed.iter().sum::<f64>() > 0.0).then(|| shares(themed))
}

#[cfg(test)]
mod tests {
    use super::super::near;
    use super::*;

    #[test]
    fn divergences_agree_with_scipy() {
        // scipy 1.17.1, scipy.spatial.distance.jensenshannon(a, b, base=2) ** 2; the last cell, no theme, does not count
        let cases = [
            (
                [3.0, 5.0, 2.0, 7.0],
                [4.0, 1.0, 5.0, 0.0],
                0.158_071_226_895_184,
            ),
            (
                [10.0, 0.0, 1.0, 2.0],
                [1.0, 9.0, 0.0, 3.0],
                0.764_814_570_989_186,
            ),
            (
                [1.5, 2.0, 0.0, 0.0],
                [0.5, 2.0, 3.0, 9.0],
                0.375_491_529_425_618,
            ),
        ];
        for (a, b, expected) in cases {
            near(divergence(&a, &b).unwrap(), expected, 1e-12);
        }
        assert_eq!(divergence(&[1.0, 0.0, 9.0], &[0.0, 2.0, 0.0]), Some(1.0));
        assert_eq!(divergence(&[0.0, 0.0, 9.0], &[0.0, 2.0, 0.0]), None);
    }

    #[test]
    fn effective_numbers_agree_with_scipy() {
        // scipy 1.17.1, numpy.exp(scipy.stats.entropy(counts))
        let cases = [
            ([3.0, 5.0, 2.0, 7.0], 2.800_094_072_853_832),
            ([10.0, 0.0, 1.0, 2.0], 1.356_131_413_386_273),
            ([1.5, 2.0, 0.5, 0.0], 2.649_351_128_562_104),
        ];
        for (totals, expected) in cases {
            near(effective_number(&totals).unwrap(), expected, 1e-12);
        }
        near(
            effective_number(&[3.0, 3.0, 0.0, 50.0]).unwrap(),
            2.0,
            1e-12,
        );
        assert_eq!(effective_number(&[0.0, 4.0]), None);
    }
}
