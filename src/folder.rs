//! The hidden folder that the program keeps beside its reports: the lock, unfinished files, the cache, the names of the
//! reports. Those who look for statements and those who write reports both know it from here.
//!
//! Somebody else may have filled it: nothing in it is reached through a link, and of the names of reports only those count
//! that the program gives.
//!
//! The lock lets one run at a time write to a folder; the system gives it up when the run ends, however it ends.

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

use crate::error::{Error, Result};
use crate::open;
use crate::text::{counted, shown};

/// What the program keeps for itself beside the reports: the lock, unfinished files, the cache, the names of the reports.
pub const HIDDEN: &str = ".demarche";

/// The file that is locked, in [`HIDDEN`].
const LOCK: &str = "lock";

/// The folder of results, in [`HIDDEN`].
const CACHE: &str = "cache";

/// The file with the names of the reports, in [`HIDDEN`].
pub(crate) const REPORT_NAMES: &str = "reports";

/// The names of reports, which the program keeps a list of; `output/` and `compare/` write them.
pub(crate) const RUN_FILE: &str = "run.json";
pub(crate) const JSON_FILE: &str = "analysis.json";
pub(crate) const JSON_LINES_FILE: &str = "analysis.jsonl";
pub(crate) const XLSX_FILE: &str = "analysis.xlsx";
pub(crate) const HTML_FILE: &str = "report.html";
pub(crate) const LABEL_STUDIO_TASKS: &str = "label-studio.json";
pub(crate) const LABEL_STUDIO_INTERFACE: &str = "label-studio.xml";
pub(crate) const CONLL_FILE: &str = "analysis.conll";
pub(crate) const DOCCANO_FILE: &str = "doccano.jsonl";
pub(crate) const BRAT_FOLDER: &str = "brat";
pub(crate) const BRAT_CONFIGURATION: &str = "brat/annotation.conf";
/// The folder of the texts, which are no format but may stand beside any.
pub(crate) const TEXT_FOLDER: &str = "text";
pub(crate) const CSV_EXTENSION: &str = "csv";
pub(crate) const PARQUET_EXTENSION: &str = "parquet";
pub(crate) const COMPARISON_TEXT: &str = "comparison.txt";
pub(crate) const COMPARISON_JSON: &str = "comparison.json";
pub(crate) const COMPARISON_XLSX: &str = "comparison.xlsx";
pub(crate) const COMPARISON_HTML: &str = "comparison.html";
/// What the name of a table of a comparison begins with.
pub(crate) const COMPARISON_TABLE: &str = "comparison_";

/// The file that a part of a divided run leaves among its reports.
pub const SHARD_FILE: &str = "shard.jsonl.gz";

/// Keeps other runs from writing to the same folder, until it is dropped or the program ends, however it ends.
#[derive(Debug)]
pub struct FolderLock {
    /// None where the file system knows no locks.
    file: Option<File>,
    folder: PathBuf,
    /// What the user should know of the hidden folder, and why no results are kept in it.
    notes: Vec<String>,
}

impl FolderLock {
    /// Makes the folder, tries to write in it, so that a run does not work for an hour in vain, takes the lock and
    /// removes what a run that was killed left unfinished.
    ///
    /// # Errors
    /// When the folder cannot be made or written to, or another run is writing to it.
    pub fn take(folder: &Path) -> Result<Self> {
        let failed = Error::writing(folder);
        make_hidden(folder)?;
        let lock = folder.join(HIDDEN).join(LOCK);
        let file = open::to_keep(&lock).map_err(Error::writing(&lock))?;
        let file = match file.try_lock() {
            Ok(()) => Some(file),
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Locked {
                    path: folder.into(),
                });
            }
            // Some network drives have no locks.
            Err(TryLockError::Error(_)) => None,
        };
        let unfinished = unfinished(folder);
        // Of a link, the link goes.
        if file.is_some() && unfinished.symlink_metadata().is_ok() {
            std::fs::remove_dir_all(&unfinished).map_err(&failed)?;
        }
        let unfinished = make_unfinished(folder)?;
        tempfile::tempfile_in(&unfinished)
            .and_then(|mut file| file.write_all(b"?"))
            .map_err(&failed)?;
        let mut notes = Vec::new();
        if file.is_none() {
            notes.push(format!(
                "{} is on a drive without locks: no results are kept for the next run, and two runs at once would \
                 disturb each other",
                shown(folder)
            ));
        }
        let trouble = [cache_trouble(folder), report_names(folder).trouble];
        notes.extend(
            trouble
                .into_iter()
                .flatten()
                .map(|trouble| format!("{trouble}; results are not kept for the next run")),
        );
        Ok(Self {
            file,
            folder: folder.into(),
            notes,
        })
    }

    /// What the user should know where nothing keeps two runs apart, or somebody else has been at the hidden folder.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Where the cache goes; nowhere if two runs could use it at once, or what is there is not to be trusted.
    pub fn cache_folder(&self) -> Option<PathBuf> {
        self.notes
            .is_empty()
            .then(|| self.folder.join(HIDDEN).join(CACHE))
    }

    /// Where files lie that have no name yet.
    pub fn unfinished(&self) -> PathBuf {
        unfinished(&self.folder)
    }

    /// That the folder is still there, so that a run does not work on in vain.
    ///
    /// # Errors
    /// [`Error::Write`] when it is gone.
    pub fn check(&self) -> Result<()> {
        let there = std::fs::symlink_metadata(self.folder.join(HIDDEN).join(LOCK));
        let there = there.map_err(Error::writing(&self.folder))?;
        match &self.file {
            // Another run may have made the folder anew.
            Some(file) if !is_same_file(file, &there) => {
                Err(Error::writing(&self.folder)(io::ErrorKind::NotFound.into()))
            }
            _ => Ok(()),
        }
    }
}

/// Where files lie that have no name yet.
pub(crate) fn unfinished(folder: &Path) -> PathBuf {
    folder.join(HIDDEN).join("unfinished")
}

#[cfg(unix)]
fn is_same_file(open: &File, named: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    let same = |open: std::fs::Metadata| (open.dev(), open.ino()) == (named.dev(), named.ino());
    open.metadata().is_ok_and(same)
}

/// Elsewhere a file that is open cannot be removed.
#[cfg(not(unix))]
fn is_same_file(_: &File, _: &std::fs::Metadata) -> bool {
    true
}

/// Makes the folder and the hidden one in it, which is no link.
fn make_hidden(folder: &Path) -> Result<()> {
    let hidden = folder.join(HIDDEN);
    std::fs::create_dir_all(folder).map_err(Error::writing(folder))?;
    make_folder(&hidden)
        .and_then(|()| open::check_folders(folder, Path::new(HIDDEN)))
        .map_err(Error::writing(&hidden))
}

/// Makes the folder for files that have no name yet, which is not reached through a link.
pub(crate) fn make_unfinished(folder: &Path) -> Result<PathBuf> {
    make_hidden(folder)?;
    let place = unfinished(folder);
    make_folder(&place)
        .and_then(|()| open::check_folders(&folder.join(HIDDEN), Path::new("unfinished")))
        .map_err(Error::writing(&place))?;
    Ok(place)
}

/// Makes a folder, not those above it; that it is there already is right.
pub(crate) fn make_folder(place: &Path) -> io::Result<()> {
    match std::fs::create_dir(place) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// What is wrong with the folder of results.
fn cache_trouble(folder: &Path) -> Option<String> {
    let hidden = folder.join(HIDDEN);
    let error = open::check_folders(&hidden, Path::new(CACHE)).err()?;
    let place = shown(&hidden.join(CACHE));
    Some(format!(
        "{place} is not used, as somebody else has made it: {error}"
    ))
}

/// The names of the reports in a folder, which may have folders in them.
#[derive(Debug, Default)]
pub struct ReportNames {
    /// Those that the program gives; none where it has written none.
    pub names: BTreeSet<PathBuf>,
    /// What is wrong with their list: it cannot be read, or has names that are none of reports.
    pub trouble: Option<String>,
}

/// The names of the reports in `folder`.
pub fn report_names(folder: &Path) -> ReportNames {
    let place = folder.join(HIDDEN).join(REPORT_NAMES);
    let read = || {
        open::check_folders(folder, Path::new(HIDDEN))?;
        let mut names = String::new();
        open::unlinked(&place)?
            .take(MOST_NAMES)
            .read_to_string(&mut names)?;
        Ok(names)
    };
    let names: String = match read() {
        Ok(names) => names,
        Err(error) => {
            let error: io::Error = error;
            let is_none = matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            );
            return ReportNames {
                names: BTreeSet::new(),
                trouble: (!is_none).then(|| format!("{} is not read: {error}", shown(&place))),
            };
        }
    };
    let (names, strange): (BTreeSet<PathBuf>, BTreeSet<PathBuf>) = names
        .lines()
        .map(PathBuf::from)
        .partition(|name| is_report_name(name));
    let trouble = strange.first().map(|first| {
        format!(
            "{} has {} that no report of demarche has, which is ignored: {}",
            shown(&place),
            counted(strange.len(), "name"),
            shown(first)
        )
    });
    ReportNames { names, trouble }
}

/// Longer lists of reports are cut: no run writes as many.
const MOST_NAMES: u64 = 1_000_000_000;

/// The reports of one file. The tests of `output/` ask for every format here.
const REPORTS: [&str; 15] = [
    RUN_FILE,
    SHARD_FILE,
    JSON_FILE,
    JSON_LINES_FILE,
    XLSX_FILE,
    CONLL_FILE,
    HTML_FILE,
    LABEL_STUDIO_TASKS,
    LABEL_STUDIO_INTERFACE,
    DOCCANO_FILE,
    COMPARISON_TEXT,
    COMPARISON_JSON,
    COMPARISON_XLSX,
    COMPARISON_HTML,
    BRAT_CONFIGURATION,
];

/// Tables, each a file of its own.
const TABLES: [&str; 6] = [
    "documents",
    "sentences",
    "entities",
    "money",
    "themes",
    "failures",
];

/// Whether a report may have this name, which is relative to the folder of the reports.
pub(crate) fn is_report_name(name: &Path) -> bool {
    let is_inside = name
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    let extension = name.extension().unwrap_or_default().to_str();
    let stem = name.with_extension("");
    let is_of_statement = match name.components().next().map(|first| first.as_os_str()) {
        Some(first) if first == TEXT_FOLDER => extension == Some("txt"),
        Some(first) if first == BRAT_FOLDER => matches!(extension, Some("txt" | "ann")),
        _ => false,
    };
    let is_table = match extension {
        Some(CSV_EXTENSION) => {
            let stem = stem.to_str().unwrap_or_default();
            TABLES.contains(&stem) || stem.starts_with(COMPARISON_TABLE)
        }
        Some(PARQUET_EXTENSION) => TABLES.iter().any(|table| stem == Path::new(table)),
        _ => false,
    };
    let is_one = REPORTS.iter().any(|report| name == Path::new(report));
    is_inside && (is_one || is_table && name.parent() == Some(Path::new("")) || is_of_statement)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_the_program_gives_are_those_of_reports() {
        for name in [
            "documents.csv",
            "text/2023/a.b.txt",
            "brat/a.ann",
            "run.json",
        ] {
            assert!(is_report_name(Path::new(name)), "{name}");
        }
        for name in [
            "",
            "a.txt",
            "text",
            "text/a.doc",
            "text/../../x.txt",
            "../documents.csv",
            "/documents.csv",
            "/text/a.txt",
            "a/documents.csv",
            "comparison_/../../x.csv",
            ".demarche/lock",
        ] {
            assert!(!is_report_name(Path::new(name)), "{name}");
        }
    }
}
