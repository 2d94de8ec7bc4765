//! Precision, recall and F1 of labels, each F1 with its interval.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use serde::Serialize;

use super::gold::GoldSentence;
use crate::analysis::entities::EntityType;
use crate::analysis::themes::Taxonomy;
use crate::chance::percentile_intervals;
use crate::document::Span;

/// The stream of random numbers: the same documents are drawn for every figure.
const STREAM: u64 = 0;

/// How often one label is right, predicted and annotated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Hits {
    pub right: usize,
    pub predicted: usize,
    pub gold: usize,
}

impl AddAssign for Hits {
    fn add_assign(&mut self, other: Self) {
        self.right += other.right;
        self.predicted += other.predicted;
        self.gold += other.gold;
    }
}

impl Hits {
    /// None where nothing is predicted or annotated.
    fn f1(self) -> Option<f64> {
        let all = self.predicted + self.gold;
        (all > 0).then(|| 2.0 * self.right as f64 / all as f64)
    }
}

/// The codes of the themes, in the order of the taxonomy.
pub(super) fn theme_codes(taxonomy: &Taxonomy) -> Vec<String> {
    let themes = taxonomy.themes().iter();
    themes.map(|theme| theme.code.clone()).collect()
}

/// The labels of the entity types, in the order of [`EntityType::ALL`].
pub(super) fn entity_labels() -> Vec<String> {
    EntityType::ALL.map(|of| of.label().into()).into()
}

/// The hits of one sentence for each of the first `themes` themes.
pub(super) fn theme_hits(themes: usize, gold: &[usize], read: &[usize]) -> Vec<Hits> {
    let hits = |theme: usize| {
        let (is_gold, is_read) = (gold.contains(&theme), read.contains(&theme));
        Hits {
            right: usize::from(is_gold && is_read),
            predicted: usize::from(is_read),
            gold: usize::from(is_gold),
        }
    };
    (0..themes).map(hits).collect()
}

/// The hits of one sentence for each of [`EntityType::ALL`]: right when type and both ends are.
pub(super) fn entity_hits(
    gold: &[(Span, EntityType)],
    read: &[(Span, EntityType)],
) -> [Hits; EntityType::ALL.len()] {
    EntityType::ALL.map(|entity_type| {
        let of_type = |(_, other): &&(Span, EntityType)| *other == entity_type;
        Hits {
            right: read
                .iter()
                .filter(of_type)
                .filter(|of| gold.contains(of))
                .count(),
            predicted: read.iter().filter(of_type).count(),
            gold: gold.iter().filter(of_type).count(),
        }
    })
}

/// The hits of several labels, always in the same order, per document.
#[derive(Debug, Default)]
pub(super) struct DocumentHits<'a>(BTreeMap<&'a str, Vec<Hits>>);

impl<'a> DocumentHits<'a> {
    /// Adds the hits of a sentence to those of its document.
    pub fn add(&mut self, sentence: &'a GoldSentence, hits: &[Hits]) {
        let document = self.0.entry(sentence.document()).or_default();
        document.resize(hits.len(), Hits::default());
        for (total, hits) in document.iter_mut().zip(hits) {
            *total += *hits;
        }
    }

    /// The number of documents.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The 95% interval of each of `figures`, which are of total hits per label. None for a figure that fewer than two
    /// documents `bear` on: drawing documents then says nothing.
    fn intervals(
        &self,
        figures: impl Fn(&[Hits]) -> Vec<Option<f64>>,
        bear: impl Fn(usize, &[Hits]) -> bool,
    ) -> Vec<Option<(f64, f64)>> {
        let documents: Vec<&[Hits]> = self.0.values().map(Vec::as_slice).collect();
        let intervals = percentile_intervals(documents.len(), STREAM, |drawn| {
            figures(&total(drawn.iter().map(|document| documents[*document])))
        });
        let of = |(figure, interval): (usize, Option<(f64, f64)>)| {
            let bearing = documents.iter().filter(|hits| bear(figure, hits)).count();
            interval.filter(|_| bearing > 1)
        };
        intervals.into_iter().enumerate().map(of).collect()
    }

    /// The share of what is annotated that is right, over all labels, with its interval.
    pub fn accuracy(&self) -> (f64, Option<(f64, f64)>) {
        let share = |hits: &[Hits]| {
            let all = sum(hits);
            vec![(all.gold > 0).then(|| all.right as f64 / all.gold as f64)]
        };
        let seen = share(&total(self.0.values().map(Vec::as_slice)));
        let intervals = self.intervals(share, |_, _| true);
        (
            seen.into_iter().flatten().next().unwrap_or_default(),
            intervals.into_iter().flatten().next(),
        )
    }
}

/// The hits of each label over several documents.
fn total<'a>(documents: impl IntoIterator<Item = &'a [Hits]>) -> Vec<Hits> {
    let mut totals = Vec::new();
    for hits in documents {
        totals.resize(hits.len(), Hits::default());
        for (total, hits) in totals.iter_mut().zip(hits) {
            *total += *hits;
        }
    }
    totals
}

/// The hits of all labels together.
fn sum(hits: &[Hits]) -> Hits {
    let mut all = Hits::default();
    hits.iter().for_each(|hits| all += *hits);
    all
}

/// F1 of each label, and last the micro and the macro average.
fn f1_figures(hits: &[Hits]) -> Vec<Option<f64>> {
    let annotated = hits.iter().filter(|hits| hits.gold > 0);
    let annotated: Vec<f64> = annotated.filter_map(|hits| hits.f1()).collect();
    let count = annotated.len() as f64;
    let mean = (!annotated.is_empty()).then(|| annotated.iter().sum::<f64>() / count);
    let labels = hits.iter().map(|hits| hits.f1());
    labels.chain([sum(hits).f1(), mean]).collect()
}

/// Precision, recall and F1 of one label, each from 0 to 1.
#[derive(Debug, Clone, Serialize)]
pub struct Score {
    /// The theme's code or the entity type; `micro` or `macro` for the averages.
    pub label: String,
    /// Right among the predicted.
    pub precision: f64,
    /// Right among the annotated.
    pub recall: f64,
    /// Their harmonic mean.
    pub f1: f64,
    /// How many were predicted.
    pub predicted: usize,
    /// How many are annotated.
    pub gold: usize,
    /// The lower end of the 95% interval of `f1`; none where fewer than two documents have the label.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
}

impl Score {
    fn new(label: &str, hits: Hits, interval: Option<(f64, f64)>) -> Self {
        let ratio = |part: usize, whole: usize| {
            if whole == 0 {
                0.0
            } else {
                part as f64 / whole as f64
            }
        };
        Self {
            label: label.into(),
            precision: ratio(hits.right, hits.predicted),
            recall: ratio(hits.right, hits.gold),
            f1: hits.f1().unwrap_or_default(),
            predicted: hits.predicted,
            gold: hits.gold,
            low: interval.map(|(low, _)| low),
            high: interval.map(|(_, high)| high),
        }
    }

    /// The 95% interval of F1 as a table shows it.
    pub(super) fn interval(&self) -> String {
        shown_interval(self.low.zip(self.high))
    }
}

/// The scores of every label of one task, with the averages.
///
/// The intervals are percentile intervals of the bootstrap over documents ([`percentile_intervals`]): sentences of one
/// document have much the same themes and names, so that documents and not sentences are drawn. A label that no drawn
/// document has is left out of that resample.
#[derive(Debug, Clone, Serialize)]
pub struct Scores {
    /// One score per label that was annotated or predicted.
    pub labels: Vec<Score>,
    /// Over all decisions together.
    pub micro: Score,
    /// The mean over the labels that are annotated.
    #[serde(rename = "macro")]
    pub macro_average: Score,
}

impl Scores {
    /// The scores of `labels`, in the order in which the hits are.
    pub(super) fn new(labels: &[String], documents: &DocumentHits<'_>) -> Self {
        let hits = total(documents.0.values().map(Vec::as_slice));
        let intervals = documents.intervals(f1_figures, |figure, hits| {
            // Past the labels are the averages.
            hits.get(figure).map_or(sum(hits), |hits| *hits) != Hits::default()
        });
        let interval = |figure: usize| intervals.get(figure).copied().flatten();
        let all = sum(&hits);
        let labels: Vec<Score> = labels
            .iter()
            .zip(&hits)
            .enumerate()
            .filter(|(_, (_, hits))| **hits != Hits::default())
            .map(|(place, (label, hits))| Score::new(label, *hits, interval(place)))
            .collect();
        let annotated: Vec<&Score> = labels.iter().filter(|score| score.gold > 0).collect();
        let mean = |of: fn(&Score) -> f64| match annotated.len() {
            0 => 0.0,
            n => annotated.iter().map(|score| of(score)).sum::<f64>() / n as f64,
        };
        Self {
            macro_average: Score {
                precision: mean(|s| s.precision),
                recall: mean(|s| s.recall),
                f1: mean(|s| s.f1),
                ..Score::new("macro", all, interval(hits.len() + 1))
            },
            micro: Score::new("micro", all, interval(hits.len())),
            labels,
        }
    }

    /// Every score, the averages last.
    pub(super) fn all(&self) -> impl Iterator<Item = &Score> {
        self.labels.iter().chain([&self.micro, &self.macro_average])
    }
}

/// An interval of shares with two decimals, `.89-.93`; `-` where there is none.
pub(super) fn shown_interval(interval: Option<(f64, f64)>) -> String {
    let short = |share: f64| {
        let digits = format!("{share:.2}");
        digits.strip_prefix('0').unwrap_or(&digits).to_owned()
    };
    interval.map_or_else(
        || "-".into(),
        |(low, high)| format!("{}-{}", short(low), short(high)),
    )
}

#[cfg(test)]
mod tests {
    use super::super::gold::gold_line;
    use super::*;

    fn hits(right: usize, predicted: usize, gold: usize) -> Hits {
        Hits {
            right,
            predicted,
            gold,
        }
    }

    /// The scores of two labels, given the hits of each in one sentence per document.
    fn scores(documents: &[[Hits; 2]]) -> Scores {
        let taxonomy = Taxonomy::embedded().unwrap();
        let sentences: Vec<GoldSentence> = (0..documents.len())
            .map(|number| gold_line(&format!("d{number}.1\tNONE\tWords."), &taxonomy).unwrap())
            .collect();
        let mut all = DocumentHits::default();
        for (sentence, hits) in sentences.iter().zip(documents) {
            all.add(sentence, hits);
        }
        Scores::new(&["x".into(), "y".into()], &all)
    }

    #[test]
    fn scores_follow_their_definitions() {
        let score = Score::new("x", hits(3, 4, 6), None);
        assert_eq!((score.precision, score.recall, score.f1), (0.75, 0.5, 0.6));
        assert_eq!(Score::new("x", Hits::default(), None).f1, 0.0);
        let scores = scores(&[
            [hits(1, 2, 2), hits(0, 0, 0)],
            [hits(1, 1, 1), hits(0, 0, 1)],
        ]);
        assert_eq!(scores.labels.len(), 2);
        assert_eq!((scores.labels[0].f1, scores.labels[1].f1), (4.0 / 6.0, 0.0));
        assert_eq!(scores.micro.f1, 4.0 / 7.0);
        assert_eq!(scores.macro_average.f1, 2.0 / 6.0);
    }

    #[test]
    fn where_all_documents_are_alike_the_interval_has_no_width() {
        let right = scores(&[[hits(2, 2, 2), hits(0, 0, 0)]; 5]);
        assert_eq!(right.micro.low.zip(right.micro.high), Some((1.0, 1.0)));
        assert_eq!(right.labels[0].interval(), "1.00-1.00");
        let half = scores(&[[hits(1, 2, 2), hits(1, 2, 2)]; 5]);
        assert_eq!(half.macro_average.interval(), ".50-.50");
    }

    #[test]
    fn one_document_gives_no_interval() {
        let one = scores(&[[hits(1, 2, 2), hits(0, 1, 0)]]);
        assert!(one.all().all(|score| score.low.or(score.high).is_none()));
        assert_eq!(one.micro.interval(), "-");
        // The second label is in one document of three.
        let [x, y] = [hits(1, 2, 2), hits(1, 1, 1)];
        let three = scores(&[
            [x, y],
            [x, Hits::default()],
            [hits(2, 2, 2), Hits::default()],
        ]);
        assert_eq!(three.labels[1].interval(), "-");
        assert!(three.labels[0].low.is_some() && three.micro.low.is_some());
    }

    #[test]
    fn the_interval_lies_about_the_figure() {
        // Ten documents all right, ten half right: F1 is .75, and a mean of 20 such has the standard deviation .056.
        let mut documents = vec![[hits(2, 2, 2), Hits::default()]; 10];
        documents.extend(vec![[hits(1, 2, 2), Hits::default()]; 10]);
        let score = &scores(&documents).labels[0];
        assert_eq!(score.f1, 0.75);
        let (low, high) = score.low.zip(score.high).unwrap();
        assert!((low - 0.64).abs() < 0.02, "{low}");
        assert!((high - 0.86).abs() < 0.02, "{high}");
    }
}
