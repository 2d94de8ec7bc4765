//! Archives of statements: each file in a `.zip` is a statement of its own.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Component, Path, PathBuf};

use zip::ZipArchive;

use super::InputFormat;
use super::formats::Content;
use super::origin::{Candidate, Opened, Origin, Stamp, check_size, wrong};
use crate::error::{Error, Result};
use crate::open::{self, MEGABYTE};

/// Archives with more entries are refused.
const MOST_ENTRIES: usize = 20_000;

/// Text never reaches this ratio of compression; a zip bomb does.
const TIGHTEST: u64 = 200;

fn archive(path: &Path) -> Result<ZipArchive<BufReader<File>>> {
    let file = open::regular(path).map_err(Error::reading(path))?;
    let archive = ZipArchive::new(BufReader::new(file)).map_err(|error| wrong(path, error))?;
    if archive.len() > MOST_ENTRIES {
        let reason = format!("it holds {} files, more than {MOST_ENTRIES}", archive.len());
        return Err(wrong(path, reason));
    }
    Ok(archive)
}

/// The statements in an archive. Names that lead out of it are failures; archives and tables inside are too. Hidden files
/// and those of other kinds are passed over.
pub(super) fn open(relative: &Path, path: &Path) -> Result<Opened> {
    let stamp = stamp(path)?;
    let mut zip = archive(path)?;
    let mut opened = Opened::default();
    for index in 0..zip.len() {
        let entry = zip
            .by_index_raw(index)
            .map_err(|error| wrong(path, error))?;
        let name = entry.name().map_err(|error| wrong(path, error))?;
        let name = PathBuf::from(name.replace('\\', "/"));
        let shown = path.join(name.components().filter(is_normal).collect::<PathBuf>());
        if entry.is_dir() || is_hidden(&name) {
            continue;
        }
        let Some(format) = InputFormat::by_extension(&name) else {
            opened.skipped.push(name);
            continue;
        };
        let outside = !name.components().all(|part| is_normal(&part));
        let refused = if outside {
            Some("its name leads out of the archive")
        } else if entry.is_symlink() {
            Some("it is a link")
        } else if entry.encrypted() {
            Some("it is protected by a password")
        } else {
            match format.profile().content {
                Content::Text { .. } | Content::Parsed(_) => None,
                Content::Files | Content::Records(_) => {
                    Some("tables and archives inside an archive are not read")
                }
            }
        };
        match refused {
            Some(reason) => opened.failures.push((shown.clone(), wrong(&shown, reason))),
            None => opened.statements.push(Candidate {
                relative: relative.with_extension("").join(&name),
                origin: Origin::Entry {
                    archive: path.into(),
                    stamp,
                    index,
                    shown,
                },
                format,
                metadata: BTreeMap::new(),
            }),
        }
    }
    Ok(opened)
}

fn is_normal(part: &Component<'_>) -> bool {
    matches!(part, Component::Normal(_))
}

/// `.DS_Store` and what macOS adds.
fn is_hidden(name: &Path) -> bool {
    name.components().any(|part| {
        let part = part.as_os_str().to_string_lossy();
        (part.starts_with('.') && part != ".." && part != ".") || part == "__MACOSX"
    })
}

/// An archive that stays open; its path, and its size and time when it was opened.
type OpenArchive = (PathBuf, Stamp, ZipArchive<BufReader<File>>);

thread_local! {
    /// The archive that this thread read last. Entries are read one after the other, and opening takes longer the more
    /// there are.
    static LAST: RefCell<Option<OpenArchive>> = const { RefCell::new(None) };
}

/// The bytes of one entry, never more than the limit.
pub(super) fn read(
    path: &Path,
    opened: Stamp,
    index: usize,
    shown: &Path,
    limit: u64,
) -> Result<Vec<u8>> {
    // In an archive that has changed, this index may be another entry.
    if stamp(path)? != opened {
        return Err(Error::Changed { path: path.into() });
    }
    LAST.with_borrow_mut(|last| {
        let is_last = |of: &&mut OpenArchive| of.0 == path && of.1 == opened;
        let (_, _, zip) = match last.as_mut().filter(is_last) {
            Some(last) => last,
            None => last.insert((path.into(), opened, archive(path)?)),
        };
        read_entry(zip, index, shown, limit)
    })
}

fn stamp(path: &Path) -> Result<Stamp> {
    let metadata = std::fs::metadata(path).map_err(Error::reading(path))?;
    Ok(Stamp::of(&metadata))
}

fn read_entry(
    zip: &mut ZipArchive<BufReader<File>>,
    index: usize,
    shown: &Path,
    limit: u64,
) -> Result<Vec<u8>> {
    let entry = zip.by_index(index).map_err(|error| wrong(shown, error))?;
    check_size(shown, entry.size(), limit)?;
    if entry.size() > MEGABYTE && entry.size() / entry.compressed_size().max(1) > TIGHTEST {
        return Err(wrong(shown, "it is packed tighter than any text"));
    }
    let most = limit.saturating_mul(MEGABYTE).saturating_add(1);
    let mut bytes = Vec::new();
    // The stated size may be false.
    entry
        .take(most)
        .read_to_end(&mut bytes)
        .map_err(|error| wrong(shown, error))?;
    check_size(shown, bytes.len() as u64, limit)?;
    Ok(bytes)
}
