//! The nouns: a document, its blocks and its sentences, each a [`Span`] of one text.

mod abbreviations;
mod language;
mod parse;
mod source;
mod structure;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub(crate) use abbreviations::{AbbreviationClass, Abbreviations};
pub use source::{DateSource, Decoded, Properties, Source};
pub use structure::{DateReader, Structure, StructureRules};
pub(crate) use structure::{escape_marks, unescape_marks};

use crate::text::is_blank;

/// A half-open range of bytes in a document's text, always on character boundaries.
///
/// Reports show code-point offsets; the conversion happens once, in `output`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The span of bytes from `start` up to, not including, `end`.
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The length in bytes.
    pub const fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether the span covers nothing.
    pub const fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// The words of `text` that the span covers; empty when the span does not fit the text.
    pub fn of(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }

    /// The same span without the blanks at either end of its words.
    #[must_use]
    pub fn trimmed(self, text: &str) -> Self {
        let rest = self.of(text).trim_start_matches(is_blank);
        let start = self.end - rest.len();
        Self::new(start, start + rest.trim_end_matches(is_blank).len())
    }

    /// The same span, `offset` bytes further on.
    #[must_use]
    pub const fn shifted(self, offset: usize) -> Self {
        Self::new(self.start + offset, self.end + offset)
    }

    /// Whether the two spans share at least one byte.
    pub const fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Whether `other` lies wholly inside this span.
    pub const fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

/// What a block of a document, and so every sentence in it, is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Running prose.
    Sentence,
    /// A title or a heading.
    Heading,
    /// Place, date and source before the first sentence, or a closing "Done at ... on ...".
    Dateline,
    /// An item of a bulleted or lettered list.
    ListItem,
    /// What the publisher added: "Also read: ...", "Share this", "Check against delivery".
    Boilerplate,
    /// A footnote or endnote.
    Footnote,
}

impl Kind {
    /// Whether sentences of this kind count in theme shares. Headings, datelines and boilerplate do not.
    pub const fn is_weighed(self) -> bool {
        matches!(self, Self::Sentence | Self::ListItem | Self::Footnote)
    }
}

/// A stretch of a document that sentences never cross.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Where it stands; no white space at either end.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
    /// Which paragraph of the document it belongs to, counted from 1.
    pub paragraph: u32,
    /// The heading that it stands under, if any.
    pub section: Option<Span>,
    /// Its language, BCP 47, where it is sure and is not English: such a block weighs nothing.
    pub language: Option<String>,
}

/// A sentence, or what stands for one: a heading, a list item, a preambular clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// Where it stands in the document; no white space at either end, never empty.
    pub span: Span,
    /// The kind of its block.
    pub kind: Kind,
    /// The paragraph of its block, counted from 1.
    pub paragraph: u32,
    /// The heading that it stands under, if any.
    pub section: Option<Span>,
    /// The language of its block, BCP 47, where it is sure and is not English.
    pub language: Option<String>,
}

impl Sentence {
    /// Whether the sentence counts in theme shares: running text, in English.
    pub const fn is_weighed(&self) -> bool {
        self.kind.is_weighed() && self.language.is_none()
    }
}

/// What a document says of itself before and after its sentences.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// The title, if there is one.
    pub title: Option<Span>,
    /// The date and where it was found.
    pub date: Option<(jiff::civil::Date, DateSource)>,
    /// The place of the dateline or of the signature, as a reader would write it: "Washington DC".
    pub place: Option<String>,
    /// The source named in the dateline: "TDI".
    pub source: Option<String>,
}

/// A statement as read: its text, what it says of itself, its blocks. Every span points into `text`.
#[derive(Debug, Clone)]
pub struct Document {
    /// Stable: the same file at the same place has the same id.
    pub id: String,
    /// The path as the user gave it; `-` for standard input.
    pub path: PathBuf,
    /// The whole text as decoded.
    pub text: String,
    /// Title, date, place, source.
    pub head: Head,
    /// The blocks, in order, without gaps other than white space and markup.
    pub blocks: Vec<Block>,
    /// The BCP 47 code of the language, where the text is long enough to tell.
    pub language: Option<String>,
    /// The encoding's WHATWG name; `PDF` for a PDF.
    pub encoding: String,
    /// The SHA-256 of the file's bytes, in lower-case hexadecimal.
    pub sha256: String,
    /// What the reader should know of how the text was read.
    pub warnings: Vec<String>,
    /// Byte offsets from which the text stands on a page, with the page's number; empty without pages.
    pub pages: Vec<(usize, u32)>,
    /// The title that the file or the page states, for a text that shows none.
    pub stated_title: Option<String>,
    /// What the user says of it: columns of its table, `--metadata`, `--name-pattern`.
    pub metadata: BTreeMap<String, String>,
    /// Why the text is not all there until the pictures of its pages are read (OCR).
    pub needs_ocr: Option<String>,
}

impl Document {
    /// A document whose sentences are known already: one per line, each a paragraph, without any other structure.
    pub fn of_sentences<'a>(
        id: &str,
        texts: impl IntoIterator<Item = &'a str>,
    ) -> (Self, Vec<Sentence>) {
        let mut text = String::new();
        let mut sentences = Vec::new();
        for (sentence, paragraph) in texts.into_iter().zip(1..) {
            let start = text.len();
            text.push_str(sentence);
            sentences.push(Sentence {
                span: Span::new(start, text.len()),
                kind: Kind::Sentence,
                paragraph,
                section: None,
                language: None,
            });
            text.push('\n');
        }
        let document = Self {
            id: id.into(),
            path: id.into(),
            text,
            head: Head::default(),
            blocks: Vec::new(),
            language: None,
            encoding: "UTF-8".into(),
            sha256: String::new(),
            warnings: Vec::new(),
            pages: Vec::new(),
            stated_title: None,
            metadata: BTreeMap::new(),
            needs_ocr: None,
        };
        (document, sentences)
    }

    /// The page on which byte `offset` of the text stands, from 1; none without pages.
    pub fn page_at(&self, offset: usize) -> Option<u32> {
        let after = self.pages.partition_point(|(start, _)| *start <= offset);
        let (_, page) = self.pages.get(after.checked_sub(1)?)?;
        Some(*page)
    }
}
