//! A statement as it comes from a reader: its text, and what else is known of it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A statement that has been read and whose structure is not known yet.
#[derive(Debug, Clone)]
pub struct Source {
    /// Stable: the same file at the same place has the same id.
    pub doc_id: String,
    /// The path as the user gave it; `-` for standard input.
    pub path: PathBuf,
    /// The name of the file without folder and extension, the last place where a date is looked for.
    pub file_stem: String,
    /// What the user says of it: columns of its table, `--metadata`, `--name-pattern`.
    pub metadata: BTreeMap<String, String>,
    /// The SHA-256 of its bytes, in lower-case hexadecimal.
    pub sha256: String,
    /// The text and how it was decoded.
    pub decoded: Decoded,
}

/// The text of a statement and how it was obtained.
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

/// Where a document's date was found, in the order of trust.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateSource {
    /// The user's own word: `--metadata`, a column of a table, `--name-pattern`.
    Metadata,
    /// "WASHINGTON, 1 May 2023 (TDI):" before the first sentence.
    Dateline,
    /// "Done at Seoul on 14 May 2025" or a dated signature.
    Signature,
    /// A line that holds little besides a date.
    DateLine,
    /// The title.
    Title,
    /// What a web page or the masthead of a document says outside the text.
    Page,
    /// The file's name.
    FileName,
    /// The properties of a Word document or a PDF, which date the file and not the statement.
    Properties,
}
