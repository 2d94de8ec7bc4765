//! The questions that the user asks of a statement, one room per question, and the nouns of the answers.
//!
//! All of it is pure: no files, threads or printing.

pub mod entities;
pub mod money;
pub mod sentences;
pub mod themes;
pub mod weighting;

use std::path::{Path, PathBuf};

use crate::document::{Document, Sentence};
use crate::error::Error;
use crate::text::shown;
use entities::Entity;
use money::Money;
use weighting::Weight;

/// A sentence that no engine has read yet.
#[derive(Debug, Clone)]
pub struct UnreadSentence {
    /// The sentence.
    pub sentence: Sentence,
    /// The sums in it, in order; spans count from the start of the sentence.
    pub money: Vec<Money>,
}

/// A document that no engine has read yet. An engine gets it whole, so that it may use the context.
#[derive(Debug, Clone)]
pub struct UnreadDocument {
    /// The document.
    pub document: Document,
    /// Its sentences, in order.
    pub sentences: Vec<UnreadSentence>,
}

impl UnreadDocument {
    /// The text of every sentence, in order.
    pub fn texts(&self) -> Vec<&str> {
        let sentences = self.sentences.iter();
        sentences
            .map(|unread| unread.sentence.span.of(&self.document.text))
            .collect()
    }
}

/// All that is known of one sentence.
#[derive(Debug, Clone)]
pub struct SentenceAnalysis {
    /// The sentence.
    pub sentence: Sentence,
    /// Words (UAX #29).
    pub words: usize,
    /// One probability per theme, in the order of the taxonomy; all zero where the kind of sentence has no theme.
    pub theme_scores: Vec<f32>,
    /// Positions, in the taxonomy, of the themes that the sentence is about; the main one first.
    pub themes: Vec<usize>,
    /// The names, in order; spans count from the start of the sentence.
    pub entities: Vec<Entity>,
    /// The sums, in order; spans count from the start of the sentence.
    pub money: Vec<Money>,
}

/// All that is known of one document.
#[derive(Debug, Clone)]
pub struct DocumentAnalysis {
    /// The document.
    pub document: Document,
    /// Its sentences, in order.
    pub sentences: Vec<SentenceAnalysis>,
    /// How much each theme weighs in it, in the order of the taxonomy, and last no theme.
    pub weights: Vec<Weight>,
    /// Words in the document, boilerplate left out.
    pub words: usize,
}

impl DocumentAnalysis {
    /// The document as an engine gets it.
    pub fn to_unread(&self) -> UnreadDocument {
        let sentences = self.sentences.iter().map(|analysis| UnreadSentence {
            sentence: analysis.sentence.clone(),
            money: analysis.money.clone(),
        });
        UnreadDocument {
            document: self.document.clone(),
            sentences: sentences.collect(),
        }
    }
}

/// A statement that could not be analysed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The path as the user gave it.
    pub path: PathBuf,
    /// Where in the flow it failed.
    pub stage: Stage,
    /// Why.
    pub reason: String,
    /// What to do about it.
    pub hint: String,
}

impl Failure {
    /// The failure that `error` stands for.
    pub fn new(path: &Path, stage: Stage, error: &Error) -> Self {
        Self {
            path: path.into(),
            stage,
            reason: error.to_string(),
            hint: error.hint(),
        }
    }

    /// The failure of a document on which the program panicked.
    pub fn panicked(path: &Path, stage: Stage) -> Self {
        Self {
            path: path.into(),
            stage,
            reason: format!(
                "{}: the program made a mistake on this document",
                shown(path)
            ),
            hint: "please report it, with the document if it may be shared".into(),
        }
    }
}

/// A stage of the flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Looking for the files.
    Find,
    /// Reading and decoding a file, its structure, its sentences.
    Read,
    /// The engine.
    Engine,
    /// What follows the engine.
    Finish,
}

impl Stage {
    /// The name in the failures table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Find => "find",
            Self::Read => "read",
            Self::Engine => "engine",
            Self::Finish => "finish",
        }
    }
}
