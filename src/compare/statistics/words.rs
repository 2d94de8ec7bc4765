//! The words that set one text apart from another.

use std::collections::BTreeMap;

use unicode_segmentation::UnicodeSegmentation;

/// How often each word occurs. Ordered, so that sums and tables come out the same every time.
pub type WordCounts = BTreeMap<String, usize>;

/// A word and how much more one text uses it.
#[derive(Debug, Clone, PartialEq)]
pub struct Keyness {
    /// The word, in lower case.
    pub word: String,
    /// How often it stands in the text.
    pub count: usize,
    /// How often it stands in the other one.
    pub other: usize,
    /// The logarithm of the ratio of its odds in the two texts, drawn towards 0 by the prior; natural.
    pub log_odds: f64,
    /// `log_odds` in standard errors: over 1.96 it is more than chance, one word taken by itself.
    pub z: f64,
}

/// Counts the words of `text` into `counts`: lower case, letters with apostrophes inside, two letters or more.
pub fn count(text: &str, counts: &mut WordCounts) {
    for word in text.unicode_words() {
        let is_word = word.chars().filter(|c| c.is_alphabetic()).count() >= 2
            && !word.contains(|c: char| c.is_numeric());
        if is_word {
            let word = word.to_lowercase().replace('\u{2019}', "'");
            let word = word.strip_suffix("'s").unwrap_or(&word);
            *counts.entry(word.to_owned()).or_default() += 1;
        }
    }
}

/// The words that `text` uses more than the rest of `all`, the surest first: log-odds ratios with an informative
/// Dirichlet prior (Monroe, Colaresi and Quinn 2008, "Fightin' words: lexical feature selection and evaluation for
/// identifying the content of political conflict", Political Analysis 16, p. 372-403, equations 16, 19, 22 and 23).
///
/// ```text
/// δ = ln (y + α) / (n + α₀ - y - α) - ln (y' + α) / (n' + α₀ - y' - α)     z = δ / √(1/(y + α) + 1/(y' + α))
/// ```
///
/// `all` are the words of all texts together, this one among them. They are the prior too, scaled so that it weighs as
/// much as the shorter of text and rest: a word that is common everywhere has a strong prior and needs no stop list.
pub fn keyness(text: &WordCounts, all: &WordCounts) -> Vec<Keyness> {
    let size = |counts: &WordCounts| counts.values().sum::<usize>() as f64;
    let (n, n_all) = (size(text), size(all));
    let n_rest = n_all - n;
    if n <= 0.0 || n_rest <= 0.0 {
        return Vec::new();
    }
    let prior_size = n.min(n_rest);
    let keyness_of = |(word, &count): (&String, &usize)| {
        let in_all = all.get(word).copied().unwrap_or(count);
        let other = in_all.saturating_sub(count);
        let prior = prior_size * in_all as f64 / n_all;
        let odds = |count: usize, n: f64| {
            let weight = count as f64 + prior;
            (weight / (n + prior_size - weight)).ln()
        };
        let log_odds = odds(count, n) - odds(other, n_rest);
        let variance = 1.0 / (count as f64 + prior) + 1.0 / (other as f64 + prior);
        let z = log_odds / variance.sqrt();
        z.is_finite().then(|| Keyness {
            word: word.clone(),
            count,
            other,
            log_odds,
            z,
        })
    };
    let mut words: Vec<Keyness> = text.iter().filter_map(keyness_of).collect();
    words.sort_by(|a, b| b.z.total_cmp(&a.z).then_with(|| a.word.cmp(&b.word)));
    words
}

#[cfg(test)]
mod tests {
    use super::super::near;
    use super::*;

    fn counts(words: &[(&str, usize)]) -> WordCounts {
        words
            .iter()
            .map(|(word, n)| ((*word).to_owned(), *n))
            .collect()
    }

    #[test]
    fn words_are_counted_in_lower_case_without_numbers() {
        let mut found = WordCounts::new();
        count(
            "The Parties\u{2019} climate plan, Japan\u{2019}s CLIMATE plan of 2030: a G20 plan",
            &mut found,
        );
        let expected = [
            ("climate", 2),
            ("japan", 1),
            ("of", 1),
            ("parties", 1),
            ("plan", 3),
            ("the", 1),
        ];
        assert_eq!(found, counts(&expected));
    }

    #[test]
    fn log_odds_agree_with_numpy() {
        // The equations written out in numpy 2.4.6: no kept library has this prior.
        let a = counts(&[("the", 60), ("climate", 9), ("trade", 1), ("peace", 4)]);
        let b = counts(&[("the", 80), ("climate", 1), ("trade", 12), ("unity", 3)]);
        let mut both = a.clone();
        for (word, n) in &b {
            *both.entry(word.clone()).or_default() += n;
        }
        let words = keyness(&a, &both);
        assert_eq!(words[0].word, "climate");
        let expected = [
            ("the", -0.081_729_304_956, -0.659_372_346_254),
            ("climate", 1.115_237_680_527, 2.180_032_853_649),
            ("trade", -0.900_346_824_772, -1.979_833_633_714),
            ("peace", 1.360_958_442_798, 1.573_068_418_660),
        ];
        for (word, log_odds, z) in expected {
            let found = words.iter().find(|found| found.word == word).unwrap();
            near(found.log_odds, log_odds, 1e-9);
            near(found.z, z, 1e-9);
        }
    }
}
