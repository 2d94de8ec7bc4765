//! Where reports go, and how they get there whole: everything is written in a hidden folder beside them and gets its
//! name when it is complete.

use std::fs::{File, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

use super::Finished;
use crate::error::{Error, Result};

/// The folder of the texts, beside the reports.
pub const TEXT_FOLDER: &str = "text";

/// What the program keeps for itself beside the reports: the lock, unfinished files, the cache.
pub const HIDDEN: &str = ".demarche";

/// The file that is locked, in [`HIDDEN`].
const LOCK: &str = "lock";

/// Where reports go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Files in this folder, made if need be.
    Folder(PathBuf),
    /// Standard output, one format.
    Stdout,
}

/// Keeps other runs from writing to the same folder, until it is dropped or the program ends, however it ends.
#[derive(Debug)]
pub struct FolderLock {
    /// None where the file system knows no locks.
    file: Option<File>,
    folder: PathBuf,
}

impl FolderLock {
    /// Where the cache goes; nowhere if two runs could use it at once.
    pub fn cache_folder(&self) -> Option<PathBuf> {
        self.file
            .as_ref()
            .map(|_| self.folder.join(HIDDEN).join("cache"))
    }

    /// Where files lie that have no name yet.
    pub fn unfinished_folder(&self) -> PathBuf {
        unfinished(&self.folder)
    }

    /// That the folder is still there, so that a run does not work on in vain.
    ///
    /// # Errors
    /// [`Error::Write`] when it is gone.
    pub fn check(&self) -> Result<()> {
        let there = std::fs::metadata(self.folder.join(HIDDEN).join(LOCK));
        there.map(drop).map_err(write_error(&self.folder))
    }
}

impl Target {
    /// Makes the folder, tries to write in it, so that a run does not work for an hour in vain, takes the lock and
    /// removes what a run that was killed left unfinished. None for standard output.
    ///
    /// # Errors
    /// When the folder cannot be made or written to, or another run is writing to it.
    pub fn lock(&self) -> Result<Option<FolderLock>> {
        let Self::Folder(folder) = self else {
            return Ok(None);
        };
        let failed = write_error(folder);
        let hidden = folder.join(HIDDEN);
        std::fs::create_dir_all(&hidden).map_err(&failed)?;
        let file = File::create(hidden.join(LOCK)).map_err(&failed)?;
        let file = match file.try_lock() {
            Ok(()) => Some(file),
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Locked {
                    path: folder.clone(),
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
        Ok(Some(FolderLock {
            file,
            folder: folder.clone(),
        }))
    }

    pub(super) fn open(&self, name: &str) -> Result<OutputFile> {
        match self {
            Self::Folder(folder) => OutputFile::create(folder, name),
            Self::Stdout => Ok(OutputFile {
                path: PathBuf::from("standard output"),
                to: Stream::Stdout(BufWriter::new(io::stdout())),
            }),
        }
    }

    /// A nameless file for rows that have to wait; beside the report, since `/tmp` may be small.
    pub(super) fn spool(&self) -> Result<BufWriter<File>> {
        let (path, file) = match self {
            Self::Folder(folder) => (folder.clone(), tempfile::tempfile_in(folder)),
            Self::Stdout => (std::env::temp_dir(), tempfile::tempfile()),
        };
        file.map(BufWriter::new)
            .map_err(|source| Error::Write { path, source })
    }
}

/// Where files lie that have no name yet.
fn unfinished(folder: &Path) -> PathBuf {
    folder.join(HIDDEN).join("unfinished")
}

/// Writes the text of a statement, into which its offsets point, to `text/<doc_id>.txt`; nothing for standard output.
///
/// # Errors
/// When it cannot be written.
pub fn save_text(target: &Target, finished: &Finished) -> Result<()> {
    let Target::Folder(folder) = target else {
        return Ok(());
    };
    let name = format!("{TEXT_FOLDER}/{}.txt", finished.tables.document.doc_id);
    let mut file = OutputFile::create(folder, &name)?;
    file.write_all(finished.text.as_bytes())
        .map_err(write_error(&file.path.clone()))?;
    file.finish()?.map(Complete::publish).transpose().map(drop)
}

/// A file that appears under its name only when it is complete.
pub(super) struct OutputFile {
    pub path: PathBuf,
    to: Stream,
}

enum Stream {
    File(Box<BufWriter<NamedTempFile>>),
    Stdout(BufWriter<io::Stdout>),
}

/// A file that is complete and has no name yet.
#[derive(Debug)]
pub(super) struct Complete {
    pub path: PathBuf,
    /// None for a file that has its name already.
    unfinished: Option<TempPath>,
}

impl Complete {
    /// A file that has its name already.
    pub fn published(path: PathBuf) -> Self {
        Self {
            path,
            unfinished: None,
        }
    }

    /// Gives the file its name.
    pub fn publish(self) -> Result<PathBuf> {
        if let Some(unfinished) = self.unfinished {
            unfinished
                .persist(&self.path)
                .map_err(|error| write_error(&self.path)(error.error))?;
        }
        Ok(self.path)
    }
}

impl OutputFile {
    /// A file `name` in the folder of the reports; `name` may have folders in it.
    pub fn create(folder: &Path, name: &str) -> Result<Self> {
        let path = folder.join(name);
        let unfinished = unfinished(folder);
        let create = || {
            std::fs::create_dir_all(&unfinished)?;
            std::fs::create_dir_all(path.parent().unwrap_or(folder))?;
            new_file(&unfinished)
        };
        match create() {
            Ok(file) => Ok(Self {
                to: Stream::File(Box::new(BufWriter::with_capacity(1 << 16, file))),
                path,
            }),
            Err(source) => Err(write_error(&path)(source)),
        }
    }

    /// Completes the file; none for standard output.
    pub fn finish(self) -> Result<Option<Complete>> {
        let path = self.path;
        match self.to {
            Stream::Stdout(mut stdout) => {
                stdout.flush().map_err(write_error(&path))?;
                Ok(None)
            }
            Stream::File(file) => {
                let file = file
                    .into_inner()
                    .map_err(|error| write_error(&path)(error.into_error()))?;
                Ok(Some(Complete {
                    path,
                    unfinished: Some(file.into_temp_path()),
                }))
            }
        }
    }
}

/// A new file that is removed unless it gets a name. It is for sharing: the user's own mask decides, as for any other.
fn new_file(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.to {
            Stream::File(file) => file.write(bytes),
            Stream::Stdout(stdout) => stdout.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.to {
            Stream::File(file) => file.flush(),
            Stream::Stdout(stdout) => stdout.flush(),
        }
    }
}

/// An [`Error::Write`] for `path`.
pub(super) fn write_error(path: &Path) -> impl Fn(io::Error) -> Error + '_ {
    |source| Error::Write {
        path: path.into(),
        source,
    }
}
