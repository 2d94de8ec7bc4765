//! A statement that has been found: its bytes, and their text.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::extract::{self, Limits};
use super::formats::Content;
use super::origin::{Origin, Stamp, check_size, slug, wrong};
use super::{InputFormat, archive, table};
use crate::document::{Decoded, Source};
use crate::error::{Error, Result};
use crate::open::{self, MEGABYTE};
use crate::text::hex;

/// A statement that has been found and named but not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Stable: made from the path below the folder that was given, without extension.
    pub doc_id: String,
    /// Where it is.
    pub origin: Origin,
    /// How it is to be read.
    pub format: InputFormat,
    /// What the user says of it: columns of its table, `--metadata`, `--name-pattern`.
    pub metadata: BTreeMap<String, String>,
}

impl Found {
    /// The path for reports and messages; `-` for standard input.
    pub fn path(&self) -> &Path {
        self.origin.path()
    }

    /// The file that it is read from; none for standard input.
    pub fn file(&self) -> Option<&Path> {
        match &self.origin {
            Origin::File(path) => Some(path),
            Origin::Stdin { .. } => None,
            Origin::Entry { archive, .. } => Some(archive),
            Origin::Record { table, .. } => Some(table),
        }
    }

    /// The file's name without folder and extension; empty for standard input.
    pub fn stem(&self) -> String {
        let path = match &self.origin {
            Origin::Stdin { .. } => Path::new(""),
            _ => self.path(),
        };
        path.file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default()
    }

    /// How many bytes will be read, as far as that is known beforehand.
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
        let decoded = match format.profile().content {
            Content::Parsed(read) => extract::parsed(format, read, &bytes, path, limits)?,
            Content::Records(records) => table::decode(&self.origin, records, &bytes)?,
            Content::Text { markdown } => Decoded {
                markdown,
                ..extract::text(&bytes, path)?
            },
            // Refused as not being text: archives are opened where statements are looked for.
            Content::Files => extract::text(&bytes, path)?,
        };
        if decoded.text.trim().is_empty() && decoded.needs_ocr.is_none() {
            return Err(Error::Empty { path: path.into() });
        }
        Ok(Source {
            doc_id: self.doc_id.clone(),
            path: path.into(),
            file_stem: self.stem(),
            metadata: self.metadata.clone(),
            sha256,
            decoded,
        })
    }
}

/// The bytes of a file; never more than the limit, whatever its size was a moment ago.
fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>> {
    let failed = Error::reading(path);
    let mut file = open::regular(path).map_err(&failed)?;
    let before = file.metadata().map_err(&failed)?;
    check_size(path, before.len(), limit)?;
    let mut bytes = Vec::new();
    file.by_ref()
        .take(limit.saturating_mul(MEGABYTE).saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(&failed)?;
    let after = std::fs::metadata(path).map_err(failed)?;
    let whole = bytes.len() as u64 == before.len();
    if Stamp::of(&before) != Stamp::of(&after) || !whole {
        return Err(Error::Changed { path: path.into() });
    }
    Ok(bytes)
}

/// The bytes of a statement.
#[derive(Debug, Clone)]
pub struct Fetched {
    bytes: Vec<u8>,
    /// Their SHA-256, in lower-case hexadecimal.
    pub sha256: String,
}

/// Standard input as a statement.
pub fn stdin(bytes: Vec<u8>) -> Found {
    Found {
        doc_id: "stdin".into(),
        ..pipe(Path::new("-"), bytes)
    }
}

/// What came out of a pipe as a statement, which has its name.
pub fn pipe(path: &Path, bytes: Vec<u8>) -> Found {
    Found {
        doc_id: slug(Path::new(path.file_name().unwrap_or(path.as_os_str()))),
        origin: Origin::Stdin {
            bytes,
            shown: path.into(),
        },
        format: InputFormat::Text,
        metadata: BTreeMap::new(),
    }
}

/// Line `number` of standard input, a JSON object, as a statement.
///
/// # Errors
/// When it is not an object with a text.
pub fn stdin_line(bytes: Vec<u8>, number: usize) -> Result<Found> {
    let (id, metadata) = table::of_line(&bytes, number)
        .map_err(|reason| wrong(Path::new(&format!("-#line{number}")), reason))?;
    Ok(Found {
        doc_id: slug(Path::new(&id.replace('/', "-"))),
        origin: Origin::Stdin {
            bytes,
            shown: format!("-#{id}").into(),
        },
        format: InputFormat::JsonLines,
        metadata,
    })
}
