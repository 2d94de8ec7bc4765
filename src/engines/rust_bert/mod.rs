//! The engine on libtorch, through the networks of the crate `rust-bert`: our own weights, or any local checkpoint.
//!
//! ```text
//! our weights:     MinilmEngine, with OwnNetwork in the place of the int8 network
//! a checkpoint:    sentences --NameReader--> names, where it has labels; the rules' names where it has none
//!                  sentences --ThemeReader--> themes, where it knows them; the cues' themes where it does not
//! ```
//!
//! A folder is checked before any work; `models/labels.toml` says what labels mean. Entity types and themes that a model
//! has no label for are left to the rules, and a warning says so. Zero-shot themes: a sentence and the `hypothesis` of a
//! theme are read as a pair, and the probability is that of entailment against contradiction, each theme by itself (Yin
//! et al. 2019).
//!
//! Of the crate only the networks are used, not its pipelines: those leave out attention masks and token types. A
//! network is used from one thread at a time, without gradients, and its panics become errors. Batches hold sentences of
//! one document only, sorted by length, filled up and masked, so what is read of a document does not depend on the
//! others. The last digit of a score may depend on the number of threads, as libtorch then adds up in another order.

mod checkpoint;
mod labels;
mod names;
mod network;
mod own;
mod themes;
mod torch;

use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use super::minilm::MinilmEngine;
use super::{Engine, ModelSettings, Reading};
use crate::analysis::UnreadDocument;
use crate::analysis::entities::{EntityGrammar, EntityType, Mention};
use crate::analysis::themes::{Taxonomy, ThemeScorer};
use crate::document::Kind;
use crate::error::{Error, Result};
use checkpoint::{Checkpoint, Task};
use labels::LabelMap;
use names::NameReader;
use themes::ThemeReader;
use torch::Runner;
pub(super) use torch::device_in_force;

/// Makes the engine ready: with our own weights, or with the checkpoints that were asked for.
///
/// # Errors
/// When there is no such device, or a checkpoint is not what it should be.
pub(super) fn load(
    settings: &ModelSettings,
    taxonomy: &Taxonomy,
    entities: &Arc<EntityGrammar>,
) -> Result<Box<dyn Engine>> {
    let runner = Runner::new(
        settings.device,
        settings.batch_tokens.map(|tokens| tokens.max(1) as usize),
    )?;
    if settings.model.is_empty() && settings.zero_shot.is_none() {
        let network = Box::new(own::OwnNetwork::load(runner)?);
        let engine = MinilmEngine::with_network(taxonomy, Arc::clone(entities), network)?;
        return Ok(Box::new(engine));
    }
    let engine = CheckpointEngine::new(settings, taxonomy, Arc::clone(entities), runner)?;
    Ok(Box::new(engine))
}

/// The file of the weights in a folder, after the folder has been checked.
///
/// # Errors
/// As [`Checkpoint::open`].
pub(super) fn weights(folder: &Path) -> Result<std::path::PathBuf> {
    Checkpoint::open(folder).map(|checkpoint| checkpoint.weights())
}

/// Reads by checkpoints of others, and by the rules what those do not know.
struct CheckpointEngine {
    names: Option<NameReader>,
    themes: Option<ThemeReader>,
    entities: Arc<EntityGrammar>,
    cues: ThemeScorer,
    thresholds: Vec<f32>,
    notes: Vec<String>,
}

impl CheckpointEngine {
    fn new(
        settings: &ModelSettings,
        taxonomy: &Taxonomy,
        entities: Arc<EntityGrammar>,
        runner: Runner,
    ) -> Result<Self> {
        let labels = LabelMap::load(settings.labels.as_deref(), taxonomy)?;
        // All folders are checked before the weights of any are read.
        let models = settings.model.iter().map(|folder| Checkpoint::open(folder));
        let models: Vec<Checkpoint> = models.collect::<Result<_>>()?;
        let zero_shot = settings.zero_shot.as_deref().map(Checkpoint::open);
        let zero_shot = zero_shot.transpose()?;
        let (mut names, mut themes) = (None, None);
        for checkpoint in models {
            let again = checkpoint.wrong(
                "another folder is for the same task",
                "give --model at most one token-classification and one sequence-classification \
                 checkpoint, and not the latter together with --zero-shot",
            );
            match checkpoint.task {
                Task::Tokens if names.is_some() => return Err(again),
                Task::Tokens => names = Some(NameReader::load(checkpoint, &labels, runner)?),
                Task::Sequence if themes.is_some() || zero_shot.is_some() => return Err(again),
                Task::Sequence => {
                    let reader = ThemeReader::trained(checkpoint, &labels, taxonomy, runner)?;
                    themes = Some(reader);
                }
            }
        }
        if let Some(checkpoint) = zero_shot {
            if checkpoint.task != Task::Sequence {
                return Err(checkpoint.wrong(
                    "it is no sequence-classification model",
                    "--zero-shot needs a model of natural language inference (NLI)",
                ));
            }
            themes = Some(ThemeReader::zero_shot(checkpoint, taxonomy, runner)?);
        }
        let mut notes = Vec::new();
        for known in [
            names.as_ref().map(NameReader::notes),
            themes.as_ref().map(ThemeReader::notes),
        ] {
            notes.extend(known.into_iter().flatten().cloned());
        }
        let by_rules = EntityType::ALL.into_iter().filter(|entity_type| {
            let known = |reader: &NameReader| reader.knows(*entity_type);
            *entity_type != EntityType::Money && !names.as_ref().is_some_and(known)
        });
        let by_rules: Vec<&str> = by_rules.map(EntityType::label).collect();
        if !by_rules.is_empty() {
            notes.push(format!(
                "the model does not know these entities, which are found by the rules: {}",
                by_rules.join(", ")
            ));
        }
        let threshold = |theme: usize| themes.as_ref().and_then(|reader| reader.threshold(theme));
        let listed = taxonomy.themes().iter().enumerate();
        let by_cues = listed
            .clone()
            .filter(|(place, _)| threshold(*place).is_none());
        let by_cues: Vec<&str> = by_cues.map(|(_, theme)| theme.id.as_str()).collect();
        if !by_cues.is_empty() {
            notes.push(format!(
                "the model does not know these themes, which are scored by their cues: {}",
                by_cues.join(", ")
            ));
        }
        Ok(Self {
            thresholds: listed
                .map(|(place, theme)| threshold(place).unwrap_or(theme.threshold))
                .collect(),
            cues: ThemeScorer::new(taxonomy)?,
            names,
            themes,
            entities,
            notes,
        })
    }

    /// Puts what the networks say of a document in the place of what the rules say.
    fn read_document(
        &self,
        document: &UnreadDocument,
        readings: &mut [Reading],
    ) -> Result<(), String> {
        if let Some(reader) = &self.names {
            for (reading, names) in readings.iter_mut().zip(reader.read(document)?) {
                let rules = std::mem::take(&mut reading.mentions);
                reading.mentions = merged(names, rules, |known| reader.knows(known));
            }
        }
        if let Some(reader) = &self.themes {
            let mut scores: Vec<Vec<f32>> = (readings.iter_mut())
                .map(|reading| std::mem::take(&mut reading.theme_scores))
                .collect();
            reader.read(document, &mut scores)?;
            for (reading, scores) in readings.iter_mut().zip(scores) {
                reading.theme_scores = scores;
            }
        }
        Ok(())
    }
}

/// The names of the model, and those of the rules that are of a type which the model does not know. Where the two
/// overlap the latter stay: a model that knows no countries calls them places.
fn merged(
    names: Vec<Mention>,
    rules: Vec<Mention>,
    knows: impl Fn(EntityType) -> bool,
) -> Vec<Mention> {
    let mut mentions: Vec<Mention> = (rules.into_iter())
        .filter(|mention| !knows(mention.entity_type))
        .collect();
    let clear: Vec<Mention> = (names.into_iter())
        .filter(|name| {
            let apart = |rule: &Mention| {
                rule.span.end <= name.span.start || name.span.end <= rule.span.start
            };
            mentions.iter().all(apart)
        })
        .collect();
    mentions.extend(clear);
    mentions.sort_by_key(|mention| mention.span);
    mentions
}

impl Engine for CheckpointEngine {
    fn read(&mut self, window: &[&UnreadDocument]) -> Result<Vec<Vec<Reading>>> {
        let (entities, cues) = (&self.entities, &self.cues);
        let mut readings: Vec<Vec<Reading>> = window
            .par_iter()
            .map(|document| {
                let texts = document.texts();
                let mentions = entities.find(&texts).into_iter();
                let found = mentions.zip(texts).zip(&document.sentences);
                let readings = found.map(|((mentions, text), unread)| Reading {
                    theme_scores: match unread.sentence.kind {
                        Kind::Boilerplate => vec![0.0; self.thresholds.len()],
                        _ => cues.score(text),
                    },
                    mentions,
                });
                readings.collect()
            })
            .collect();
        for (document, readings) in window.iter().zip(&mut readings) {
            self.read_document(document, readings)
                .map_err(|reason| Error::Engine {
                    path: document.document.path.clone(),
                    reason,
                })?;
        }
        Ok(readings)
    }

    fn thresholds(&self) -> Vec<f32> {
        self.thresholds.clone()
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}

#[cfg(test)]
mod tests;
