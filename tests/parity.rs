//! The same weights in two engines: int8 by `rten`, and full precision by libtorch, on the samples of `input/`.

#![cfg(feature = "rust-bert")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr)]

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::path::Path;

use demarche::analysis::entities::EntityType;
use demarche::analysis::themes::Taxonomy;
use demarche::analysis::{DocumentAnalysis, SentenceAnalysis};
use demarche::document::Document;
use demarche::engines::EngineKind;
use demarche::evaluate::read_gold;
use demarche::input::find;
use demarche::pipeline::Pipeline;

/// The least share of labels that must be the same: whether a sentence is about a theme, and what a word is a name of.
const SAME_LABELS: f64 = 0.995;

/// The least share of whole names: one word more or less makes another name.
const SAME_NAMES: f64 = 0.97;

/// How far a theme probability may be from the one that PyTorch gives (models/training/reference.py).
const APART: f32 = 0.02;

fn analyse(engine: EngineKind) -> Vec<DocumentAnalysis> {
    let input = Path::new(env!("CARGO_MANIFEST_DIR")).join("input");
    let found = find(&[input]).statements;
    let mut pipeline = Pipeline::load(engine, Taxonomy::embedded().unwrap(), 20).unwrap();
    let mut analyses = Vec::new();
    pipeline
        .run(&found, &mut |outcome| {
            analyses.push(outcome.unwrap());
            Ok(())
        })
        .unwrap();
    analyses
}

/// Equal and all.
#[derive(Default)]
struct Share {
    same: usize,
    all: usize,
}

impl Share {
    fn add(&mut self, same: bool) {
        self.same += usize::from(same);
        self.all += 1;
    }

    fn of(&self) -> f64 {
        self.same as f64 / self.all.max(1) as f64
    }
}

impl Display for Share {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{:.4} of {}", self.of(), self.all)
    }
}

/// What each word is a name of, by the entity that it begins in.
fn word_labels(analysis: &SentenceAnalysis, text: &str) -> Vec<Option<EntityType>> {
    let start = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
    text.split_whitespace()
        .map(|word| {
            let at = start(word);
            let mut entities = analysis.entities.iter();
            let name = entities.find(|e| e.span.start < at + word.len() && at < e.span.end);
            name.map(|name| name.entity_type)
        })
        .collect()
}

#[test]
fn int8_and_full_precision_say_the_same() {
    let (int8, full) = (analyse(EngineKind::Minilm), analyse(EngineKind::RustBert));
    let (mut themes, mut words, mut names) = (Share::default(), Share::default(), Share::default());
    for (int8, full) in int8.iter().zip(&full) {
        for (a, b) in int8.sentences.iter().zip(&full.sentences) {
            for place in 0..a.theme_scores.len() {
                themes.add(a.themes.contains(&place) == b.themes.contains(&place));
            }
            let text = a.sentence.span.of(&int8.document.text);
            let labels = word_labels(a, text).into_iter();
            for (a, b) in labels.zip(word_labels(b, text)) {
                words.add(a == b);
            }
            let spans = |of: &SentenceAnalysis| -> Vec<_> {
                of.entities
                    .iter()
                    .map(|e| (e.span, e.entity_type))
                    .collect()
            };
            let (a, b) = (spans(a), spans(b));
            let shared = a.iter().filter(|name| b.contains(name)).count();
            names.same += shared;
            names.all += a.len() + b.len() - shared;
        }
    }
    eprintln!("the same: {themes} theme decisions, {words} words, {names} names");
    let labels = Share {
        same: themes.same + words.same,
        all: themes.all + words.all,
    };
    assert!(themes.all > 1000 && names.all > 300);
    assert!(labels.of() >= SAME_LABELS, "{labels} labels");
    assert!(names.of() >= SAME_NAMES, "{names} names");
}

#[test]
fn full_precision_is_that_of_pytorch() {
    let taxonomy = Taxonomy::embedded().unwrap();
    let reference: BTreeMap<String, Vec<f32>> =
        serde_json::from_str(include_str!("gold/reference.json")).unwrap();
    let gold = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gold/statements.tsv");
    let gold = read_gold(&gold, &taxonomy).unwrap();
    let document = |id: &str| id.rsplit_once('.').map(|(document, _)| document.to_owned());
    let documents = gold.chunk_by(|a, b| document(&a.id) == document(&b.id));
    let documents = documents
        .map(|sentences| Document::of_sentences("gold", sentences.iter().map(|s| s.text.as_str())));
    let mut pipeline = Pipeline::load(EngineKind::RustBert, taxonomy, 20).unwrap();
    let analyses = pipeline.analyse_sentences(documents.collect()).unwrap();
    let sentences = analyses.iter().flat_map(|analysis| &analysis.sentences);
    let mut most = 0f32;
    for (sentence, gold) in sentences.zip(&gold) {
        for (score, wanted) in sentence.theme_scores.iter().zip(&reference[&gold.id]) {
            most = most.max((score - wanted).abs());
            assert!(
                (score - wanted).abs() <= APART,
                "{}: {score}, {wanted}",
                gold.id
            );
        }
    }
    eprintln!("theme probabilities are {most:.4} from PyTorch's at most");
}
