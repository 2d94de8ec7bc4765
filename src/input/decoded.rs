//! What every reader gives: text, and what the file says of itself beside it.

use serde::{Deserialize, Serialize};

use crate::document::DateSource;

/// The text of a statement and how it was got.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decoded {
    /// The text, without byte-order mark.
    pub text: String,
    /// The encoding's WHATWG name, e.g. `UTF-8` or `windows-1252`; `PDF` for a PDF, which has its own.
    pub encoding: String,
    /// What the reader should know, e.g. that the encoding was guessed.
    pub warnings: Vec<String>,
    /// Whether marks such as `#` and `[^1]:` are syntax.
    pub markdown: bool,
    /// Byte offsets from which the text stands on a page, with the page's number, in order; empty without pages.
    pub pages: Vec<(usize, u32)>,
    /// What the file says of itself.
    pub properties: Properties,
    /// Why the text is not all there until the pictures of its pages are read (OCR).
    pub needs_ocr: Option<String>,
}

/// What a file says of itself outside its text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Properties {
    /// Its title.
    pub title: Option<String>,
    /// Words that hold its date, and how far they are to be trusted.
    pub date: Option<(String, DateSource)>,
    /// Who published it.
    pub issuer: Option<String>,
}
