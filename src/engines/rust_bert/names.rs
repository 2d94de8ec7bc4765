//! Names by a token-classification checkpoint, and by the rules where it has no labels.

use crate::analysis::UnreadDocument;
use crate::analysis::entities::{EntityType, Mention};
use crate::document::Kind;
use crate::engines::tagging::decode::{Transitions, softmax};
use crate::engines::tagging::join::by_network;
use crate::engines::tagging::windows;
use crate::engines::tagging::words::Words;
use crate::engines::tagging::{Tag, position};
use crate::error::Result;

use super::checkpoint::{Checkpoint, sentences_with_kinds};
use super::labels::LabelMap;
use super::network::CheckpointNetwork;
use super::torch::{Runner, Sequence};

/// The probability under which a name is not given.
const THRESHOLD: f32 = 0.5;

/// Sentences of a document that are read at a time.
pub(super) const SENTENCES: usize = 256;

/// Reads names by the network of a checkpoint.
pub(super) struct NameReader {
    checkpoint: Checkpoint,
    network: CheckpointNetwork,
    /// Our tags, the first [`Tag::Outside`].
    tags: Vec<Tag>,
    /// The tag that each label of the checkpoint stands for, by its place among `tags`.
    places: Vec<usize>,
    transitions: Transitions,
    /// The tokens that open and close a sequence.
    frame: (Vec<u32>, Vec<u32>),
    notes: Vec<String>,
}

impl NameReader {
    /// Loads a checkpoint and finds out what its labels mean.
    ///
    /// # Errors
    /// When its weights cannot be loaded, or none of its labels is known.
    pub fn load(checkpoint: Checkpoint, labels: &LabelMap, runner: Runner) -> Result<Self> {
        let mut tags = vec![Tag::Outside];
        let mut unknown: Vec<&str> = Vec::new();
        let mut places = Vec::new();
        for label in &checkpoint.labels {
            let tag = labels.tag(label).unwrap_or_else(|| {
                unknown.push(label);
                Tag::Outside
            });
            if !tags.contains(&tag) {
                tags.push(tag);
            }
            places.push(position(&tags, tag));
        }
        if tags.len() == 1 {
            return Err(checkpoint.wrong(
                format!(
                    "none of its labels is known: {}",
                    checkpoint.labels.join(", ")
                ),
                "say what they mean under [entities] of a file and name it with --labels FILE",
            ));
        }
        let mut notes = Vec::new();
        if !unknown.is_empty() {
            notes.push(format!(
                "labels of {} that are not known are not used: {} (--labels FILE can say what they mean)",
                checkpoint.folder.display(),
                unknown.join(", ")
            ));
        }
        let network = CheckpointNetwork::load(&checkpoint, runner)?;
        Ok(Self {
            transitions: Transitions::lenient(&tags),
            frame: frame(&checkpoint)?,
            network,
            checkpoint,
            tags,
            places,
            notes,
        })
    }

    /// What the user should know.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Whether the checkpoint has a label for this type.
    pub fn knows(&self, entity_type: EntityType) -> bool {
        let known = [Tag::Begin(entity_type), Tag::Inside(entity_type)];
        self.tags.iter().any(|tag| known.contains(tag))
    }

    /// The names of every sentence of a document.
    ///
    /// # Errors
    /// What the tokenizer or libtorch says, when it fails.
    pub fn read(&self, document: &UnreadDocument) -> Result<Vec<Vec<Mention>>, String> {
        let sentences = sentences_with_kinds(document);
        let mut names = Vec::with_capacity(sentences.len());
        for some in sentences.chunks(SENTENCES) {
            let words = self.checkpoint.words(some, &[Kind::Boilerplate])?;
            let tags = self.tags_of(&words)?;
            let found = some.iter().zip(&words).zip(tags);
            names.extend(found.map(|(((_, text), words), probabilities)| {
                let names = self.transitions.names(&probabilities);
                by_network(text, words, &names, THRESHOLD)
            }));
        }
        Ok(names)
    }

    /// One row of probabilities per word, one column per tag, sentence by sentence.
    fn tags_of(&self, sentences: &[Words]) -> Result<Vec<Vec<f32>>, String> {
        let (open, close) = &self.frame;
        let room = self.checkpoint.max_tokens - open.len() - close.len();
        // A sentence stands alone, as in the data that such models are trained on.
        let parts = windows::plan_alone(sentences, room);
        let sequences: Vec<Sequence> = parts
            .iter()
            .map(|part| {
                let words = &sentences[part.sentence];
                let pieces = words.words[part.read.clone()]
                    .iter()
                    .flat_map(|word| &words.pieces[word.pieces.clone()]);
                // A word of more pieces than the model can take is cut.
                let pieces = pieces.take(room).map(|piece| i64::from(*piece));
                let ids: Vec<i64> = (open.iter().map(|id| i64::from(*id)))
                    .chain(pieces)
                    .chain(close.iter().map(|id| i64::from(*id)))
                    .collect();
                Sequence {
                    types: vec![0; ids.len()],
                    ids,
                }
            })
            .collect();
        let logits = self.network.read(&sequences)?;
        let labels = self.places.len();
        let mut probabilities = vec![Vec::new(); sentences.len()];
        for (part, mut logits) in parts.into_iter().zip(logits) {
            softmax(&mut logits, labels);
            let words = &sentences[part.sentence].words;
            let first = words[part.read.start].pieces.start;
            for word in &words[part.kept] {
                let token = open.len() + word.pieces.start - first;
                let row = logits
                    .get(token * labels..(token + 1) * labels)
                    .ok_or("its output has not the shape that was expected")?;
                let mut tags = vec![0.0; self.tags.len()];
                for (place, probability) in self.places.iter().zip(row) {
                    tags[*place] += probability;
                }
                probabilities[part.sentence].extend(tags);
            }
        }
        Ok(probabilities)
    }
}

/// The tokens that the tokenizer puts before and after a text.
fn frame(checkpoint: &Checkpoint) -> Result<(Vec<u32>, Vec<u32>)> {
    let encoding = checkpoint
        .tokenizer
        .encode("a", true)
        .map_err(|error| checkpoint.wrong(error, "write its tokenizer anew"))?;
    let (ids, special) = (encoding.get_ids(), encoding.get_special_tokens_mask());
    let before = special.iter().take_while(|mark| **mark == 1).count();
    let after = special[before..]
        .iter()
        .rev()
        .take_while(|mark| **mark == 1)
        .count();
    Ok((ids[..before].to_vec(), ids[ids.len() - after..].to_vec()))
}
