//! The same weights in two engines: int8 by `rten`, and full precision by libtorch, on the samples of `input/`.

#![cfg(feature = "rust-bert")]
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::Path;

use demarche::analysis::themes::Taxonomy;
use demarche::input::find;
use demarche::models::EngineKind;
use demarche::pipeline::{DocumentAnalysis, Pipeline};

/// The least share of labels that must be the same. Measured: .994 of 2,290 theme decisions, .980 of 657 names. Int8 moves
/// theme probabilities by .005 in the mean, and by .30 where it moves them most.
const SAME_THEMES: f64 = 0.99;
const SAME_NAMES: f64 = 0.97;

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
    fn of(&self) -> f64 {
        self.same as f64 / self.all.max(1) as f64
    }
}

#[test]
fn int8_and_full_precision_say_the_same() {
    let (int8, full) = (analyse(EngineKind::Minilm), analyse(EngineKind::RustBert));
    let (mut themes, mut names) = (Share::default(), Share::default());
    let (mut most, mut sum, mut count) = (0f32, 0f64, 0usize);
    for (int8, full) in int8.iter().zip(&full) {
        for (int8, full) in int8.sentences.iter().zip(&full.sentences) {
            for (place, (a, b)) in int8.theme_scores.iter().zip(&full.theme_scores).enumerate() {
                let apart = (a - b).abs();
                (most, sum, count) = (most.max(apart), sum + f64::from(apart), count + 1);
                themes.all += 1;
                let both = int8.themes.contains(&place) == full.themes.contains(&place);
                themes.same += usize::from(both);
            }
            let spans = |entities: &[demarche::analysis::entities::Entity]| -> Vec<_> {
                entities.iter().map(|e| (e.span, e.entity_type)).collect()
            };
            let (int8, full) = (spans(&int8.entities), spans(&full.entities));
            let shared = int8.iter().filter(|name| full.contains(name)).count();
            names.same += shared;
            names.all += int8.len() + full.len() - shared;
        }
    }
    eprintln!(
        "theme decisions {:.4} of {}, names {:.4} of {}; theme probabilities {:.4} apart in the mean, {most:.4} at most",
        themes.of(),
        themes.all,
        names.of(),
        names.all,
        sum / count as f64,
    );
    assert!(count > 1000 && names.all > 300);
    assert!(themes.of() >= SAME_THEMES && names.of() >= SAME_NAMES);
}
