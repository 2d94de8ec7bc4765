//! Where reports go, and how they get there whole: everything is written in a hidden folder beside them and gets its
//! name when all of it is complete.

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Component, Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

use super::shard::SHARD_FILE;
use crate::error::{Error, Result, shown};

/// What the program keeps for itself beside the reports: the lock, unfinished files, the cache, the names of the reports.
pub const HIDDEN: &str = ".demarche";

/// The file that is locked, in [`HIDDEN`].
const LOCK: &str = "lock";

/// The file with the names of the reports, in [`HIDDEN`].
const REPORT_NAMES: &str = "reports";

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
    pub fn unfinished_folder(&self) -> PathBuf {
        unfinished(&self.folder)
    }

    /// That the folder is still there, so that a run does not work on in vain.
    ///
    /// # Errors
    /// [`Error::Write`] when it is gone.
    pub fn check(&self) -> Result<()> {
        let there = std::fs::metadata(self.folder.join(HIDDEN).join(LOCK));
        let there = there.map_err(write_error(&self.folder))?;
        match &self.file {
            // Another run may have made the folder anew.
            Some(file) if !is_same_file(file, &there) => {
                Err(write_error(&self.folder)(io::ErrorKind::NotFound.into()))
            }
            _ => Ok(()),
        }
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

    /// The folder of the reports; none for standard output.
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::Folder(folder) => Some(folder),
            Self::Stdout => None,
        }
    }

    /// The folder for files that have no name yet.
    pub(super) fn unfinished(&self) -> Option<PathBuf> {
        self.folder().map(unfinished)
    }

    /// A nameless file for rows that have to wait; beside the report, since `/tmp` may be small.
    pub(super) fn spool(&self) -> Result<BufWriter<File>> {
        let (path, file) = match self {
            Self::Folder(folder) => (folder.clone(), tempfile::tempfile_in(unfinished(folder))),
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

fn note_report_names<'a>(
    folder: &Path,
    names: impl IntoIterator<Item = &'a PathBuf>,
) -> Result<()> {
    let lines: String = names
        .into_iter()
        .map(|name| format!("{}\n", name.display()))
        .collect();
    let place = Path::new(HIDDEN).join(REPORT_NAMES);
    let file = Complete::new(folder, &place.to_string_lossy(), &lines)?;
    file.publish().map(drop)
}

/// Gives complete files their names. The `record` of a run comes last and is not there while the others are changed. Where a
/// run has a file a statement in a folder, those of an earlier run that are not among them go, and so does its shard file.
/// The paths, in order.
///
/// # Errors
/// When a file cannot be renamed or removed.
pub(super) fn publish(
    target: &Target,
    complete: Vec<Complete>,
    record: Option<Complete>,
) -> Result<Vec<PathBuf>> {
    let Target::Folder(folder) = target else {
        return Ok(Vec::new());
    };
    let mut before = report_names(folder).map_err(write_error(folder))?;
    before.retain(|name| folder.join(name).exists());
    let names = complete.iter().chain(&record);
    let names: BTreeSet<PathBuf> = names
        .filter_map(|file| Some(file.path.strip_prefix(folder).ok()?.to_path_buf()))
        .collect();
    refuse_clashes(folder, &names)?;
    let folders: BTreeSet<_> = names.iter().filter_map(|name| first_folder(name)).collect();
    let stale: BTreeSet<&PathBuf> = before
        .difference(&names)
        .filter(|name| {
            first_folder(name).is_some_and(|folder| folders.contains(folder))
                || record.is_some() && name.as_os_str() == SHARD_FILE
        })
        .collect();

    // Rather too many than too few: wherever this is killed, no report is taken for a statement.
    note_report_names(folder, before.union(&names))?;
    if let Some(record) = &record {
        remove(&record.path)?;
    }
    stale
        .iter()
        .try_for_each(|name| remove(&folder.join(name)))?;
    let mut paths: Vec<PathBuf> = complete
        .into_iter()
        .map(Complete::publish)
        .collect::<Result<_>>()?;
    if let Some(record) = record {
        paths.push(record.publish()?);
    }
    if !stale.is_empty() {
        let left = before.union(&names).filter(|name| !stale.contains(name));
        note_report_names(folder, left)?;
    }
    Ok(paths)
}

/// No report may have a name that is a folder of other reports.
fn refuse_clashes(folder: &Path, names: &BTreeSet<PathBuf>) -> Result<()> {
    for name in names {
        let clash = name
            .ancestors()
            .skip(1)
            .find(|above| names.contains(*above));
        if let Some(clash) = clash {
            return Err(Error::Settings {
                file: shown(&folder.join(clash)),
                reason: "one statement needs it as a file and another as a folder".into(),
                hint: "rename one of them".into(),
            });
        }
    }
    Ok(())
}

/// The folder in the name of a report, if it has one.
fn first_folder(name: &Path) -> Option<&Path> {
    let Component::Normal(first) = name.components().next()? else {
        return None;
    };
    (first != name).then_some(Path::new(first))
}

/// Removes a file, if it is there.
pub(super) fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(write_error(path)(error)),
        _ => Ok(()),
    }
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

/// The files of a report that has one a statement: they wait for each other.
pub(super) struct ManyFiles {
    /// None for standard output, which takes no such report.
    folder: Option<PathBuf>,
    complete: Vec<Complete>,
}

impl ManyFiles {
    pub fn new(target: &Target) -> Self {
        Self {
            folder: target.folder().map(Path::to_path_buf),
            complete: Vec::new(),
        }
    }

    /// Writes a file `name` of this content; `name` may have folders in it.
    pub fn put(&mut self, name: &str, content: &str) -> Result<()> {
        if let Some(folder) = &self.folder {
            self.complete.push(Complete::new(folder, name, content)?);
        }
        Ok(())
    }

    /// All of them.
    pub fn finish(self) -> Vec<Complete> {
        self.complete
    }
}

/// A file that is complete and has no name yet.
#[derive(Debug)]
pub(super) struct Complete {
    pub path: PathBuf,
    unfinished: TempPath,
}

impl Complete {
    /// A file `name` of this content in the folder of the reports; `name` may have folders in it.
    pub fn new(folder: &Path, name: &str, content: &str) -> Result<Self> {
        let path = folder.join(name);
        let write = || {
            let mut file = new_file(folder)?;
            file.write_all(content.as_bytes())?;
            Ok(file.into_temp_path())
        };
        match write() {
            Ok(unfinished) => Ok(Self { path, unfinished }),
            Err(error) => Err(write_error(&path)(error)),
        }
    }

    /// Gives the file its name.
    fn publish(self) -> Result<PathBuf> {
        let Self { path, unfinished } = self;
        let put = || {
            std::fs::create_dir_all(path.parent().unwrap_or(&path))?;
            unfinished.persist(&path).map_err(|error| error.error)
        };
        match put() {
            Ok(()) => Ok(path),
            Err(error) => Err(write_error(&path)(error)),
        }
    }
}

impl OutputFile {
    /// A file `name` in the folder of the reports; `name` may have folders in it.
    pub fn create(folder: &Path, name: &str) -> Result<Self> {
        let path = folder.join(name);
        match new_file(folder) {
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
                    unfinished: file.into_temp_path(),
                }))
            }
        }
    }
}

/// A new file in the folder of the reports that is removed unless it gets a name. It is for sharing: the user's own mask
/// decides, as for any other.
fn new_file(folder: &Path) -> io::Result<NamedTempFile> {
    let unfinished = unfinished(folder);
    std::fs::create_dir_all(&unfinished)?;
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(unfinished)
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

/// The error of a library as one of input and output, of the kind that the system gave: a full disk has its own advice.
pub(super) fn io_error(error: &(dyn std::error::Error + 'static)) -> io::Error {
    let mut kind = io::ErrorKind::Other;
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            kind = error.kind();
        }
        cause = error.source();
    }
    io::Error::new(kind, error.to_string())
}

/// An [`Error::Write`] for `path`.
pub(super) fn write_error(path: &Path) -> impl Fn(io::Error) -> Error + '_ {
    |source| Error::Write {
        path: path.into(),
        source,
    }
}
