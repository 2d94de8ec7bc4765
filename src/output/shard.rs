//! A run divided among machines: the file that a part leaves, and how the parts are put together again.
//!
//! Every part looks at the whole archive, so that ids are those of an undivided run, and leaves its finished statements
//! and failures in the order of the whole. Merging reads all parts side by side and feeds the usual report.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::files::{Complete, OutputFile, Target, remove};
use super::finished::Finished;
use super::rows::FailureRow;
use super::run::Run;
use super::tables::{Counts, Table};
use crate::error::{Error, Result};
use crate::folder::{RUN_FILE, SHARD_FILE};
use crate::input::{Findings, Shard};
use crate::open;
use crate::text::{hex, shown};

/// The first line of a shard file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardHead {
    /// The run that made it.
    pub run: Run,
    /// The text of the taxonomy.
    pub taxonomy: String,
    /// SHA-256 of the ids, paths and metadata of the statements of all parts.
    pub archive_sha256: String,
}

impl ShardHead {
    /// The head for a part of `findings`, which are still those of all parts.
    pub fn new(run: Run, taxonomy: &str, findings: &Findings) -> Self {
        let mut digest = Sha256::new();
        for found in &findings.statements {
            let path = found.path().to_string_lossy();
            let line = json!([found.doc_id, path, found.metadata]);
            digest.update(format!("{line}\n"));
        }
        Self {
            run,
            taxonomy: taxonomy.into(),
            archive_sha256: hex(&digest.finalize()),
        }
    }
}

/// The other lines: statements in the order of their ids, failures, and one that says how many there were.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum ShardLine {
    Statement(Box<Finished>),
    Failure(FailureRow),
    End { statements: usize, failures: usize },
}

/// A [`ShardLine`] as it is written.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum ShardLineOut<'a> {
    Statement(&'a Finished),
    Failure(&'a FailureRow),
    End { statements: usize, failures: usize },
}

/// The shard file being written.
pub(super) struct ShardFile {
    path: PathBuf,
    lines: GzEncoder<OutputFile>,
}

impl ShardFile {
    /// Opens the file; that of an earlier run goes, and `run.json`, which knows of it.
    pub fn create(target: &Target, head: &ShardHead) -> Result<Self> {
        if let Some(folder) = target.folder() {
            remove(&folder.join(RUN_FILE))?;
            remove(&folder.join(SHARD_FILE))?;
        }
        let file = target.open(SHARD_FILE)?;
        let mut shard = Self {
            path: file.path.clone(),
            lines: GzEncoder::new(file, Compression::fast()),
        };
        shard.add(head)?;
        Ok(shard)
    }

    pub fn write(&mut self, finished: &Finished) -> Result<()> {
        self.add(&ShardLineOut::Statement(finished))
    }

    pub fn write_failure(&mut self, failure: &FailureRow) -> Result<()> {
        self.add(&ShardLineOut::Failure(failure))
    }

    /// Completes the file.
    pub fn finish(mut self, counts: Counts) -> Result<Option<Complete>> {
        self.add(&ShardLineOut::End {
            statements: counts.of(Table::Documents),
            failures: counts.of(Table::Failures),
        })?;
        let file = self.lines.finish().map_err(Error::writing(&self.path))?;
        file.finish()
    }

    fn add(&mut self, line: &impl Serialize) -> Result<()> {
        let mut bytes = serde_json::to_vec(line).unwrap_or_default();
        bytes.push(b'\n');
        self.lines
            .write_all(&bytes)
            .map_err(Error::writing(&self.path))
    }
}

/// A shard file being read.
pub struct ShardReader {
    path: PathBuf,
    lines: BufReader<MultiGzDecoder<File>>,
    /// Its first line.
    pub head: ShardHead,
    next: Option<ShardLine>,
    statements: usize,
    failures: usize,
}

impl ShardReader {
    /// Opens the shard file `path`.
    ///
    /// # Errors
    /// When it cannot be read or is not one.
    pub fn open(path: &Path) -> Result<Self> {
        let file = open::regular(path).map_err(Error::reading(path))?;
        let mut lines = BufReader::new(MultiGzDecoder::new(file));
        let head = line(&mut lines, path)?;
        let mut reader = Self {
            path: path.into(),
            lines,
            head,
            next: None,
            statements: 0,
            failures: 0,
        };
        reader.advance()?;
        Ok(reader)
    }

    /// The part that it is.
    pub fn shard(&self) -> Option<Shard> {
        self.head.run.shard
    }

    fn advance(&mut self) -> Result<Option<ShardLine>> {
        let next = line(&mut self.lines, &self.path)?;
        match &next {
            ShardLine::Statement(_) => self.statements += 1,
            ShardLine::Failure(_) => self.failures += 1,
            ShardLine::End {
                statements,
                failures,
            } => {
                if (*statements, *failures) != (self.statements, self.failures) {
                    return Err(broken(&self.path, "lines are missing"));
                }
                // The checksum stands behind the last line.
                match self.lines.fill_buf() {
                    Ok([]) => {}
                    Ok(_) => return Err(broken(&self.path, "it goes on behind its end")),
                    Err(error) => return Err(broken(&self.path, error)),
                }
            }
        }
        Ok(self.next.replace(next))
    }

    /// Its place among the others: statements before failures, both in order.
    fn order(&self) -> Order<'_> {
        match &self.next {
            Some(ShardLine::Statement(finished)) => {
                let document = &finished.tables.document;
                Order::Statement(&document.doc_id, Path::new(&document.path))
            }
            Some(ShardLine::Failure(failure)) => Order::Failure(&failure.path),
            Some(ShardLine::End { .. }) | None => Order::End,
        }
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Order<'a> {
    Statement(&'a str, &'a Path),
    Failure(&'a str),
    End,
}

fn line<T: serde::de::DeserializeOwned>(lines: &mut impl BufRead, path: &Path) -> Result<T> {
    let mut bytes = Vec::new();
    lines
        .read_until(b'\n', &mut bytes)
        .map_err(|error| broken(path, error))?;
    serde_json::from_slice(&bytes).map_err(|error| broken(path, error))
}

fn broken(path: &Path, reason: impl fmt::Display) -> Error {
    Error::Shard {
        path: path.into(),
        reason: format!("it is not a whole shard file: {reason}"),
        hint: "run this shard again".into(),
    }
}

/// What the parts of a run give together.
pub enum Merged {
    /// A statement.
    Statement(Box<Finished>),
    /// One that could not be analysed.
    Failure(FailureRow),
}

/// Checks that these are all parts of one run, each once; the run that they make together.
///
/// # Errors
/// [`Error::Shard`] when one is missing, doubled or made in another way.
pub fn check(shards: &[ShardReader]) -> Result<ShardHead> {
    let wrong = |shard: &ShardReader, reason: String, hint: &str| Error::Shard {
        path: shard.path.clone(),
        reason,
        hint: hint.into(),
    };
    let Some(first) = shards.first() else {
        return Err(Error::Shard {
            path: PathBuf::new(),
            reason: "there is no shard".into(),
            hint: "run `demarche analyze --shard i/n -o FOLDER` first".into(),
        });
    };
    if first.head.run.source_sha256 != Run::SOURCE_SHA256 {
        return Err(wrong(
            first,
            "it was made by another build of the program than this one".into(),
            "merge with the program that made the shards, or make them anew",
        ));
    }
    let mut seen = BTreeSet::new();
    let mut platforms = BTreeSet::new();
    let mut whole = first.head.clone();
    for shard in shards {
        let Some(part) = shard.shard() else {
            return Err(broken(&shard.path, "it does not say which part it is"));
        };
        if let Some(difference) = difference(&shard.head, &first.head) {
            let reason = format!("it does not go with {}: {difference}", shown(&first.path));
            return Err(wrong(
                shard,
                reason,
                "make all shards with the same program, settings and statements, under the same paths",
            ));
        }
        if !seen.insert(part) {
            let twin = shards.iter().find(|other| other.shard() == Some(part));
            let twin = twin.map_or_else(String::new, |twin| shown(&twin.path));
            let reason = format!("it is shard {part}, and so is {twin}");
            return Err(wrong(shard, reason, "leave one of them out"));
        }
        platforms.insert(shard.head.run.platform.clone());
        for warning in &shard.head.run.warnings {
            if !whole.run.warnings.contains(warning) {
                whole.run.warnings.push(warning.clone());
            }
        }
    }
    let count = first.shard().map_or(0, Shard::count);
    let missing: Vec<String> = Shard::all(count)
        .filter(|part| !seen.contains(part))
        .map(|part| part.to_string())
        .collect();
    if !missing.is_empty() {
        let reason = format!("shard {} is missing beside it", missing.join(", "));
        return Err(wrong(
            first,
            reason,
            "run what is missing, or copy it there",
        ));
    }
    whole.run.platform = platforms.into_iter().collect::<Vec<_>>().join("; ");
    whole.run.shard = None;
    Ok(whole)
}

/// What of their making sets a shard apart from another.
fn difference(one: &ShardHead, other: &ShardHead) -> Option<String> {
    let made = |head: &ShardHead| {
        let count = head.run.shard.map(Shard::count);
        json!({
            "number of shards": count,
            "build of the program": [head.run.source_sha256, head.run.commit],
            "provenance": head.run.provenance,
            "taxonomy": head.taxonomy,
            "settings": head.run.settings,
            "list of statements": [head.archive_sha256, head.run.metadata],
        })
    };
    let (one, other) = (made(one), made(other));
    let differing = |one: &Value, other: &Value| -> Option<String> {
        let keys = one.as_object()?.keys();
        let mut keys = keys.filter(|key| one.get(key) != other.get(key));
        keys.next().cloned()
    };
    let what = differing(&one, &other)?;
    let (one, other) = (&one[&what], &other[&what]);
    Some(match differing(one, other) {
        Some(setting) => format!(
            "its {setting} is {}, not {}",
            one.get(&setting).unwrap_or(&Value::Null),
            other.get(&setting).unwrap_or(&Value::Null)
        ),
        None if one.is_number() => format!("its {what} is {one}, not {other}"),
        None => format!("its {what} is another"),
    })
}

/// Hands everything that the parts hold to `sink`, in the order of a run that was not divided.
///
/// # Errors
/// When a part is broken, and those of `sink`.
pub fn merge(
    mut shards: Vec<ShardReader>,
    sink: &mut dyn FnMut(Merged) -> Result<()>,
) -> Result<()> {
    loop {
        let first = shards.iter_mut().min_by(|a, b| a.order().cmp(&b.order()));
        let Some(first) = first else {
            return Ok(());
        };
        if matches!(first.next, Some(ShardLine::End { .. }) | None) {
            return Ok(());
        }
        match first.advance()? {
            Some(ShardLine::Statement(finished)) => sink(Merged::Statement(finished))?,
            Some(ShardLine::Failure(failure)) => sink(Merged::Failure(failure))?,
            Some(ShardLine::End { .. }) | None => return Ok(()),
        }
    }
}

/// The shard files in these folders and below them, and those named.
///
/// # Errors
/// When a folder cannot be read.
pub fn find(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_file() {
            files.push(path.clone());
            continue;
        }
        for entry in walkdir::WalkDir::new(path).sort_by_file_name() {
            let entry = entry.map_err(|error| Error::Read {
                path: error.path().unwrap_or(path).into(),
                source: error.into(),
            })?;
            if entry.file_name() == SHARD_FILE {
                files.push(entry.into_path());
            }
        }
    }
    files.sort();
    files.dedup();
    Ok(files)
}
