//! The hidden folder that the program keeps beside its reports: the lock, unfinished files, the cache, the names of the
//! reports. Those who look for statements and those who write reports both know it from here.
//!
//! The lock lets one run at a time write to a folder; the system gives it up when the run ends, however it ends.

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::text::shown;

/// What the program keeps for itself beside the reports: the lock, unfinished files, the cache, the names of the reports.
pub const HIDDEN: &str = ".demarche";

/// The file that is locked, in [`HIDDEN`].
const LOCK: &str = "lock";

/// The file with the names of the reports, in [`HIDDEN`].
pub(crate) const REPORT_NAMES: &str = "reports";

/// The file that a part of a divided run leaves among its reports.
pub const SHARD_FILE: &str = "shard.jsonl.gz";

/// Keeps other runs from writing to the same folder, until it is dropped or the program ends, however it ends.
#[derive(Debug)]
pub struct FolderLock {
    /// None where the file system knows no locks.
    file: Option<File>,
    folder: PathBuf,
}

impl FolderLock {
    /// Makes the folder, tries to write in it, so that a run does not work for an hour in vain, takes the lock and
    /// removes what a run that was killed left unfinished.
    ///
    /// # Errors
    /// When the folder cannot be made or written to, or another run is writing to it.
    pub fn take(folder: &Path) -> Result<Self> {
        let failed = Error::writing(folder);
        let hidden = folder.join(HIDDEN);
        std::fs::create_dir_all(&hidden).map_err(&failed)?;
        let file = File::create(hidden.join(LOCK)).map_err(&failed)?;
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
        if file.is_some() && unfinished.exists() {
            std::fs::remove_dir_all(&unfinished).map_err(&failed)?;
        }
        std::fs::create_dir_all(&unfinished).map_err(&failed)?;
        tempfile::tempfile_in(&unfinished)
            .and_then(|mut file| file.write_all(b"?"))
            .map_err(&failed)?;
        Ok(Self {
            file,
            folder: folder.into(),
        })
    }

    /// What the user should know where nothing keeps two runs apart.
    pub fn note(&self) -> Option<String> {
        self.file.is_none().then(|| {
            format!(
                "{} is on a drive without locks: no results are kept for the next run, and two runs at once would \
                 disturb each other",
                shown(&self.folder)
            )
        })
    }

    /// Where the cache goes; nowhere if two runs could use it at once.
    pub fn cache_folder(&self) -> Option<PathBuf> {
        self.file
            .as_ref()
            .map(|_| self.folder.join(HIDDEN).join("cache"))
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
        let there = std::fs::metadata(self.folder.join(HIDDEN).join(LOCK));
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

/// The names of the reports in `folder`, which may have folders in them; none where the program has written none.
///
/// # Errors
/// When they cannot be read.
pub fn report_names(folder: &Path) -> io::Result<BTreeSet<PathBuf>> {
    match std::fs::read_to_string(folder.join(HIDDEN).join(REPORT_NAMES)) {
        Ok(names) => Ok(names.lines().map(PathBuf::from).collect()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeSet::new()),
        Err(error) => Err(error),
    }
}
