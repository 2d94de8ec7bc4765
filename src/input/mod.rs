//! Paths in, sources out: finds the files that the user means and reads each in its format.
//!
//! Whatever a library parses (web pages, PDF, Word) is read in a process of its own where the program has named one
//! ([`Limits::helper`]): a file that makes the library loop, panic or take all memory fails alone.

mod archive;
mod decoded;
mod docx;
mod extract;
mod find;
mod html;
mod markdown;
pub mod metadata;
mod pdf;
mod table;
mod text;

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

pub use decoded::{Decoded, Properties};
pub use extract::{Limits, extract_here, serve};
pub use find::{Findings, find, settle, snapshot};
pub use text::decode;

use crate::error::{Error, Result};

/// A megabyte, as `--max-megabytes` counts.
pub(crate) const MEGABYTE: u64 = 1_000_000;

/// The file-name extensions that are read when a folder is given, and how each is read.
const EXTENSIONS: [(&str, Format); 14] = [
    ("txt", Format::Text),
    ("text", Format::Text),
    ("md", Format::Markdown),
    ("markdown", Format::Markdown),
    ("html", Format::Html),
    ("htm", Format::Html),
    ("xhtml", Format::Html),
    ("pdf", Format::Pdf),
    ("docx", Format::Docx),
    ("docm", Format::Docx),
    ("csv", Format::Csv),
    ("jsonl", Format::JsonLines),
    ("ndjson", Format::JsonLines),
    ("zip", Format::Zip),
];

/// How the bytes of a file become text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Plain text.
    Text,
    /// Markdown: `#` headings, `-` lists, `[^1]` footnotes.
    Markdown,
    /// A web page.
    Html,
    /// A PDF with a text layer.
    Pdf,
    /// A Word document.
    Docx,
    /// A table with a statement a row.
    Csv,
    /// A statement a line, as a JSON object.
    JsonLines,
    /// An archive of statements.
    Zip,
}

impl Format {
    /// The format of a file by its extension; anything unknown is tried as plain text.
    fn of(path: &Path) -> Self {
        known_format(path).unwrap_or(Self::Text)
    }

    /// The format by the first bytes, for files whose name says nothing or something else.
    fn sniffed(self, bytes: &[u8]) -> Self {
        let head = bytes.get(..bytes.len().min(512)).unwrap_or_default();
        if head.starts_with(b"%PDF-") {
            return Self::Pdf;
        }
        if self != Self::Text {
            return self;
        }
        let head = String::from_utf8_lossy(head).to_ascii_lowercase();
        let head = head.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace());
        if head.starts_with("<!doctype html") || head.starts_with("<html") {
            return Self::Html;
        }
        if docx::is_docx(bytes) {
            return Self::Docx;
        }
        self
    }
}

fn known_format(path: &Path) -> Option<Format> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    EXTENSIONS
        .iter()
        .find(|(known, _)| *known == extension)
        .map(|(_, format)| *format)
}

/// Where a statement comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A file, by the path as the user gave it.
    File(PathBuf),
    /// Standard input or a line of it, already read.
    Stdin {
        /// What was read.
        bytes: Vec<u8>,
        /// The path for reports: `-`, or `-#` and the id.
        shown: PathBuf,
    },
    /// A file in an archive.
    Entry {
        /// The archive.
        archive: PathBuf,
        /// What the archive was like when it was opened.
        stamp: Stamp,
        /// Its place in the archive's list.
        index: usize,
        /// The path for reports: that of the archive and the name inside.
        shown: PathBuf,
    },
    /// A row of a table or a line of a JSON Lines file.
    Record {
        /// The table.
        table: PathBuf,
        /// The first byte of the record.
        offset: u64,
        /// Its bytes.
        length: u64,
        /// Which cell of the record holds the text, for CSV.
        column: usize,
        /// What the table was when it was opened.
        stamp: Stamp,
        /// The path for reports: that of the table, `#` and the id.
        shown: PathBuf,
    },
}

impl Origin {
    /// The path for reports and messages; `-` for standard input.
    pub fn path(&self) -> &Path {
        match self {
            Self::File(path) => path,
            Self::Stdin { shown, .. } | Self::Entry { shown, .. } | Self::Record { shown, .. } => {
                shown
            }
        }
    }
}

/// Size and time of a file: when they differ, it has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self {
            length: metadata.len(),
            modified: metadata.modified().ok(),
        }
    }
}

/// A statement that has been found and named but not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Stable: made from the path below the folder that was given, without extension.
    pub doc_id: String,
    /// Where it is.
    pub origin: Origin,
    /// How it is to be read.
    pub format: Format,
    /// What the user says of it: columns of its table, `--metadata`, `--name-pattern`.
    pub metadata: BTreeMap<String, String>,
}

impl Found {
    /// The path for reports and messages; `-` for standard input.
    pub fn path(&self) -> &Path {
        self.origin.path()
    }

    /// The file that it is, or is in; none for standard input.
    pub fn file(&self) -> Option<&Path> {
        match &self.origin {
            Origin::File(path) => Some(path),
            Origin::Stdin { .. } => None,
            Origin::Entry { archive, .. } => Some(archive),
            Origin::Record { table, .. } => Some(table),
        }
    }

    /// The file's name without folder and extension; nothing for standard input.
    pub fn stem(&self) -> String {
        let path = match &self.origin {
            Origin::Stdin { .. } => Path::new(""),
            _ => self.path(),
        };
        path.file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default()
    }

    /// The bytes that will be read, as far as they are known before.
    pub fn size(&self) -> u64 {
        match &self.origin {
            Origin::File(path) => std::fs::metadata(path).map_or(0, |metadata| metadata.len()),
            Origin::Stdin { bytes, .. } => bytes.len() as u64,
            Origin::Entry { .. } => MEGABYTE,
            Origin::Record { length, .. } => *length,
        }
    }

    /// Reads and decodes the statement.
    ///
    /// # Errors
    /// Those of [`fetch`](Self::fetch) and [`decode`](Self::decode).
    pub fn read(&self, limits: &Limits) -> Result<Source> {
        self.decode(self.fetch(limits)?, limits)
    }

    /// Reads the bytes of the statement.
    ///
    /// # Errors
    /// When they cannot be read, or are more than the limit.
    pub fn fetch(&self, limits: &Limits) -> Result<Fetched> {
        let path = self.path();
        let bytes = match &self.origin {
            Origin::File(path) => read_file(path, limits.max_megabytes)?,
            Origin::Stdin { bytes, .. } => bytes.clone(),
            Origin::Entry {
                archive,
                stamp,
                index,
                ..
            } => archive::read(archive, *stamp, *index, path, limits.max_megabytes)?,
            Origin::Record { .. } => table::read(&self.origin, limits.max_megabytes)?,
        };
        check_size(path, bytes.len() as u64, limits.max_megabytes)?;
        Ok(Fetched {
            sha256: hex(&Sha256::digest(&bytes)),
            bytes,
        })
    }

    /// Decodes the bytes of the statement.
    ///
    /// # Errors
    /// When they are empty or not what the format says.
    pub fn decode(&self, fetched: Fetched, limits: &Limits) -> Result<Source> {
        let path = self.path();
        let Fetched { bytes, sha256 } = fetched;
        let format = self.format.sniffed(&bytes);
        let decoded = match format {
            Format::Html | Format::Pdf | Format::Docx => {
                extract::extract(format, &bytes, path, limits)?
            }
            Format::Csv | Format::JsonLines => table::decode(&self.origin, &bytes)?,
            Format::Text | Format::Markdown | Format::Zip => {
                let decoded = decode(&bytes).map_err(|looks_like| Error::NotText {
                    path: path.into(),
                    looks_like,
                })?;
                Decoded {
                    markdown: format == Format::Markdown,
                    ..decoded
                }
            }
        };
        if decoded.text.trim().is_empty() && decoded.needs_ocr.is_none() {
            return Err(Error::Empty { path: path.into() });
        }
        Ok(Source { decoded, sha256 })
    }
}

/// The bytes of a file; never more than the limit, whatever its size was a moment ago.
fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>> {
    let failed = |source| Error::Read {
        path: path.into(),
        source,
    };
    let mut file = std::fs::File::open(path).map_err(failed)?;
    let before = file.metadata().map_err(failed)?;
    check_size(path, before.len(), limit)?;
    let mut bytes = Vec::new();
    file.by_ref()
        .take(limit.saturating_mul(MEGABYTE).saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    let after = std::fs::metadata(path).map_err(failed)?;
    let whole = !before.is_file() || bytes.len() as u64 == before.len();
    if Stamp::of(&before) != Stamp::of(&after) || !whole {
        return Err(Error::Changed { path: path.into() });
    }
    Ok(bytes)
}

fn check_size(path: &Path, bytes: u64, limit: u64) -> Result<()> {
    if bytes > limit.saturating_mul(MEGABYTE) {
        return Err(Error::TooLarge {
            path: path.into(),
            megabytes: bytes.div_ceil(MEGABYTE),
            limit,
        });
    }
    Ok(())
}

/// The bytes of a statement.
#[derive(Debug, Clone)]
pub struct Fetched {
    bytes: Vec<u8>,
    /// Their SHA-256, in lower-case hexadecimal.
    pub sha256: String,
}

/// A statement that has been read.
#[derive(Debug, Clone)]
pub struct Source {
    /// The text and how it was decoded.
    pub decoded: Decoded,
    /// The SHA-256 of the bytes, in lower-case hexadecimal.
    pub sha256: String,
}

/// Standard input as a statement.
pub fn stdin(bytes: Vec<u8>) -> Found {
    Found {
        doc_id: "stdin".into(),
        origin: Origin::Stdin {
            bytes,
            shown: "-".into(),
        },
        format: Format::Text,
        metadata: BTreeMap::new(),
    }
}

/// Line `number` of standard input, a JSON object, as a statement.
///
/// # Errors
/// When it is not an object with a text.
pub fn stdin_line(bytes: Vec<u8>, number: usize) -> Result<Found> {
    let (id, metadata) = table::of_line(&bytes, number).map_err(|reason| Error::Table {
        path: format!("-#line{number}").into(),
        reason,
    })?;
    Ok(Found {
        doc_id: find::slug(Path::new(&id.replace('/', "-"))),
        origin: Origin::Stdin {
            bytes,
            shown: format!("-#{id}").into(),
        },
        format: Format::JsonLines,
        metadata,
    })
}

/// Bytes as lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
