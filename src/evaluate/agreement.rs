//! How far do two annotations of the same sentences agree?

use std::collections::HashMap;
use std::fmt::{self, Write};

use serde::Serialize;

use super::gold::GoldSentence;
use super::scores::{DocumentHits, Scores, entity_hits, entity_labels, theme_codes};
use crate::analysis::themes::Taxonomy;
use crate::error::{Error, Result};
use crate::text::counted;

/// How far two annotated files agree on the sentences that both have.
#[derive(Debug, Clone, Serialize)]
pub struct Agreement {
    /// Sentences of the same id and text in both files: those that are compared.
    pub sentences: usize,
    /// Sentences of the first file only; one whose text differs between the files is in each of them only.
    pub first_only: usize,
    /// Sentences of the second file only.
    pub second_only: usize,
    /// One row per theme that was given in either file, in the order of the taxonomy.
    pub themes: Vec<ThemeAgreement>,
    /// Over all decisions on these themes: every pair of a sentence and a theme is one.
    pub all_themes: ThemeAgreement,
    /// Entities, the first file being the annotation and the second the prediction.
    pub entities: Scores,
}

/// How far two annotators agree on which sentences have a theme.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ThemeAgreement {
    /// The theme's code; `all` for all of them.
    pub label: String,
    /// Cohen's kappa, at most 1 (the same) and 0 where they agree as often as chance would; none where it is not defined.
    pub kappa: Option<f64>,
    /// Krippendorff's alpha for nominal data, on the same scale.
    pub alpha: Option<f64>,
    /// Sentences to which both give the theme.
    pub both: usize,
    /// Sentences to which the first gives it.
    pub first: usize,
    /// Sentences to which the second gives it.
    pub second: usize,
}

impl ThemeAgreement {
    fn new(label: &str, votes: Votes) -> Self {
        Self {
            label: label.into(),
            kappa: votes.kappa(),
            alpha: votes.alpha(),
            both: votes.both,
            first: votes.first,
            second: votes.second,
        }
    }
}

/// Yes or no of two annotators on the same `units`: how often both, the first and the second say yes.
#[derive(Debug, Clone, Copy, Default)]
struct Votes {
    units: usize,
    both: usize,
    first: usize,
    second: usize,
}

impl Votes {
    fn add(&mut self, other: Self) {
        self.units += other.units;
        self.both += other.both;
        self.first += other.first;
        self.second += other.second;
    }

    /// All values of both annotators that are yes, and all that are no; none where there is nothing to agree about, as
    /// all are the same.
    fn values(self) -> Option<(f64, f64)> {
        let yes = self.first + self.second;
        let no = 2 * self.units - yes;
        (yes > 0 && no > 0).then_some((yes as f64, no as f64))
    }

    /// How often they differ.
    fn differ(self) -> f64 {
        (self.first + self.second - 2 * self.both) as f64
    }

    /// The agreement beyond that of two annotators who say yes as often as these, at random (Cohen 1960, "A coefficient
    /// of agreement for nominal scales", Educational and Psychological Measurement 20, p. 37-46).
    fn kappa(self) -> Option<f64> {
        self.values()?;
        let units = self.units as f64;
        let (first, second) = (self.first as f64 / units, self.second as f64 / units);
        let observed = 1.0 - self.differ() / units;
        let expected = first * second + (1.0 - first) * (1.0 - second);
        Some((observed - expected) / (1.0 - expected))
    }

    /// One less the observed disagreement over that expected of all values dealt out at random (Krippendorff, "Content
    /// Analysis: An Introduction to Its Methodology", chapter on reliability; two observers, nominal data, none missing).
    fn alpha(self) -> Option<f64> {
        let (yes, no) = self.values()?;
        Some(1.0 - (yes + no - 1.0) * self.differ() / (yes * no))
    }
}

/// Compares two annotations of the same sentences. Of alternative lists of themes the first counts.
///
/// # Errors
/// [`Error::NothingToCompare`] when no sentence of the same id and text is in both.
pub fn agreement(
    taxonomy: &Taxonomy,
    first: &[GoldSentence],
    second: &[GoldSentence],
) -> Result<Agreement> {
    let mut others: HashMap<_, _> = second.iter().map(|of| (id_and_text(of), of)).collect();
    let codes = theme_codes(taxonomy);
    let mut votes = vec![Votes::default(); codes.len()];
    let mut entities = DocumentHits::default();
    let mut sentences = 0;
    for a in first {
        let Some(b) = others.remove(&id_and_text(a)) else {
            continue;
        };
        sentences += 1;
        for (theme, votes) in votes.iter_mut().enumerate() {
            let (of_a, of_b) = (a.themes().contains(&theme), b.themes().contains(&theme));
            votes.add(Votes {
                units: 1,
                both: usize::from(of_a && of_b),
                first: usize::from(of_a),
                second: usize::from(of_b),
            });
        }
        entities.add(a, &entity_hits(&a.entities, &b.entities));
    }
    if sentences == 0 {
        return Err(Error::NothingToCompare {
            reason: "the two files have no sentence in common".into(),
            hint: "give two annotations of the same sentences: ids and texts must be the same"
                .into(),
        });
    }
    let mut all = Votes::default();
    let mut themes = Vec::new();
    let given = codes.iter().zip(votes);
    for (code, votes) in given.filter(|(_, votes)| votes.first + votes.second > 0) {
        all.add(votes);
        themes.push(ThemeAgreement::new(code, votes));
    }
    Ok(Agreement {
        sentences,
        first_only: first.len() - sentences,
        second_only: second.len() - sentences,
        themes,
        all_themes: ThemeAgreement::new("all", all),
        entities: Scores::new(&entity_labels(), &entities),
    })
}

fn id_and_text(sentence: &GoldSentence) -> (&str, &str) {
    (&sentence.id, &sentence.text)
}

/// The agreement as a table for people.
impl fmt::Display for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} in both files; in the first only: {}, in the second only: {}\n",
            counted(self.sentences, "sentence"),
            self.first_only,
            self.second_only
        )?;
        let figure = |of: Option<f64>| of.map_or("-".into(), |figure| format!("{figure:.3}"));
        let mut table = String::new();
        writeln!(
            table,
            "{:<12}{:>8}{:>8}{:>7}{:>7}{:>8}",
            "theme", "kappa", "alpha", "both", "first", "second"
        )?;
        for theme in self.themes.iter().chain([&self.all_themes]) {
            writeln!(
                table,
                "{:<12}{:>8}{:>8}{:>7}{:>7}{:>8}",
                theme.label,
                figure(theme.kappa),
                figure(theme.alpha),
                theme.both,
                theme.first,
                theme.second
            )?;
        }
        writeln!(
            table,
            "\n{:<12}{:>8}{:>7}{:>8}{:>11}",
            "entity", "F1", "first", "second", "95%"
        )?;
        for score in self.entities.all() {
            writeln!(
                table,
                "{:<12}{:>8.3}{:>7}{:>8}{:>11}",
                score.label,
                score.f1,
                score.gold,
                score.predicted,
                score.interval()
            )?;
        }
        f.write_str(&table)
    }
}

#[cfg(test)]
mod tests {
    use super::super::gold::gold_line;
    use super::*;

    fn near(actual: Option<f64>, expected: f64) {
        let actual = actual.unwrap();
        assert!(
            (actual - expected).abs() < 5e-4,
            "{actual} is not {expected}"
        );
    }

    /// The votes of two annotators, one character per unit.
    fn votes(first: &str, second: &str) -> Votes {
        let mut all = Votes::default();
        for (a, b) in first.chars().zip(second.chars()) {
            all.add(Votes {
                units: 1,
                both: usize::from(a == '1' && b == '1'),
                first: usize::from(a == '1'),
                second: usize::from(b == '1'),
            });
        }
        all
    }

    #[test]
    fn alpha_and_kappa_agree_with_published_examples() {
        // Krippendorff 2011, "Computing Krippendorff's alpha-reliability", example A: alpha is .095.
        let of_two = votes("0100000010", "1110010000");
        near(of_two.alpha(), 0.095);
        // By hand: observed .6, expected .2 * .4 + .8 * .6 = .56.
        near(of_two.kappa(), 0.04 / 0.44);
        // "Cohen's kappa" in Wikipedia, simple example: 20 both yes, 5 and 10 one only, 15 both no; kappa is .4.
        let of_grants = Votes {
            units: 50,
            both: 20,
            first: 25,
            second: 30,
        };
        near(of_grants.kappa(), 0.4);
        // By hand: 15 of 50 differ; 55 values are yes and 45 no.
        near(of_grants.alpha(), 1.0 - 99.0 * 15.0 / (55.0 * 45.0));
        near(votes("0110", "0110").kappa(), 1.0);
        near(votes("0110", "1001").kappa(), -1.0);
        for all_the_same in [votes("111", "111"), votes("000", "000"), votes("", "")] {
            assert_eq!(all_the_same.kappa(), None);
            assert_eq!(all_the_same.alpha(), None);
        }
    }

    #[test]
    fn sentences_of_both_files_are_compared() {
        let taxonomy = Taxonomy::embedded().unwrap();
        let read = |lines: &[&str]| -> Vec<GoldSentence> {
            let lines = lines.iter();
            lines
                .map(|line| gold_line(line, &taxonomy).unwrap())
                .collect()
        };
        let first = read(&[
            "a.1\tSEC\tThe fleet of [[GPE|Chile]] sailed.",
            "a.2\tECO/NONE\tTrade with [[GPE|Peru]] grew.",
            "b.1\tNONE\t[[PERSON|Maria Silva]] spoke.",
            "b.2\tNONE\tOnly here.",
            "b.3\tSEC\tOne wording.",
        ]);
        let second = read(&[
            "b.1\tSEC\t[[ORG|Maria Silva]] spoke.",
            "b.3\tSEC\tAnother wording.",
            "a.2\tNONE/ECO\tTrade with [[GPE|Peru]] grew.",
            "a.1\tSEC\tThe fleet of [[GPE|Chile]] sailed.",
        ]);
        let found = agreement(&taxonomy, &first, &second).unwrap();
        assert_eq!(
            (found.sentences, found.first_only, found.second_only),
            (3, 2, 1)
        );
        let labels: Vec<&str> = found.themes.iter().map(|of| of.label.as_str()).collect();
        assert_eq!(labels, ["SEC", "ECO"]);
        let security = &found.themes[0];
        assert_eq!((security.both, security.first, security.second), (1, 1, 2));
        // By hand: observed 2/3, expected 1/3 * 2/3 + 2/3 * 1/3 = 4/9.
        near(security.kappa, 0.4);
        near(found.themes[1].kappa, 0.0);
        // Six decisions: two differ, three values of twelve are yes in SEC, one in ECO.
        near(found.all_themes.alpha, 1.0 - 11.0 * 2.0 / (4.0 * 8.0));
        assert_eq!(found.entities.micro.f1, 2.0 * 2.0 / 6.0);
        let error = agreement(&taxonomy, &first, &second[1..2]).unwrap_err();
        assert!(error.to_string().contains("no sentence in common"));
    }
}
