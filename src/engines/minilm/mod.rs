//! Our own model: a small encoder (MiniLM-L6, fine-tuned; `models/minilm/MODEL_CARD.md`) that reads the themes of every
//! sentence and the names in it in one pass. Compiled in are int8 weights, run by `rten`.
//!
//! ```text
//! sentences --Words::split--> words, pieces      what the rules find --Words::mark--> one tag per word
//!   --windows::plan--> windows --Network::read--> logits --Transitions::names--> names --join--> mentions
//! ```
//!
//! A window holds consecutive sentences of one document, up to 256 pieces, and is read in a call of its own, never padded
//! into a batch: int8 activations are scaled over all that a call reads, so a result would depend on its neighbours. So
//! results do not depend on the number of threads, nor on what other documents are read at the same time. Parts of one
//! long sentence are stitched: a word is labelled by the part in which it is furthest from an edge, and theme logits are
//! the mean of the parts, weighed by pieces. Themes that the model does not know (of a user's own taxonomy) are scored by
//! their cues, and a warning says so; the thresholds of `themes.toml` hold for those, the model has its own in
//! `labels.json`. `models/manifest.toml` names every file with its SHA-256, which is checked at every start.

mod labels;
pub(super) mod network;
mod rten;

use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;
use tokenizers::Tokenizer;

use super::manifest::Manifest;
use super::tagging::decode::{self, Transitions};
use super::tagging::join::join;
use super::tagging::windows::{self, Part};
use super::tagging::words::Words;
use super::{Engine, Reading};
use crate::analysis::UnreadDocument;
use crate::analysis::entities::{Entity, EntityGrammar, Mention, MentionSource};
use crate::analysis::themes::{Taxonomy, ThemeScorer};
use crate::document::Kind;
use crate::error::{Error, Result};
use labels::Labels;
use network::{Input, Network, Output};
use rten::RtenNetwork;

/// The files of the engine, as the manifest names them, and their bytes.
const NETWORK: (&str, &[u8]) = (
    "models/minilm/model.onnx",
    include_bytes!("../../../models/minilm/model.onnx"),
);
const TOKENIZER: (&str, &[u8]) = (
    "models/minilm/tokenizer.json",
    include_bytes!("../../../models/minilm/tokenizer.json"),
);
const LABELS: (&str, &[u8]) = (
    "models/minilm/labels.json",
    include_bytes!("../../../models/minilm/labels.json"),
);

/// Reads by our network, which is told what the rules find.
pub struct MinilmEngine {
    reader: WindowReader,
    network: Box<dyn Network>,
}

/// All but the network: what stands before and after it, shared by all threads.
struct WindowReader {
    tokenizer: Tokenizer,
    labels: Labels,
    transitions: Transitions,
    entities: Arc<EntityGrammar>,
    /// The built-in cues of its themes: the model was trained with what they say.
    cues: ThemeScorer,
    /// The cues of the taxonomy in force.
    own_cues: ThemeScorer,
    themes: Vec<ScoredTheme>,
}

/// How one theme of the taxonomy in force is scored.
struct ScoredTheme {
    id: String,
    threshold: f32,
    /// Its place among the themes of the network; none when only its cues can tell.
    output: Option<usize>,
}

/// A document on its way to the network: by sentence, its words, what the rules find and what the cues say.
struct PreparedDocument {
    words: Vec<Words>,
    entities: Vec<Vec<Entity>>,
    cue_scores: Vec<Vec<f32>>,
    windows: Vec<Vec<Part>>,
}

/// What the network said of one part of a sentence.
struct PartOutput {
    /// One row of logits per kept word.
    tags: Vec<f32>,
    themes: Vec<f32>,
    /// How many pieces it read.
    pieces: usize,
}

impl MinilmEngine {
    /// The engine with the compiled-in int8 weights.
    ///
    /// # Errors
    /// [`Error::Weights`] when a file is not the one that the manifest names.
    pub fn new(taxonomy: &Taxonomy, entities: Arc<EntityGrammar>) -> Result<Self> {
        Manifest::embedded()?.checked(NETWORK.0, NETWORK.1)?;
        let network = Box::new(RtenNetwork::load(NETWORK.1, NETWORK.0)?);
        Self::with_network(taxonomy, entities, network)
    }

    /// The engine with the same weights in another network.
    ///
    /// # Errors
    /// [`Error::Weights`] when a file is not the one that the manifest names.
    pub(super) fn with_network(
        taxonomy: &Taxonomy,
        entities: Arc<EntityGrammar>,
        network: Box<dyn Network>,
    ) -> Result<Self> {
        let reader = WindowReader::new(taxonomy, entities)?;
        Ok(Self { reader, network })
    }
}

impl WindowReader {
    fn new(taxonomy: &Taxonomy, entities: Arc<EntityGrammar>) -> Result<Self> {
        let manifest = Manifest::embedded()?;
        let stated = manifest
            .network("minilm")
            .ok_or_else(|| Error::weights(NETWORK.0, "the manifest does not name it"))?;
        manifest.checked(TOKENIZER.0, TOKENIZER.1)?;
        manifest.checked(LABELS.0, LABELS.1)?;
        let labels = Labels::from_json(LABELS.1, &stated.tags, &stated.themes, LABELS.0)?;
        // The built-in taxonomy may have more themes than the model was trained on.
        let trained = Taxonomy::embedded()?.only(&stated.themes).ok_or_else(|| {
            Error::weights(
                NETWORK.0,
                "one of its themes is not among the built-in ones",
            )
        })?;
        let themes = taxonomy.themes().iter().map(|theme| {
            let output = labels.themes.iter().position(|known| known.id == theme.id);
            ScoredTheme {
                id: theme.id.clone(),
                threshold: output.map_or(theme.threshold, |known| labels.themes[known].threshold),
                output,
            }
        });
        Ok(Self {
            themes: themes.collect(),
            tokenizer: Tokenizer::from_bytes(TOKENIZER.1)
                .map_err(|error| Error::weights(TOKENIZER.0, error))?,
            cues: ThemeScorer::new(&trained)?,
            own_cues: ThemeScorer::new(taxonomy)?,
            transitions: Transitions::new(&labels.tags, labels.adjacent_penalty),
            labels,
            entities,
        })
    }

    /// All that is known of a document before the network reads it.
    fn prepare(&self, document: &UnreadDocument) -> Result<PreparedDocument> {
        let texts = document.texts();
        let mut mentions: Vec<(&str, Vec<Mention>)> = texts
            .iter()
            .copied()
            .zip(self.entities.find(&texts))
            .collect();
        for ((_, found), unread) in mentions.iter_mut().zip(&document.sentences) {
            found.extend(unread.money.iter().map(|sum| Mention::of_money(sum.span)));
        }
        let entities = self.entities.resolve(mentions);
        let sentences = document.sentences.iter().zip(&texts).zip(&entities);
        let words: Vec<Words> = sentences
            .map(|((unread, text), entities)| {
                if unread.sentence.kind == Kind::Boilerplate {
                    return Ok(Words::default());
                }
                let mut words = Words::split(text, &self.tokenizer)
                    .map_err(|error| Error::weights(TOKENIZER.0, error))?;
                words.mark(entities, &self.labels.tags);
                Ok(words)
            })
            .collect::<Result<_>>()?;
        Ok(PreparedDocument {
            windows: windows::plan(&words, self.labels.max_tokens),
            cue_scores: texts.iter().map(|text| self.cues.score(text)).collect(),
            words,
            entities,
        })
    }

    /// What the network reads of one window.
    fn input(&self, document: &PreparedDocument, window: &[Part]) -> Input {
        let mut input = Input {
            sentences: window.len(),
            ..Input::default()
        };
        input.push(self.labels.start, 0, 0);
        for part in window {
            let words = &document.words[part.sentence];
            for word in &words.words[part.read.clone()] {
                for piece in &words.pieces[word.pieces.clone()] {
                    input.push(*piece, word.casing as i32, word.rule_tag as i32);
                }
            }
            input.push(self.labels.separator, 0, 0);
            input
                .rule_themes
                .extend(&document.cue_scores[part.sentence]);
        }
        let tokens = input.ids.len();
        input.pooling = vec![0.0; tokens * window.len()];
        let places = places(document, window);
        for (row, place) in input.pooling.chunks_exact_mut(tokens).zip(places) {
            let weight = 1.0 / place.len() as f32;
            row[place].fill(weight);
        }
        input
    }

    /// What the network said of one window, part by part.
    fn output(
        &self,
        document: &PreparedDocument,
        window: &[Part],
        output: Output,
    ) -> Result<Vec<PartOutput>, String> {
        let Output { tags, themes } = output;
        let (tag_count, theme_count) = (self.labels.tags.len(), self.labels.themes.len());
        let places: Vec<Range<usize>> = places(document, window).collect();
        let tokens = places.last().map_or(0, |place| place.end + 1);
        if tags.len() != tokens * tag_count || themes.len() != window.len() * theme_count {
            return Err("its output has not the shape that was expected".into());
        }
        Ok(window
            .iter()
            .zip(places)
            .zip(themes.chunks_exact(theme_count))
            .map(|((part, place), themes)| {
                let words = &document.words[part.sentence].words;
                let first = words[part.read.start].pieces.start;
                // A word is labelled by its first piece, as in training.
                let rows = words[part.kept.clone()].iter().flat_map(|word| {
                    let token = place.start + word.pieces.start - first;
                    &tags[token * tag_count..(token + 1) * tag_count]
                });
                PartOutput {
                    tags: rows.copied().collect(),
                    themes: themes.to_vec(),
                    pieces: place.len(),
                }
            })
            .collect())
    }

    /// Puts the parts of every sentence together again and says what is in them.
    fn finish(
        &self,
        texts: &[&str],
        document: &PreparedDocument,
        outputs: Vec<Vec<PartOutput>>,
    ) -> Vec<Reading> {
        let mut parts: Vec<Vec<PartOutput>> = texts.iter().map(|_| Vec::new()).collect();
        for (window, outputs) in document.windows.iter().zip(outputs) {
            for (part, output) in window.iter().zip(outputs) {
                parts[part.sentence].push(output);
            }
        }
        parts
            .iter()
            .enumerate()
            .map(|(sentence, parts)| self.reading(texts[sentence], document, sentence, parts))
            .collect()
    }

    fn reading(
        &self,
        text: &str,
        document: &PreparedDocument,
        sentence: usize,
        parts: &[PartOutput],
    ) -> Reading {
        if parts.is_empty() {
            // Nothing that can be read: white space, control characters, boilerplate.
            return Reading {
                theme_scores: vec![0.0; self.themes.len()],
                mentions: Vec::new(),
            };
        }
        let pieces: usize = parts.iter().map(|part| part.pieces).sum();
        let logit = |theme: usize| {
            let weighted = parts
                .iter()
                .map(|part| part.themes[theme] * part.pieces as f32);
            weighted.sum::<f32>() / pieces as f32
        };
        let needs_cues = self.themes.iter().any(|theme| theme.output.is_none());
        let own = if needs_cues {
            self.own_cues.score(text)
        } else {
            Vec::new()
        };
        let theme_scores = (self.themes.iter().enumerate())
            .map(|(place, theme)| match theme.output {
                Some(output) => {
                    let calibration = self.labels.themes[output].calibration;
                    calibration.probability(logit(output))
                }
                None => own[place],
            })
            .collect();
        let mut probabilities: Vec<f32> =
            parts.iter().flat_map(|part| &part.tags).copied().collect();
        decode::softmax(&mut probabilities, self.labels.tags.len());
        let names = self.transitions.names(&probabilities);
        let mut mentions = join(
            text,
            &document.words[sentence],
            &names,
            self.labels.name_threshold,
            &document.entities[sentence],
            &self.entities,
        );
        let own = mentions
            .iter_mut()
            .filter(|mention| mention.source == MentionSource::Model);
        for mention in own {
            mention.score = self.labels.own_names.of_probability(mention.score);
        }
        Reading {
            theme_scores,
            mentions,
        }
    }
}

impl Engine for MinilmEngine {
    fn read(&mut self, window: &[&UnreadDocument]) -> Result<Vec<Vec<Reading>>> {
        let reader = &self.reader;
        let prepared: Vec<PreparedDocument> = window
            .par_iter()
            .map(|document| reader.prepare(document))
            .collect::<Result<_>>()?;
        let inputs = prepared
            .par_iter()
            .map(|document| {
                let windows = document.windows.iter();
                windows.map(|w| reader.input(document, w)).collect()
            })
            .collect();
        let outputs = self.network.read(inputs);
        window
            .par_iter()
            .zip(&prepared)
            .zip(outputs)
            .map(|((document, prepared), outputs)| {
                let outputs = outputs.and_then(|outputs| {
                    (prepared.windows.iter().zip(outputs))
                        .map(|(window, output)| reader.output(prepared, window, output))
                        .collect()
                });
                let outputs = outputs.map_err(|reason| Error::Engine {
                    path: document.document.path.clone(),
                    reason,
                })?;
                Ok(reader.finish(&document.texts(), prepared, outputs))
            })
            .collect()
    }

    fn together(&self, document: &UnreadDocument, sentence: usize) -> Result<Range<usize>> {
        let windows = self.reader.prepare(document)?.windows;
        let with_it = windows
            .iter()
            .filter(|window| window.iter().any(|part| part.sentence == sentence));
        let read = with_it.flatten().map(|part| part.sentence);
        Ok(read.fold(sentence..sentence + 1, |range, other| {
            range.start.min(other)..range.end.max(other + 1)
        }))
    }

    fn thresholds(&self) -> Vec<f32> {
        let themes = self.reader.themes.iter();
        themes.map(|theme| theme.threshold).collect()
    }

    fn notes(&self) -> Vec<String> {
        let themes = self.reader.themes.iter();
        let by_cues = themes.filter(|theme| theme.output.is_none());
        let ids: Vec<&str> = by_cues.map(|theme| theme.id.as_str()).collect();
        if ids.is_empty() {
            return Vec::new();
        }
        vec![format!(
            "the minilm engine does not know these themes, which are scored by their cues: {}",
            ids.join(", ")
        )]
    }
}

/// Where the pieces of every part stand among the tokens of its window.
fn places<'a>(
    document: &'a PreparedDocument,
    window: &'a [Part],
) -> impl Iterator<Item = Range<usize>> + 'a {
    let mut end = 0;
    window.iter().map(move |part| {
        let words = &document.words[part.sentence].words[part.read.clone()];
        let pieces = words.iter().map(|word| word.pieces.len()).sum::<usize>();
        // One token opens the window or closes the sentence before.
        let start = end + 1;
        end = start + pieces;
        start..end
    })
}

#[cfg(test)]
mod tests;
