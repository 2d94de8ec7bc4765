//! Results kept beside the reports, so that the next run reads only what is new.
//!
//! An entry is one statement: its rows and its text, compressed, under a name made from its id. It counts only while
//! nothing has changed that could change the rows: the bytes, path, format and metadata of the statement, the sources of
//! the program, the engine with its weights and settings, the taxonomy. (Threads are not among them, though with
//! `rust-bert` they may decide the last digit of a score.) A new result takes the place of the old one, and a statement
//! that is gone from the reports goes from here, so that the cache holds what the reports hold and no draft lives on in
//! it. Entries appear whole or not at all; a damaged one is ignored. Reports are always written anew, from rows old and
//! new, so that a resumed run gives the bytes of a full one.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::json;
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use crate::error::Error;
use crate::folder::{FolderLock, make_folder};
use crate::input::Found;
use crate::open;
use crate::output::Finished;
use crate::output::run::Run;
use crate::text::hex;

/// The results of earlier runs with the same output folder.
pub struct Cache {
    folder: PathBuf,
    /// Where entries lie until they are whole.
    unfinished: PathBuf,
    /// Digest of what decides about rows besides the statement.
    made_by: String,
    /// The first entry that could not be written or removed.
    trouble: Mutex<Option<Error>>,
}

impl Cache {
    /// The cache beside the reports, for a run of this kind. None where nothing keeps two runs from using it at once.
    pub fn new(lock: &FolderLock, run: &Run) -> Option<Self> {
        let of = &run.provenance;
        let folder = lock.cache_folder()?;
        // Where it cannot be made, no entry can, and that is told.
        let _ = make_folder(&folder);
        // The limits do not belong here: what they refuse never gets as far.
        let made_by = json!([
            run.schema_version,
            run.source_sha256,
            of.engine,
            of.weights_sha256,
            of.taxonomy_sha256,
            run.settings.model_files_sha256,
            run.settings.device,
            run.settings.batch_tokens,
        ]);
        Some(Self {
            folder,
            unfinished: lock.unfinished(),
            made_by: hex(&Sha256::digest(made_by.to_string())),
            trouble: Mutex::new(None),
        })
    }

    /// The result for a statement whose bytes have the SHA-256 `sha256`, if there is one.
    pub fn get(&self, found: &Found, sha256: &str) -> Option<Finished> {
        let place = self.place(&found.doc_id);
        self.check(&place).ok()?;
        let file = open::unlinked(&place).ok()?;
        read(BufReader::new(file), &self.key(found, sha256))
            .ok()
            .flatten()
    }

    /// Keeps a result. A run does not fail because it cannot: [`trouble`](Self::trouble) tells.
    pub fn put(&self, found: &Found, finished: &Finished) {
        let key = self.key(found, &finished.tables.document.sha256);
        let place = self.place(&found.doc_id);
        let written = write(&self.unfinished, &key, finished).and_then(|file| {
            // Not those above it: a folder of reports that is gone does not come back.
            make_folder(place.parent().unwrap_or(&place))?;
            self.check(&place)?;
            file.persist(&place)?;
            Ok(())
        });
        if let Err(source) = written {
            self.keep_trouble(source);
        }
    }

    /// That the folder of an entry is a folder and no link.
    fn check(&self, place: &Path) -> io::Result<()> {
        let folder = place.parent().and_then(Path::file_name);
        open::check_folders(&self.folder, Path::new(folder.unwrap_or_default()))
    }

    /// Removes the entries of all statements but these; what is no entry stays, and no link is followed.
    pub fn prune(&self, statements: &[Found]) {
        let places = statements.iter().map(|found| self.place(&found.doc_id));
        let used: HashSet<PathBuf> = places.collect();
        let entries = walkdir::WalkDir::new(&self.folder).follow_root_links(false);
        for entry in entries.into_iter().flatten() {
            if entry.file_type().is_file()
                && is_entry(&entry)
                && !used.contains(entry.path())
                && let Err(source) = std::fs::remove_file(entry.path())
            {
                self.keep_trouble(source);
            }
        }
    }

    /// Why the next run will have to do some of the work again, if it will.
    pub fn trouble(&self) -> Option<String> {
        let trouble = self.trouble.lock().ok()?;
        trouble.as_ref().map(Error::to_string)
    }

    fn keep_trouble(&self, source: io::Error) {
        if let Ok(mut trouble) = self.trouble.lock() {
            let path = self.folder.clone();
            trouble.get_or_insert(Error::Write { path, source });
        }
    }

    fn key(&self, found: &Found, sha256: &str) -> String {
        let key = json!([
            self.made_by,
            found.doc_id,
            found.path().to_string_lossy(),
            found.format,
            // A row of a table has other columns, too.
            found.origin.column(),
            found.metadata,
            sha256
        ]);
        hex(&Sha256::digest(key.to_string()))
    }

    /// Where the entry of a statement is; in one of 256 folders, as some systems are slow with many files in one.
    fn place(&self, doc_id: &str) -> PathBuf {
        let name = hex(&Sha256::digest(doc_id));
        let (folder, name) = name.split_at(2);
        self.folder.join(folder).join(name)
    }
}

/// Whether a file in the cache has the place that [`Cache::place`] gives.
fn is_entry(file: &walkdir::DirEntry) -> bool {
    let of = file.path();
    let folder = of.parent().and_then(Path::file_name).unwrap_or_default();
    let is_hex = |name: &OsStr, length| {
        name.len() == length && name.as_encoded_bytes().iter().all(u8::is_ascii_hexdigit)
    };
    file.depth() == 2 && is_hex(folder, 2) && is_hex(file.file_name(), 62)
}

/// The result in an entry, if it has this key.
fn read(mut entry: impl BufRead, key: &str) -> io::Result<Option<Finished>> {
    let mut line = String::new();
    entry.read_line(&mut line)?;
    if line.trim_end() != key {
        return Ok(None);
    }
    let mut json = Vec::new();
    GzDecoder::new(entry).read_to_end(&mut json)?;
    Ok(Some(serde_json::from_slice(&json)?))
}

fn write(unfinished: &Path, key: &str, finished: &Finished) -> io::Result<NamedTempFile> {
    // Only the user may read an entry: drafts are under embargo.
    let mut file = NamedTempFile::new_in(unfinished)?;
    let mut entry = BufWriter::new(&mut file);
    writeln!(entry, "{key}")?;
    let mut packed = GzEncoder::new(entry, Compression::fast());
    // In one piece: packing bit by bit takes three times as long.
    packed.write_all(&serde_json::to_vec(finished)?)?;
    packed.finish()?.flush()?;
    Ok(file)
}
