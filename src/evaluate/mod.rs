//! How good is it? Compares an engine's reading with annotated sentences, and two annotations with each other.

mod agreement;
mod gold;
mod names;
mod scores;

use std::fmt::{self, Write};

use serde::Serialize;

use crate::analysis::DocumentAnalysis;
use crate::document::{Document, Sentence};
use crate::engines::EngineKind;
use crate::error::Result;
use crate::pipeline::Pipeline;

pub use agreement::{Agreement, ThemeAgreement, agreement};
pub use gold::{GoldSentence, read_gold};
use names::NamesInTraining;
pub use names::{NameRecall, Recall};
use scores::{
    DocumentHits, Hits, entity_hits, entity_labels, shown_interval, theme_codes, theme_hits,
};
pub use scores::{Score, Scores};

/// What an evaluation found.
#[derive(Debug, Clone, Serialize)]
pub struct Evaluation {
    /// The engine that was measured.
    pub engine: EngineKind,
    /// Annotated documents.
    pub documents: usize,
    /// Annotated sentences.
    pub sentences: usize,
    /// Share of sentences whose main theme (or none) is the annotated one, or that of one of the alternatives.
    pub main_theme_accuracy: f64,
    /// Themes: a sentence may have several; having none is no label.
    pub themes: Scores,
    /// Entities: right when type and both ends are.
    pub entities: Scores,
    /// The lower end of the 95% interval of `main_theme_accuracy`; none for a single document.
    pub main_theme_low: Option<f64>,
    /// The upper end.
    pub main_theme_high: Option<f64>,
    /// Recall of seen and unseen names, per type and last of all; there when training sentences are given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub names: Option<Vec<NameRecall>>,
}

/// Reads the annotated sentences with the engine of `pipeline` and compares.
///
/// Of alternative lists of themes, the one that agrees best with the reading is what is annotated. `training` are the
/// annotated sentences that the engine was made from, to tell seen names from unseen; it may be empty.
///
/// # Errors
/// When the engine fails.
pub fn evaluate(
    pipeline: &mut Pipeline,
    engine: EngineKind,
    gold: &[GoldSentence],
    training: &[GoldSentence],
) -> Result<Evaluation> {
    let groups = gold.chunk_by(|a, b| a.document() == b.document());
    let analyses = pipeline.analyse_sentences(groups.map(as_document).collect())?;
    let codes = theme_codes(pipeline.taxonomy());
    let mut main = DocumentHits::default();
    let mut themes = DocumentHits::default();
    let mut entities = DocumentHits::default();
    let mut names = NamesInTraining::new(training);
    let read = analyses
        .iter()
        .flat_map(|DocumentAnalysis { sentences, .. }| sentences);
    for (gold, read) in gold.iter().zip(read) {
        let found = read.entities.iter();
        let found: Vec<_> = found.map(|of| (of.span, of.entity_type)).collect();
        let main_hit = Hits {
            right: usize::from(gold.is_main(read.themes.first())),
            predicted: 1,
            gold: 1,
        };
        main.add(gold, &[main_hit]);
        let nearest = gold.nearest(&read.themes);
        themes.add(gold, &theme_hits(codes.len(), nearest, &read.themes));
        entities.add(gold, &entity_hits(&gold.entities, &found));
        names.add(gold, &found);
    }
    let (main_theme_accuracy, interval) = main.accuracy();
    Ok(Evaluation {
        engine,
        documents: main.len(),
        sentences: gold.len(),
        main_theme_accuracy,
        themes: Scores::new(&codes, &themes),
        entities: Scores::new(&entity_labels(), &entities),
        main_theme_low: interval.map(|(low, _)| low),
        main_theme_high: interval.map(|(_, high)| high),
        names: (!training.is_empty()).then(|| names.recall()),
    })
}

/// The annotated sentences of one document.
fn as_document(group: &[GoldSentence]) -> (Document, Vec<Sentence>) {
    let id = group.first().map_or("", GoldSentence::document);
    Document::of_sentences(id, group.iter().map(|sentence| sentence.text.as_str()))
}

/// The evaluation as a table for people.
impl fmt::Display for Evaluation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let interval = self.main_theme_low.zip(self.main_theme_high);
        writeln!(
            f,
            "engine {}: {} sentences of {} documents\nmain theme right: {:.3} (95%: {})\n",
            self.engine,
            self.sentences,
            self.documents,
            self.main_theme_accuracy,
            shown_interval(interval)
        )?;
        let mut table = String::new();
        for (name, scores) in [("theme", &self.themes), ("entity", &self.entities)] {
            writeln!(
                table,
                "{name:<12}{:>10}{:>8}{:>8}{:>11}{:>7}{:>11}",
                "precision", "recall", "F1", "predicted", "gold", "95%"
            )?;
            for score in scores.all() {
                writeln!(
                    table,
                    "{:<12}{:>10.3}{:>8.3}{:>8.3}{:>11}{:>7}{:>11}",
                    score.label,
                    score.precision,
                    score.recall,
                    score.f1,
                    score.predicted,
                    score.gold,
                    score.interval()
                )?;
            }
            table.push('\n');
        }
        if let Some(names) = &self.names {
            writeln!(
                table,
                "{:<12}{:>10}{:>8}{:>8}{:>8}",
                "name", "seen", "recall", "unseen", "recall"
            )?;
            for name in names {
                writeln!(table, "{name}")?;
            }
        }
        f.write_str(table.trim_end())?;
        f.write_char('\n')
    }
}
