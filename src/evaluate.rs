//! How good is it? Compares an engine's reading with annotated sentences.

use std::collections::{BTreeMap, HashSet};
use std::fmt::{self, Write};
use std::path::Path;

use serde::Serialize;

use crate::analysis::DocumentAnalysis;
use crate::analysis::entities::EntityType;
use crate::analysis::themes::Taxonomy;
use crate::document::{Document, Sentence, Span};
use crate::engines::EngineKind;
use crate::error::{Error, Result};
use crate::pipeline::Pipeline;

/// The label of a sentence without theme in an annotated file.
const NO_THEME_CODE: &str = "NONE";

/// One annotated sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoldSentence {
    /// The document's id, a dot, and the number of the sentence.
    pub id: String,
    /// The words, without marks.
    pub text: String,
    /// Positions of its themes in the taxonomy, the main one first.
    pub themes: Vec<usize>,
    /// Its entities: byte spans in `text`.
    pub entities: Vec<(Span, EntityType)>,
}

/// Reads an annotated file, one sentence per line: `id<TAB>themes<TAB>text with [[TYPE|marked]] entities`.
///
/// # Errors
/// When the file cannot be read, or a line is malformed; the message has the line's number.
pub fn read_gold(path: &Path, taxonomy: &Taxonomy) -> Result<Vec<GoldSentence>> {
    let text = std::fs::read_to_string(path).map_err(Error::reading(path))?;
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(number, line)| {
            gold_line(line, taxonomy).map_err(|reason| Error::Gold {
                path: path.into(),
                line: number + 1,
                reason,
            })
        })
        .collect()
}

fn gold_line(line: &str, taxonomy: &Taxonomy) -> Result<GoldSentence, String> {
    let mut fields = line.splitn(3, '\t');
    let (Some(id), Some(themes), Some(marked)) = (fields.next(), fields.next(), fields.next())
    else {
        return Err("three columns with tabs between are wanted".into());
    };
    let themes = themes
        .split(',')
        .map(str::trim)
        .filter(|code| *code != NO_THEME_CODE)
        .map(|code| {
            let position = taxonomy
                .themes()
                .iter()
                .position(|theme| theme.code == code);
            position.ok_or_else(|| format!("the taxonomy has no theme with the code `{code}`"))
        })
        .collect::<Result<_, _>>()?;
    let (text, entities) = unmark(marked)?;
    Ok(GoldSentence {
        id: id.into(),
        text,
        themes,
        entities,
    })
}

/// Takes the `[[TYPE|words]]` marks out.
fn unmark(marked: &str) -> Result<(String, Vec<(Span, EntityType)>), String> {
    let mut text = String::with_capacity(marked.len());
    let mut entities = Vec::new();
    let mut rest = marked;
    while let Some(at) = rest.find("[[") {
        let (before, mark) = rest.split_at(at);
        text.push_str(before);
        let inside = mark.get(2..).unwrap_or_default();
        let name_length = inside
            .find(|c: char| !c.is_ascii_uppercase())
            .unwrap_or(inside.len());
        let (name, after_name) = inside.split_at(name_length);
        let Some(words) = after_name.strip_prefix('|').filter(|_| !name.is_empty()) else {
            // Two brackets of the text's own.
            text.push_str("[[");
            rest = inside;
            continue;
        };
        let entity_type: EntityType = name
            .parse()
            .map_err(|_| format!("`{name}` is no entity type"))?;
        let end = words.find("]]").ok_or("a mark is not closed with `]]`")?;
        let (words, after) = words.split_at(end);
        let start = text.len();
        text.push_str(words);
        entities.push((Span::new(start, text.len()), entity_type));
        rest = after.get(2..).unwrap_or_default();
    }
    text.push_str(rest);
    Ok((text, entities))
}

/// True positives, false positives and false negatives of one label.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Hits {
    right: usize,
    predicted: usize,
    gold: usize,
}

impl std::ops::AddAssign for Hits {
    fn add_assign(&mut self, other: Self) {
        self.right += other.right;
        self.predicted += other.predicted;
        self.gold += other.gold;
    }
}

/// Precision, recall and F1 of one label.
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
}

impl Score {
    fn new(label: &str, hits: Hits) -> Self {
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
            f1: ratio(2 * hits.right, hits.predicted + hits.gold),
            predicted: hits.predicted,
            gold: hits.gold,
        }
    }
}

/// The scores of every label of one task, with the averages.
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
    fn new(hits: Vec<(String, Hits)>) -> Self {
        let mut total = Hits::default();
        let labels: Vec<Score> = hits
            .into_iter()
            .filter(|(_, hits)| hits.gold + hits.predicted > 0)
            .map(|(label, hits)| {
                total += hits;
                Score::new(&label, hits)
            })
            .collect();
        let annotated: Vec<&Score> = labels.iter().filter(|score| score.gold > 0).collect();
        let mean = |of: fn(&Score) -> f64| match annotated.len() {
            0 => 0.0,
            n => annotated.iter().map(|score| of(score)).sum::<f64>() / n as f64,
        };
        Self {
            macro_average: Score {
                label: "macro".into(),
                precision: mean(|s| s.precision),
                recall: mean(|s| s.recall),
                f1: mean(|s| s.f1),
                predicted: total.predicted,
                gold: total.gold,
            },
            micro: Score::new("micro", total),
            labels,
        }
    }
}

/// What an evaluation found.
#[derive(Debug, Clone, Serialize)]
pub struct Evaluation {
    /// The engine that was measured.
    pub engine: EngineKind,
    /// Annotated documents.
    pub documents: usize,
    /// Annotated sentences.
    pub sentences: usize,
    /// Share of sentences whose main theme (or none) is the annotated one.
    pub main_theme_accuracy: f64,
    /// Themes: a sentence may have several; having none is no label.
    pub themes: Scores,
    /// Entities: right when type and both ends are.
    pub entities: Scores,
}

/// Reads the annotated sentences with the engine of `pipeline` and compares.
///
/// # Errors
/// When the engine fails.
pub fn evaluate(
    pipeline: &mut Pipeline,
    engine: EngineKind,
    gold: &[GoldSentence],
) -> Result<Evaluation> {
    let groups: Vec<&[GoldSentence]> = gold
        .chunk_by(|a, b| document_id(&a.id) == document_id(&b.id))
        .collect();
    let documents = groups.iter().map(|group| as_document(group)).collect();
    let analyses = pipeline.analyse_sentences(documents)?;
    let mut theme_hits = vec![Hits::default(); pipeline.taxonomy().themes().len()];
    let mut entity_hits: BTreeMap<EntityType, Hits> = BTreeMap::new();
    let mut main_right = 0;
    let read = analyses
        .iter()
        .flat_map(|DocumentAnalysis { sentences, .. }| sentences);
    for (gold, read) in gold.iter().zip(read) {
        main_right += usize::from(gold.themes.first() == read.themes.first());
        for (theme, hits) in theme_hits.iter_mut().enumerate() {
            let (is_gold, is_read) = (gold.themes.contains(&theme), read.themes.contains(&theme));
            *hits += Hits {
                right: usize::from(is_gold && is_read),
                predicted: usize::from(is_read),
                gold: usize::from(is_gold),
            };
        }
        let annotated: HashSet<_> = gold.entities.iter().copied().collect();
        for (_, entity_type) in &gold.entities {
            entity_hits.entry(*entity_type).or_default().gold += 1;
        }
        for entity in &read.entities {
            let hits = entity_hits.entry(entity.entity_type).or_default();
            hits.predicted += 1;
            hits.right += usize::from(annotated.contains(&(entity.span, entity.entity_type)));
        }
    }
    let codes = pipeline
        .taxonomy()
        .themes()
        .iter()
        .map(|theme| theme.code.clone());
    Ok(Evaluation {
        engine,
        documents: groups.len(),
        sentences: gold.len(),
        main_theme_accuracy: main_right as f64 / gold.len().max(1) as f64,
        themes: Scores::new(codes.zip(theme_hits).collect()),
        entities: Scores::new(
            entity_hits
                .into_iter()
                .map(|(entity_type, hits)| (entity_type.to_string(), hits))
                .collect(),
        ),
    })
}

/// The document's part of a sentence id.
fn document_id(sentence_id: &str) -> &str {
    sentence_id
        .rsplit_once('.')
        .map_or(sentence_id, |(document, _)| document)
}

/// The annotated sentences of one document.
fn as_document(group: &[GoldSentence]) -> (Document, Vec<Sentence>) {
    let id = group
        .first()
        .map_or("", |sentence| document_id(&sentence.id));
    Document::of_sentences(id, group.iter().map(|sentence| sentence.text.as_str()))
}

/// The evaluation as a table for people.
impl fmt::Display for Evaluation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "engine {}: {} sentences of {} documents\nmain theme right: {:.3}\n",
            self.engine, self.sentences, self.documents, self.main_theme_accuracy
        )?;
        let mut table = String::new();
        for (name, scores) in [("theme", &self.themes), ("entity", &self.entities)] {
            writeln!(
                table,
                "{name:<12}{:>10}{:>8}{:>8}{:>11}{:>7}",
                "precision", "recall", "F1", "predicted", "gold"
            )?;
            for score in scores
                .labels
                .iter()
                .chain([&scores.micro, &scores.macro_average])
            {
                writeln!(
                    table,
                    "{:<12}{:>10.3}{:>8.3}{:>8.3}{:>11}{:>7}",
                    score.label,
                    score.precision,
                    score.recall,
                    score.f1,
                    score.predicted,
                    score.gold
                )?;
            }
            table.push('\n');
        }
        f.write_str(table.trim_end())?;
        f.write_char('\n')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_spans() {
        let (text, entities) = unmark("[[GPE|Japan]] and the [[ORG|EU]] met [[1]].").unwrap();
        assert_eq!(text, "Japan and the EU met [[1]].");
        assert_eq!(
            entities,
            [
                (Span::new(0, 5), EntityType::Gpe),
                (Span::new(14, 16), EntityType::Org)
            ]
        );
    }

    #[test]
    fn malformed_lines_are_refused() {
        let taxonomy = Taxonomy::embedded().unwrap();
        for (line, part) in [
            ("id only", "three columns"),
            ("a.1\tXXX\ttext", "no theme with the code `XXX`"),
            ("a.1\tNONE\t[[CITY|Oslo]]", "`CITY` is no entity type"),
            ("a.1\tNONE\t[[GPE|Oslo", "not closed"),
        ] {
            let error = gold_line(line, &taxonomy).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn scores_follow_their_definitions() {
        let score = Score::new(
            "x",
            Hits {
                right: 3,
                predicted: 4,
                gold: 6,
            },
        );
        assert_eq!((score.precision, score.recall, score.f1), (0.75, 0.5, 0.6));
        let empty = Score::new("x", Hits::default());
        assert_eq!(empty.f1, 0.0);
    }
}
