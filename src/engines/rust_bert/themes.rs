//! Themes by a sequence-classification checkpoint, or without training by one for inference (zero-shot).

use tokenizers::TruncationDirection;

use crate::analysis::UnreadDocument;
use crate::analysis::themes::Taxonomy;
use crate::document::{Kind, Span};
use crate::engines::tagging::decode::softmax;
use crate::engines::tagging::windows;
use crate::error::Result;

use super::checkpoint::{Checkpoint, sentences_with_kinds};
use super::labels::LabelMap;
use super::names::SENTENCES;
use super::network::CheckpointNetwork;
use super::torch::{Runner, Sequence};

/// The probability from which a sentence is about a theme: at even odds.
const THRESHOLD: f32 = 0.5;

/// Reads themes by the network of a checkpoint.
pub(super) struct ThemeReader {
    checkpoint: Checkpoint,
    network: CheckpointNetwork,
    task: ThemeTask,
    notes: Vec<String>,
}

/// How themes are made of the outputs.
enum ThemeTask {
    /// The outputs are labels: the place of each in the taxonomy, none for one that is not used.
    Labels(Vec<Option<usize>>),
    /// Each theme is a hypothesis that a sentence entails or contradicts (Yin et al. 2019).
    Entailment {
        /// One per theme.
        hypotheses: Vec<String>,
        entailment: usize,
        /// The outputs that speak against it; neutral ones are not looked at.
        against: usize,
    },
}

impl ThemeReader {
    /// A checkpoint that was trained to tell themes.
    ///
    /// # Errors
    /// When its weights cannot be loaded, or none of its labels is a theme.
    pub fn trained(
        checkpoint: Checkpoint,
        labels: &LabelMap,
        taxonomy: &Taxonomy,
        runner: Runner,
    ) -> Result<Self> {
        let (mut places, mut unknown) = (Vec::new(), Vec::new());
        for label in &checkpoint.labels {
            places.push(labels.theme(label, taxonomy).unwrap_or_else(|| {
                unknown.push(label.as_str());
                None
            }));
        }
        if places.iter().all(Option::is_none) {
            return Err(checkpoint.wrong(
                format!(
                    "none of its labels is a theme: {}",
                    checkpoint.labels.join(", ")
                ),
                "say which theme they are under [themes] of a file and name it with --labels FILE",
            ));
        }
        let mut notes = Vec::new();
        if !unknown.is_empty() {
            notes.push(format!(
                "labels of {} that are not themes are not used: {} (--labels FILE can say what they mean)",
                checkpoint.folder.display(),
                unknown.join(", ")
            ));
        }
        Ok(Self {
            network: CheckpointNetwork::load(&checkpoint, runner)?,
            checkpoint,
            task: ThemeTask::Labels(places),
            notes,
        })
    }

    /// A checkpoint that was trained to tell what follows from a text.
    ///
    /// # Errors
    /// When its weights cannot be loaded, or its labels do not say which of them is entailment.
    pub fn zero_shot(checkpoint: Checkpoint, taxonomy: &Taxonomy, runner: Runner) -> Result<Self> {
        let find = |start: &str| {
            let lower = checkpoint.labels.iter().map(|label| label.to_lowercase());
            lower.into_iter().position(|label| label.starts_with(start))
        };
        let against = find("contradict").or_else(|| find("not_entail"));
        let (Some(entailment), Some(against)) = (find("entail"), against) else {
            return Err(checkpoint.wrong(
                format!(
                    "its labels are not those of natural language inference: {}",
                    checkpoint.labels.join(", ")
                ),
                "id2label of config.json must name `entailment` and `contradiction`",
            ));
        };
        Ok(Self {
            network: CheckpointNetwork::load(&checkpoint, runner)?,
            checkpoint,
            task: ThemeTask::Entailment {
                hypotheses: taxonomy.hypotheses(),
                entailment,
                against,
            },
            notes: Vec::new(),
        })
    }

    /// What the user should know.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The score from which a sentence is about a theme, by its place in the taxonomy; none for a theme that the
    /// checkpoint does not know.
    pub fn threshold(&self, theme: usize) -> Option<f32> {
        let known = match &self.task {
            ThemeTask::Labels(places) => places.contains(&Some(theme)),
            ThemeTask::Entailment { .. } => true,
        };
        known.then_some(THRESHOLD)
    }

    /// Puts the probabilities of the themes that the checkpoint knows into `scores`: one row per sentence, in the order of
    /// the taxonomy. A sentence without anything to read keeps what it has.
    ///
    /// # Errors
    /// What the tokenizer or libtorch says, when it fails.
    pub fn read(&self, document: &UnreadDocument, scores: &mut [Vec<f32>]) -> Result<(), String> {
        let sentences = sentences_with_kinds(document);
        for (some, scores) in sentences
            .chunks(SENTENCES)
            .zip(scores.chunks_mut(SENTENCES))
        {
            match &self.task {
                ThemeTask::Labels(places) => {
                    for (logits, scores) in self.logits(some, None)?.into_iter().zip(scores) {
                        self.label_scores(logits, places, scores);
                    }
                }
                ThemeTask::Entailment {
                    hypotheses,
                    entailment,
                    against,
                } => {
                    for (theme, hypothesis) in hypotheses.iter().enumerate() {
                        let logits = self.logits(some, Some(hypothesis))?;
                        for (logits, scores) in logits.into_iter().zip(scores.iter_mut()) {
                            if logits.is_empty() {
                                continue;
                            }
                            let odds = logits[*against] - logits[*entailment];
                            scores[theme] = 1.0 / (1.0 + odds.exp());
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn label_scores(&self, mut logits: Vec<f32>, places: &[Option<usize>], scores: &mut [f32]) {
        if logits.is_empty() {
            return;
        }
        if self.checkpoint.multi_label {
            for logit in &mut logits {
                *logit = 1.0 / (1.0 + (-*logit).exp());
            }
        } else {
            softmax(&mut logits, places.len());
        }
        let mut read = vec![None; scores.len()];
        for (place, probability) in places.iter().zip(logits) {
            if let Some(place) = place {
                // Several labels may be one theme: of labels that exclude each other the probabilities add up.
                let sum: f32 = read[*place].unwrap_or(0.0);
                read[*place] = Some(match self.checkpoint.multi_label {
                    true => sum.max(probability),
                    false => (sum + probability).min(1.0),
                });
            }
        }
        for (score, read) in scores.iter_mut().zip(read) {
            *score = read.unwrap_or(*score);
        }
    }

    /// The logits of every sentence, alone or with a hypothesis: the mean of its parts, weighed by their pieces, where
    /// it is too long to be read at once; empty where there is nothing to read.
    fn logits(
        &self,
        sentences: &[(Kind, &str)],
        hypothesis: Option<&str>,
    ) -> Result<Vec<Vec<f32>>, String> {
        let tokenizer = &self.checkpoint.tokenizer;
        let failed = |error: tokenizers::Error| error.to_string();
        let hypothesis = hypothesis.map(|hypothesis| tokenizer.encode(hypothesis, false));
        let hypothesis = hypothesis.transpose().map_err(failed)?;
        let framed = |text| tokenizer.post_process(text, hypothesis.clone(), true);
        let around = framed(tokenizer.encode("", false).map_err(failed)?).map_err(failed)?;
        let room = self.checkpoint.max_tokens.saturating_sub(around.len());
        if room == 0 {
            return Err("the hypothesis is too long for the model".into());
        }
        let words = self
            .checkpoint
            .words(sentences, &[Kind::Boilerplate, Kind::Dateline])?;
        let (mut sequences, mut owners) = (Vec::new(), Vec::new());
        for part in windows::plan_alone(&words, room) {
            let read = &words[part.sentence].words[part.read];
            let (Some(first), Some(last)) = (read.first(), read.last()) else {
                continue;
            };
            let text = sentences[part.sentence].1;
            let cut = Span::new(first.span.start, last.span.end).of(text);
            let mut pieces = tokenizer.encode(cut, false).map_err(failed)?;
            // Only a single word of more pieces than fit loses its end.
            pieces.truncate(room, 0, TruncationDirection::Right);
            owners.push((part.sentence, pieces.len().max(1)));
            let encoding = framed(pieces).map_err(failed)?;
            let wide = |values: &[u32]| values.iter().map(|value| i64::from(*value)).collect();
            sequences.push(Sequence {
                ids: wide(encoding.get_ids()),
                types: wide(encoding.get_type_ids()),
            });
        }
        let read = self.network.read(&sequences)?;
        let labels = self.checkpoint.labels.len();
        let mut sums = vec![(0, Vec::new()); sentences.len()];
        for ((place, pieces), logits) in owners.into_iter().zip(read) {
            if logits.len() != labels {
                return Err("its output has not the shape that was expected".into());
            }
            let (total, sum) = &mut sums[place];
            *total += pieces;
            sum.resize(labels, 0.0);
            for (sum, logit) in sum.iter_mut().zip(logits) {
                *sum += logit * pieces as f32;
            }
        }
        let means = sums.into_iter().map(|(total, mut sum)| {
            sum.iter_mut().for_each(|value| *value /= total as f32);
            sum
        });
        Ok(means.collect())
    }
}
