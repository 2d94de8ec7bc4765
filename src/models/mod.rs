//! Engines: whatever reads sentences and says their themes and the names in them.

pub mod manifest;
mod minilm;
mod rules;

use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use minilm::MinilmEngine;
pub use rules::RulesEngine;

use crate::analysis::entities::{EntityGrammar, Mention};
use crate::analysis::money::Money;
use crate::analysis::themes::Taxonomy;
use crate::document::{Document, Sentence, Span};
use crate::error::Result;
use manifest::Manifest;

/// A document and its sentences, as an engine gets them: the whole document, so that it may use the context.
#[derive(Debug, Clone, Copy)]
pub struct DocumentSentences<'a> {
    /// The document.
    pub document: &'a Document,
    /// Its sentences, in order.
    pub sentences: &'a [Sentence],
    /// The sums in each of them.
    pub money: &'a [Vec<Money>],
}

impl<'a> DocumentSentences<'a> {
    /// The words of every sentence, in order.
    pub fn texts(&self) -> Vec<&'a str> {
        let text: &'a str = &self.document.text;
        self.sentences.iter().map(|s| s.span.of(text)).collect()
    }

    /// Where the sums stand in every sentence.
    pub fn sums(&self) -> Vec<Vec<Span>> {
        let sentences = self.money.iter();
        sentences
            .map(|sums| sums.iter().map(|sum| sum.span).collect())
            .collect()
    }
}

/// What an engine says of one sentence.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// A probability a theme, in the order of the taxonomy.
    pub theme_scores: Vec<f32>,
    /// The names found; spans count from the start of the sentence.
    pub mentions: Vec<Mention>,
}

/// A model that reads sentences. It owns its threads; callers never share one inside rayon.
pub trait Engine: Send {
    /// Reads every sentence of a window of documents: one list a document, one [`Reading`] a sentence.
    ///
    /// # Errors
    /// When the model fails. The caller tries again document by document, so that only the guilty one is reported.
    fn read(&mut self, window: &[DocumentSentences<'_>]) -> Result<Vec<Vec<Reading>>>;

    /// The score from which a sentence is about a theme, a theme of the taxonomy, in its order: engines are calibrated
    /// each in its own way.
    fn thresholds(&self) -> Vec<f32>;

    /// Which sentences of a document are read together with this one, so that they bear on its themes; itself included.
    ///
    /// # Errors
    /// When the document cannot be prepared for reading.
    fn together(&self, _: &DocumentSentences<'_>, sentence: usize) -> Result<Range<usize>> {
        Ok(sentence..sentence + 1)
    }

    /// What the user should know of how the themes in force are read.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }
}

/// The engines that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EngineKind {
    /// The compiled-in network (MiniLM, int8), joined with the rules.
    #[default]
    Minilm,
    /// Cue lexicon, gazetteers and patterns; no weights.
    Rules,
}

impl EngineKind {
    /// The name as on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Minilm => "minilm",
            Self::Rules => "rules",
        }
    }

    /// The SHA-256 of the weights that the engine reads with, by the manifest; none for an engine without weights.
    ///
    /// # Errors
    /// When the manifest is malformed.
    pub fn weights_sha256(self) -> Result<Option<String>> {
        Ok(Manifest::embedded()?
            .network(self.name())
            .map(|network| network.sha256.clone()))
    }

    /// Makes the engine ready to read.
    ///
    /// # Errors
    /// When the data that it needs is missing or wrong.
    pub fn load(
        self,
        taxonomy: &Taxonomy,
        entities: &Arc<EntityGrammar>,
    ) -> Result<Box<dyn Engine>> {
        match self {
            Self::Minilm => Ok(Box::new(MinilmEngine::new(taxonomy, Arc::clone(entities))?)),
            Self::Rules => Ok(Box::new(RulesEngine::new(taxonomy, Arc::clone(entities))?)),
        }
    }
}
