//! How much of a document is each theme?

/// The 97.5th percentile of the standard normal distribution: what makes an interval a 95% interval.
pub(crate) const Z: f64 = 1.959_963_984_540_054;

/// How much of a document one theme takes up, or, as the last row, no theme.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weight {
    /// The theme's position in the taxonomy; none for the row of the sentences without a theme.
    pub theme: Option<usize>,
    /// The number of sentences, where a sentence of k themes counts 1/k for each.
    pub sentences: f64,
    /// The share of all weighed sentences.
    pub of_all: WeightedShare,
    /// The share of the weighed sentences that have a theme; none for the row without one.
    pub of_themed: Option<WeightedShare>,
}

/// A share of some sentences, each figure from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeightedShare {
    /// The share by number of sentences; 0 when there are none.
    pub sentences: f64,
    /// The share by number of words; 0 when there are none.
    pub words: f64,
    /// The lower bound of the 95% Wilson interval of `sentences`.
    pub low: f64,
    /// The upper bound of the 95% Wilson interval of `sentences`.
    pub high: f64,
}

/// The weight of each of the first `themes` themes in one document, in order, and last of no theme.
///
/// `sentences` are the weighed sentences of the document ([`Sentence::is_weighed`](crate::document::Sentence::is_weighed)):
/// the number of words of each, and the positions of its themes, each given once and less than `themes`. A sentence
/// with k themes gives 1/k of itself, and of its words, to each, so that the shares over all sentences add up to 1.
pub fn weigh<'a>(
    themes: usize,
    sentences: impl IntoIterator<Item = (usize, &'a [usize])>,
) -> Vec<Weight> {
    let mut of_theme = vec![Tally::default(); themes];
    let mut of_none = Tally::default();
    let mut of_any = Tally::default();
    for (words, assigned) in sentences {
        if assigned.is_empty() {
            of_none.add(1.0, words);
            continue;
        }
        of_any.add(1.0, words);
        for &theme in assigned {
            if let Some(tally) = of_theme.get_mut(theme) {
                tally.add(1.0 / assigned.len() as f64, words);
            }
        }
    }
    let all = Tally {
        sentences: of_any.sentences + of_none.sentences,
        words: of_any.words + of_none.words,
    };
    let row = |(theme, tally): (usize, &Tally)| Weight {
        theme: Some(theme),
        sentences: tally.sentences,
        of_all: tally.share_of(all),
        of_themed: Some(tally.share_of(of_any)),
    };
    let none = Weight {
        theme: None,
        sentences: of_none.sentences,
        of_all: of_none.share_of(all),
        of_themed: None,
    };
    of_theme.iter().enumerate().map(row).chain([none]).collect()
}

/// The 95% score interval of a proportion, `successes` out of `trials` (Wilson 1927, "Probable inference, the law of
/// succession, and statistical inference", Journal of the American Statistical Association 22, p. 209-212):
///
/// ```text
/// (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n)     p = successes/n, n = trials, z = 1.96
/// ```
///
/// Both may be fractions, as the weights of sentences with several themes are. Without trials nothing is known: (0, 1).
pub fn wilson_interval(successes: f64, trials: f64) -> (f64, f64) {
    if trials <= 0.0 {
        return (0.0, 1.0);
    }
    let p = (successes / trials).clamp(0.0, 1.0);
    let spread = Z * Z / trials;
    let centre = p + spread / 2.0;
    let margin = Z * (p * (1.0 - p) / trials + spread / (4.0 * trials)).sqrt();
    let bound = |x: f64| (x / (1.0 + spread)).clamp(0.0, 1.0);
    (bound(centre - margin), bound(centre + margin))
}

/// A weighted number of sentences, and of the words in them.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    sentences: f64,
    words: f64,
}

impl Tally {
    /// Adds the given part of a sentence of so many words.
    fn add(&mut self, part: f64, words: usize) {
        self.sentences += part;
        self.words += part * words as f64;
    }

    fn share_of(&self, whole: Tally) -> WeightedShare {
        let ratio = |part: f64, whole: f64| {
            if whole > 0.0 {
                (part / whole).min(1.0)
            } else {
                0.0
            }
        };
        let (low, high) = wilson_interval(self.sentences, whole.sentences);
        WeightedShare {
            sentences: ratio(self.sentences, whole.sentences),
            words: ratio(self.words, whole.words),
            low,
            high,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn assert_near(actual: f64, expected: f64) {
        assert!(
            (actual - expected).abs() < 1e-9,
            "{actual} is not {expected}"
        );
    }

    #[test]
    fn wilson_agrees_with_statsmodels() {
        // statsmodels 0.15.0, statsmodels.stats.proportion.proportion_confint(count, nobs, method="wilson")
        for (successes, trials, low, high) in [
            (0.0, 10.0, 0.0, 0.277_532_799_9),
            (10.0, 10.0, 0.722_467_200_1, 1.0),
            (3.0, 10.0, 0.107_791_267_4, 0.603_221_852_5),
            (7.5, 24.0, 0.164_265_369_1, 0.512_475_707_7),
            (0.5, 3.0, 0.017_652_794_3, 0.690_011_893_6),
            (123.0, 1000.0, 0.104_074_143_3, 0.144_811_232_6),
            (4.0 / 3.0, 4.0, 0.075_083_139_7, 0.754_880_472_5),
        ] {
            let (l, h) = wilson_interval(successes, trials);
            assert_near(l, low);
            assert_near(h, high);
        }
    }

    #[test]
    fn a_sentence_of_several_themes_divides_its_weight() {
        let sentences: [(usize, &[usize]); 4] = [(10, &[0]), (20, &[1, 0]), (6, &[]), (4, &[])];
        let rows = weigh(3, sentences);
        assert_eq!(
            rows.iter().map(|row| row.theme).collect::<Vec<_>>(),
            [Some(0), Some(1), Some(2), None]
        );
        assert_eq!(
            rows.iter().map(|row| row.sentences).collect::<Vec<_>>(),
            [1.5, 0.5, 0.0, 2.0]
        );
        assert_near(rows[0].of_all.sentences, 1.5 / 4.0);
        assert_near(rows[0].of_all.words, 20.0 / 40.0);
        let of_themed = rows[0].of_themed.unwrap();
        assert_near(of_themed.sentences, 1.5 / 2.0);
        assert_near(of_themed.words, 20.0 / 30.0);
        assert_eq!((of_themed.low, of_themed.high), wilson_interval(1.5, 2.0));
        assert_near(rows[3].of_all.words, 10.0 / 40.0);
        assert_eq!(rows[3].of_themed, None);
    }

    #[test]
    fn nothing_weighed_gives_rows_of_nothing() {
        let rows = weigh(2, []);
        let unknown = WeightedShare {
            sentences: 0.0,
            words: 0.0,
            low: 0.0,
            high: 1.0,
        };
        assert_eq!(rows.len(), 3);
        assert!(
            rows.iter()
                .all(|row| row.sentences == 0.0 && row.of_all == unknown)
        );
        assert!(
            weigh(0, [(0, [].as_slice())])
                .iter()
                .all(|row| row.of_all.words == 0.0)
        );
    }

    proptest! {
        #[test]
        fn shares_add_up_and_lie_within_their_interval(
            sentences in prop::collection::vec((0usize..60, prop::collection::btree_set(0usize..5, 0..4)), 1..80)
        ) {
            let sentences: Vec<(usize, Vec<usize>)> =
                sentences.into_iter().map(|(words, themes)| (words, themes.into_iter().collect())).collect();
            let rows = weigh(5, sentences.iter().map(|(words, themes)| (*words, themes.as_slice())));
            prop_assert!((rows.iter().map(|row| row.of_all.sentences).sum::<f64>() - 1.0).abs() < 1e-9);
            for share in rows.iter().flat_map(|row| [Some(row.of_all), row.of_themed]).flatten() {
                prop_assert!(share.low <= share.sentences + 1e-12 && share.sentences <= share.high + 1e-12);
                prop_assert!([share.sentences, share.words, share.low, share.high].iter().all(|x| (0.0..=1.0).contains(x)));
            }
        }
    }
}
