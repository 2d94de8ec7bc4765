//! Where statements come from.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::InputFormat;
use crate::error::{Error, Result};
use crate::open::MEGABYTE;

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

    /// Which cell of a record holds the text; none for what is not a record of a table.
    pub fn column(&self) -> Option<usize> {
        match self {
            Self::Record { column, .. } => Some(*column),
            Self::File(_) | Self::Stdin { .. } | Self::Entry { .. } => None,
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
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self {
            length: metadata.len(),
            modified: metadata.modified().ok(),
        }
    }
}

/// A statement that has no id yet.
pub(super) struct Candidate {
    /// The name that becomes the id.
    pub relative: PathBuf,
    pub origin: Origin,
    pub format: InputFormat,
    pub metadata: BTreeMap<String, String>,
}

impl Candidate {
    pub(super) fn file(relative: PathBuf, path: PathBuf) -> Self {
        Self {
            relative,
            format: InputFormat::of(&path),
            origin: Origin::File(path),
            metadata: BTreeMap::new(),
        }
    }
}

/// The statements of one file, and what else is in it.
#[derive(Default)]
pub(super) struct Opened {
    pub statements: Vec<Candidate>,
    pub failures: Vec<(PathBuf, Error)>,
    /// Files in an archive whose format is not read.
    pub skipped: Vec<PathBuf>,
}

/// What is wrong with a table or an archive, or with one of its records.
pub(super) fn wrong(path: &Path, reason: impl ToString) -> Error {
    Error::Table {
        path: path.into(),
        reason: reason.to_string(),
    }
}

/// Refuses more bytes than `limit` megabytes.
pub(super) fn check_size(path: &Path, bytes: u64, limit: u64) -> Result<()> {
    if bytes > limit.saturating_mul(MEGABYTE) {
        return Err(Error::TooLarge {
            path: path.into(),
            megabytes: bytes.div_ceil(MEGABYTE),
            limit,
        });
    }
    Ok(())
}

/// A path as an id: letters, digits, `.`, `_`, `-` and `/` stay, anything else becomes `-`.
pub(super) fn slug(relative: &Path) -> String {
    let parts: Vec<String> = relative
        .components()
        .map(|part| {
            let part = part.as_os_str().to_string_lossy();
            // The id of a record may be anything; as the path of a saved text it must not lead elsewhere.
            if part.chars().all(|c| c == '.') {
                return "-".repeat(part.len());
            }
            part.chars()
                .map(|c| {
                    if c.is_alphanumeric() || matches!(c, '.' | '_' | '-') {
                        c
                    } else {
                        '-'
                    }
                })
                .collect()
        })
        .collect();
    parts.join("/")
}
