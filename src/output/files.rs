//! Where reports go, and how they get there whole.
//!
//! Everything is written in `.demarche/unfinished` and renamed when all of it is complete. `run.json` is removed first and
//! comes back last, so that it is there only beside reports that belong together. `.demarche/reports` has the names of
//! the reports: the search for statements passes over them, so that they may lie among the statements, and where a run
//! writes files per statement (`text`, `brat`), those of statements that are gone are removed.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};
use std::path::{Component, Path, PathBuf};

use serde::Serialize;
use tempfile::{NamedTempFile, TempPath};

use crate::error::{Error, Result};
use crate::folder::{
    FolderLock, HIDDEN, REPORT_NAMES, SHARD_FILE, make_unfinished, report_names, unfinished,
};
use crate::open;
use crate::text::shown;

/// Where reports go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Files in this folder, made if need be.
    Folder(PathBuf),
    /// Standard output, one format.
    Stdout,
}

impl Target {
    /// Makes the folder, tries to write in it and takes its lock; none for standard output.
    ///
    /// # Errors
    /// Those of [`FolderLock::take`].
    pub fn lock(&self) -> Result<Option<FolderLock>> {
        self.folder().map(FolderLock::take).transpose()
    }

    pub(crate) fn open(&self, name: &str) -> Result<OutputFile> {
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

    /// A nameless file for rows that have to wait; beside the report, since `/tmp` may be small.
    pub(crate) fn spool(&self) -> Result<Spool> {
        let (path, file) = match self {
            Self::Folder(folder) => (folder.clone(), tempfile::tempfile_in(unfinished(folder))),
            Self::Stdout => (std::env::temp_dir(), tempfile::tempfile()),
        };
        match file {
            Ok(file) => Ok(Spool {
                waiting: BufWriter::new(file),
                is_empty: true,
            }),
            Err(source) => Err(Error::Write { path, source }),
        }
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
/// run has one file per statement in a folder, those of an earlier run that are not among them go, and so does its shard file.
/// The paths, in order.
///
/// # Errors
/// When a file cannot be renamed or removed.
pub(crate) fn publish(
    target: &Target,
    complete: Vec<Complete>,
    record: Option<Complete>,
) -> Result<Vec<PathBuf>> {
    let Target::Folder(folder) = target else {
        return Ok(Vec::new());
    };
    let mut before = report_names(folder).names;
    before.retain(|name| folder.join(name).exists());
    let names = complete.iter().chain(&record);
    let names: BTreeSet<PathBuf> = names
        .filter_map(|file| Some(file.path.strip_prefix(folder).ok()?.to_path_buf()))
        .collect();
    refuse_clashes(folder, &names)?;
    refuse_links(folder, &names)?;
    let folders: BTreeSet<_> = names.iter().filter_map(|name| first_folder(name)).collect();
    let stale: BTreeSet<&PathBuf> = before
        .difference(&names)
        .filter(|name| {
            first_folder(name).is_some_and(|folder| folders.contains(folder))
                || record.is_some() && name.as_os_str() == SHARD_FILE
        })
        .filter(|name| check_folder_of(folder, name).is_ok())
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

/// No report is written through a link, which may lead to somebody's own files.
fn refuse_links(folder: &Path, names: &BTreeSet<PathBuf>) -> Result<()> {
    let mut names = names.iter();
    names.try_for_each(|name| {
        check_folder_of(folder, name).map_err(Error::writing(&folder.join(name)))
    })
}

/// That the folder of a report is reached through no link.
fn check_folder_of(folder: &Path, name: &Path) -> io::Result<()> {
    match name.parent() {
        Some(above) => open::check_folders(folder, above),
        None => Ok(()),
    }
}

/// The folder in the name of a report, if it has one.
fn first_folder(name: &Path) -> Option<&Path> {
    let Component::Normal(first) = name.components().next()? else {
        return None;
    };
    (first != name).then_some(Path::new(first))
}

/// Removes a file, if it is there.
pub(crate) fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::writing(path)(error)),
        _ => Ok(()),
    }
}

/// What has to wait until the rest of a report is known, in a nameless file.
pub(crate) struct Spool {
    waiting: BufWriter<File>,
    is_empty: bool,
}

impl Spool {
    pub fn add_text(&mut self, text: &str) -> io::Result<()> {
        self.is_empty = false;
        self.waiting.write_all(text.as_bytes())
    }

    /// Adds a row of JSON on a line of its own, which begins with `indent`.
    pub fn add_row(&mut self, row: &(impl Serialize + ?Sized), indent: &str) -> io::Result<()> {
        if !self.is_empty {
            self.add_text(",")?;
        }
        self.add_text("\n")?;
        self.add_text(indent)?;
        serde_json::to_writer(&mut self.waiting, row).map_err(io::Error::from)
    }

    /// Copies everything; whether there was anything.
    pub fn copy_to(self, to: &mut impl Write) -> io::Result<bool> {
        let waiting = self.waiting.into_inner();
        let mut waiting = waiting.map_err(io::IntoInnerError::into_error)?;
        waiting.rewind()?;
        io::copy(&mut waiting, to)?;
        Ok(!self.is_empty)
    }
}

/// A file that appears under its name only when it is complete.
pub(crate) struct OutputFile {
    pub path: PathBuf,
    to: Stream,
}

enum Stream {
    File(Box<BufWriter<NamedTempFile>>),
    Stdout(BufWriter<io::Stdout>),
}

/// The files of a report that has one per statement: they wait for each other.
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
pub(crate) struct Complete {
    pub path: PathBuf,
    unfinished: TempPath,
}

impl Complete {
    /// A file `name` of this content in the folder of the reports; `name` may have folders in it.
    pub fn new(folder: &Path, name: &str, content: &str) -> Result<Self> {
        let path = folder.join(name);
        let mut file = new_file(folder, &path)?;
        file.write_all(content.as_bytes())
            .map_err(Error::writing(&path))?;
        let unfinished = file.into_temp_path();
        Ok(Self { path, unfinished })
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
            Err(error) => Err(Error::writing(&path)(error)),
        }
    }
}

impl OutputFile {
    /// A file `name` in the folder of the reports; `name` may have folders in it.
    pub fn create(folder: &Path, name: &str) -> Result<Self> {
        let path = folder.join(name);
        let file = new_file(folder, &path)?;
        Ok(Self {
            to: Stream::File(Box::new(BufWriter::with_capacity(1 << 16, file))),
            path,
        })
    }

    /// Completes the file; none for standard output.
    pub fn finish(self) -> Result<Option<Complete>> {
        let path = self.path;
        match self.to {
            Stream::Stdout(mut stdout) => {
                stdout.flush().map_err(Error::writing(&path))?;
                Ok(None)
            }
            Stream::File(file) => {
                let file = file
                    .into_inner()
                    .map_err(|error| Error::writing(&path)(error.into_error()))?;
                Ok(Some(Complete {
                    path,
                    unfinished: file.into_temp_path(),
                }))
            }
        }
    }
}

/// A new file in the folder of the reports that is removed unless it gets a name, which is to be `path`. It is for sharing:
/// the user's own mask decides, as for any other.
fn new_file(folder: &Path, path: &Path) -> Result<NamedTempFile> {
    let unfinished = make_unfinished(folder)?;
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder
        .tempfile_in(unfinished)
        .map_err(Error::writing(path))
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
pub(crate) fn io_error(error: &(dyn std::error::Error + 'static)) -> io::Error {
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
