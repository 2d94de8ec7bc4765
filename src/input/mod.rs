//! Paths in, sources out: finds the files that the user means and gives each a stable id.

mod text;

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

pub use text::{Decoded, decode};

use crate::error::{Error, Result};

/// The file-name extensions that are read when a folder is given, and how each is read.
const EXTENSIONS: [(&str, Format); 4] = [
    ("txt", Format::Text),
    ("text", Format::Text),
    ("md", Format::Markdown),
    ("markdown", Format::Markdown),
];

/// How the bytes of a file become text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Plain text.
    Text,
    /// Markdown: `#` headings, `-` lists, `[^1]` footnotes.
    Markdown,
}

impl Format {
    /// The format of a file by its extension; anything unknown is tried as plain text.
    fn of(path: &Path) -> Self {
        known_format(path).unwrap_or(Self::Text)
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
    /// Standard input, already read.
    Stdin(Vec<u8>),
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
}

impl Found {
    /// The path for reports and messages; `-` for standard input.
    pub fn path(&self) -> &Path {
        match &self.origin {
            Origin::File(path) => path,
            Origin::Stdin(_) => Path::new("-"),
        }
    }

    /// The file's name without folder and extension.
    pub fn stem(&self) -> String {
        self.path()
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default()
    }

    /// Reads and decodes the statement.
    ///
    /// # Errors
    /// When it cannot be read, is empty, is not text, or has more than `limit` megabytes.
    pub fn read(&self, limit: u64) -> Result<Source> {
        let path = self.path();
        let bytes = match &self.origin {
            Origin::File(path) => {
                let failed = |source| Error::Read {
                    path: path.clone(),
                    source,
                };
                let size = std::fs::metadata(path).map_err(failed)?.len();
                check_size(path, size, limit)?;
                std::fs::read(path).map_err(failed)?
            }
            Origin::Stdin(bytes) => bytes.clone(),
        };
        check_size(path, bytes.len() as u64, limit)?;
        let decoded = decode(&bytes).map_err(|looks_like| Error::NotText {
            path: path.into(),
            looks_like,
        })?;
        if decoded.text.trim().is_empty() {
            return Err(Error::Empty { path: path.into() });
        }
        Ok(Source {
            decoded,
            sha256: hex(&Sha256::digest(&bytes)),
        })
    }
}

fn check_size(path: &Path, bytes: u64, limit: u64) -> Result<()> {
    const MEGABYTE: u64 = 1_000_000;
    if bytes > limit.saturating_mul(MEGABYTE) {
        return Err(Error::TooLarge {
            path: path.into(),
            megabytes: bytes.div_ceil(MEGABYTE),
            limit,
        });
    }
    Ok(())
}

/// A statement that has been read.
#[derive(Debug, Clone)]
pub struct Source {
    /// The text and how it was decoded.
    pub decoded: Decoded,
    /// The SHA-256 of the bytes, in lower-case hexadecimal.
    pub sha256: String,
}

/// What a search for statements gave.
#[derive(Debug, Default)]
pub struct Findings {
    /// The statements, ordered by id: the order of the arguments does not matter.
    pub statements: Vec<Found>,
    /// What was asked for and could not be searched.
    pub failures: Vec<(PathBuf, Error)>,
    /// Files passed over in a folder because of their extension, counted by extension.
    pub skipped: BTreeMap<String, usize>,
}

/// Finds the statements that `paths` mean: files (of any extension), folders (searched for .txt and .md, hidden
/// files left out), patterns such as `2023/*.txt` where no file of that name exists.
pub fn find(paths: &[PathBuf]) -> Findings {
    let mut findings = Findings::default();
    let mut seen = HashSet::new();
    // (relative name, path): the relative name becomes the id.
    let mut files: Vec<(PathBuf, PathBuf)> = Vec::new();
    for path in paths {
        if path.is_dir() {
            walk(path, &mut files, &mut findings);
        } else if path.exists() || !is_pattern(path) {
            match std::fs::metadata(path) {
                Ok(_) => files.push((file_name(path), path.clone())),
                Err(source) => findings.failures.push((
                    path.clone(),
                    Error::Read {
                        path: path.clone(),
                        source,
                    },
                )),
            }
        } else {
            expand(path, &mut files, &mut findings);
        }
    }
    // The order of the arguments must not decide which of two spellings of one path is kept.
    files.sort();
    files.retain(|(_, path)| seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())));
    findings.statements = name_all(files);
    findings.failures.sort_by(|a, b| a.0.cmp(&b.0));
    findings
}

/// Standard input as a statement.
pub fn stdin(bytes: Vec<u8>) -> Found {
    Found {
        doc_id: "stdin".into(),
        origin: Origin::Stdin(bytes),
        format: Format::Text,
    }
}

fn is_pattern(path: &Path) -> bool {
    path.to_string_lossy().contains(['*', '?', '['])
}

fn file_name(path: &Path) -> PathBuf {
    path.file_name().map_or_else(|| path.into(), PathBuf::from)
}

fn walk(root: &Path, files: &mut Vec<(PathBuf, PathBuf)>, findings: &mut Findings) {
    let entries = walkdir::WalkDir::new(root)
        .follow_links(true)
        .sort_by_file_name()
        .into_iter()
        // The root itself may be called `.` or `.drafts`: the user named it.
        .filter_entry(|entry| {
            entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.')
        });
    for entry in entries {
        match entry {
            Ok(entry) if entry.file_type().is_dir() => {}
            Ok(entry) => {
                let path = entry.path();
                if known_format(path).is_some() {
                    let relative = path.strip_prefix(root).unwrap_or(path);
                    files.push((relative.into(), path.into()));
                } else {
                    let extension = path
                        .extension()
                        .map_or_else(|| "none".into(), |e| e.to_string_lossy().into_owned());
                    *findings.skipped.entry(extension).or_default() += 1;
                }
            }
            Err(error) => {
                let path = error.path().unwrap_or(root).to_path_buf();
                let source = error
                    .into_io_error()
                    .unwrap_or_else(|| std::io::Error::other("a link that leads back to itself"));
                findings
                    .failures
                    .push((path.clone(), Error::Read { path, source }));
            }
        }
    }
}

fn expand(pattern: &Path, files: &mut Vec<(PathBuf, PathBuf)>, findings: &mut Findings) {
    let matches: Vec<PathBuf> = glob::glob(&pattern.to_string_lossy())
        .map(|paths| paths.flatten().collect())
        .unwrap_or_default();
    if matches.is_empty() {
        let path = pattern.to_path_buf();
        findings
            .failures
            .push((path.clone(), Error::NoMatch { path }));
    }
    for path in matches {
        if path.is_dir() {
            walk(&path, files, findings);
        } else {
            files.push((file_name(&path), path));
        }
    }
}

/// Gives every file an id. Files whose ids would be the same all get their extension added; where that does not
/// tell them apart either, eight digits of the SHA-256 of the path.
fn name_all(files: Vec<(PathBuf, PathBuf)>) -> Vec<Found> {
    let plain = |relative: &Path| slug(&relative.with_extension(""));
    let full = |relative: &Path| slug(relative);
    let count = |ids: Vec<String>| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for id in ids {
            *counts.entry(id).or_default() += 1;
        }
        counts
    };
    let plain_counts = count(files.iter().map(|(r, _)| plain(r)).collect());
    let full_counts = count(files.iter().map(|(r, _)| full(r)).collect());
    let unique = |id: &String, counts: &BTreeMap<String, usize>| counts.get(id) == Some(&1);
    let mut found: Vec<Found> = files
        .into_iter()
        .map(|(relative, path)| {
            let mut doc_id = plain(&relative);
            if !unique(&doc_id, &plain_counts) {
                doc_id = full(&relative);
                if !unique(&doc_id, &full_counts) {
                    let digest = hex(&Sha256::digest(path.to_string_lossy().as_bytes()));
                    doc_id = format!("{doc_id}-{}", digest.get(..8).unwrap_or_default());
                }
            }
            Found {
                doc_id,
                format: Format::of(&path),
                origin: Origin::File(path),
            }
        })
        .collect();
    found.sort_by(|a, b| (&a.doc_id, a.path()).cmp(&(&b.doc_id, b.path())));
    found
}

/// A path as an id: letters, digits, `.`, `_`, `-` and `/` stay, anything else becomes `-`.
fn slug(relative: &Path) -> String {
    let parts: Vec<String> = relative
        .components()
        .map(|part| {
            part.as_os_str()
                .to_string_lossy()
                .chars()
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

/// Bytes as lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(names: &[&str]) -> Vec<String> {
        let files = names
            .iter()
            .map(|n| (PathBuf::from(n), Path::new("root").join(n)))
            .collect();
        name_all(files).into_iter().map(|f| f.doc_id).collect()
    }

    #[test]
    fn an_id_is_the_path_below_the_folder_without_extension() {
        assert_eq!(
            ids(&["seoul 2023.txt", "2024/tokyo.md"]),
            ["2024/tokyo", "seoul-2023"]
        );
    }

    #[test]
    fn files_that_would_share_an_id_keep_their_extension() {
        assert_eq!(ids(&["a.md", "a.txt", "b.txt"]), ["a.md", "a.txt", "b"]);
    }

    #[test]
    fn names_that_differ_only_in_odd_characters_get_different_ids() {
        let ids = ids(&["a?.txt", "a!.txt"]);
        assert_eq!(ids.len(), 2);
        assert_ne!(ids[0], ids[1]);
    }
}
