//! What can go wrong, in words that name the file and say what to do next.

use std::io;
use std::path::{Path, PathBuf};

use crate::text::shown;

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error whose message names the file concerned; [`Error::hint`] says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A data file (compiled in, or given by the user) does not hold what it should.
    #[error("{file}: {reason}")]
    Data {
        /// The file as the user knows it, e.g. `models/themes.toml`.
        file: String,
        /// What is wrong in it.
        reason: String,
    },
    /// A file of a model is not the one that the program was made with.
    #[error("{file}: {reason}")]
    Weights {
        /// The file, by its place in the source tree.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The settings file or a setting is wrong.
    #[error("{file}: {reason}")]
    Settings {
        /// The settings file, or the option that was given.
        file: String,
        /// What is wrong in it.
        reason: String,
        /// What to write instead.
        hint: String,
    },
    /// A file or folder could not be read.
    #[error("cannot read {}: {source}", shown(path))]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A pattern such as `2023/*.txt` matched nothing.
    #[error("no file matches {}", shown(path))]
    NoMatch {
        /// The pattern as it was given.
        path: PathBuf,
    },
    /// A file holds no text at all.
    #[error("{} is empty", shown(path))]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A file is not text.
    #[error("{} is not text: it looks like {looks_like}", shown(path))]
    NotText {
        /// The file.
        path: PathBuf,
        /// What its first bytes say: "a PDF document".
        looks_like: &'static str,
        /// The formats that are read: "plain text, Markdown or PDF".
        formats: String,
    },
    /// A web page, a PDF or a Word document cannot be read.
    #[error("{} cannot be read as {format}: {reason}", shown(path))]
    Extract {
        /// The file.
        path: PathBuf,
        /// What it should be: "a PDF".
        format: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A table or an archive of statements is not what it should be.
    #[error("{}: {reason}", shown(path))]
    Table {
        /// The table or archive.
        path: PathBuf,
        /// What is wrong in it.
        reason: String,
    },
    /// A file was written while it was read.
    #[error("{} changed while it was read", shown(path))]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A file is larger than the limit.
    #[error(
        "{} has {megabytes} MB, more than the limit of {limit} MB",
        shown(path)
    )]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size, rounded up.
        megabytes: u64,
        /// The limit in force.
        limit: u64,
    },
    /// A report could not be written.
    #[error("cannot write to {}: {source}", shown(path))]
    Write {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another run is writing to the folder.
    #[error("another run is writing to {}", shown(path))]
    Locked {
        /// The folder of the reports.
        path: PathBuf,
    },
    /// The engine failed on a document.
    #[error("{}: the engine failed: {reason}", shown(path))]
    Engine {
        /// The document it was reading.
        path: PathBuf,
        /// What it said.
        reason: String,
    },
    /// A line of an annotated file is malformed.
    #[error("{}, line {line}: {reason}", shown(path))]
    Gold {
        /// The annotated file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong in it.
        reason: String,
    },
    /// A file that should be a finished report is not, or not one that fits the others.
    #[error("{}: {reason}", shown(path))]
    Report {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Parts of a divided run do not make a whole.
    #[error("{}: {reason}", shown(path))]
    Shard {
        /// The part concerned.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
        /// What to do about it.
        hint: String,
    },
    /// There are not two sides to compare.
    #[error("nothing to compare: {reason}")]
    NothingToCompare {
        /// What there is.
        reason: String,
        /// What to do about it.
        hint: String,
    },
    /// There was nothing to analyse.
    #[error("no statement found in {}{}", shown(path), besides(*reports))]
    NothingFound {
        /// The folders that were searched.
        path: PathBuf,
        /// How many files there are reports of this program.
        reports: usize,
        /// The extensions that are searched for, commas between.
        extensions: String,
    },
}

impl Error {
    /// An [`Error::Data`] from anything that can say what is wrong.
    pub fn data(file: impl Into<String>, reason: impl ToString) -> Self {
        Self::Data {
            file: file.into(),
            reason: reason.to_string(),
        }
    }

    /// Makes an [`Error::Read`] for `path` of what the system said.
    pub fn reading(path: &Path) -> impl Fn(io::Error) -> Self + '_ {
        |source| Self::Read {
            path: path.into(),
            source,
        }
    }

    /// Makes an [`Error::Write`] for `path` of what the system said.
    pub fn writing(path: &Path) -> impl Fn(io::Error) -> Self + '_ {
        |source| Self::Write {
            path: path.into(),
            source,
        }
    }

    /// An [`Error::Weights`] from anything that can say what is wrong.
    pub fn weights(file: impl Into<String>, reason: impl ToString) -> Self {
        Self::Weights {
            file: file.into(),
            reason: reason.to_string(),
        }
    }

    /// What to do about it, in one sentence.
    pub fn hint(&self) -> String {
        match self {
            Self::Data { .. } => {
                "correct the file; the themes.toml of the source tree shows every key".into()
            }
            Self::Weights { .. } => "build the program again from an unchanged source tree; \
                                     --engine rules works without weights"
                .into(),
            Self::Settings { hint, .. } => hint.clone(),
            Self::Read { source, .. } => match source.kind() {
                io::ErrorKind::NotFound => "check the spelling of the path".into(),
                io::ErrorKind::PermissionDenied => {
                    "give yourself the right to read it, or leave it out".into()
                }
                io::ErrorKind::FileTooLarge => "name the right file: such a file is small".into(),
                _ => "check that it is a readable file or folder".into(),
            },
            Self::NoMatch { .. } => "check the pattern, or name a folder".into(),
            Self::Empty { .. } => "paste the statement's text into it, or leave it out".into(),
            Self::NotText { formats, .. } => format!("save the statement as {formats}"),
            Self::Extract { .. } => {
                "open it and save it again, or save its text as .txt, and try that".into()
            }
            Self::Table { .. } => {
                "a table needs a header with `id` and `text`; a line of JSON Lines is an object \
                 with them; an archive holds statements, not archives"
                    .into()
            }
            Self::Changed { .. } => "run it again when nothing writes to the file".into(),
            Self::TooLarge { .. } => {
                "split it into one file per statement, or raise --max-megabytes".into()
            }
            Self::Write { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull => "free some space and run it again".into(),
                io::ErrorKind::NotFound => {
                    "the folder was removed during the run: run it again".into()
                }
                _ => "choose another folder with -o, or give yourself the right to write there"
                    .into(),
            },
            Self::Locked { .. } => {
                "wait until it has ended, or choose another folder with -o".into()
            }
            Self::Engine { .. } => "run it again with --engine rules, which needs no model".into(),
            Self::Gold { .. } => {
                "a line is `id<TAB>themes or NONE<TAB>text with [[TYPE|marked]] entities`".into()
            }
            Self::Report { .. } => {
                "give the analysis.json that `demarche analyze` wrote, all with the same --themes"
                    .into()
            }
            Self::Shard { hint, .. } | Self::NothingToCompare { hint, .. } => hint.clone(),
            Self::NothingFound { extensions, .. } => {
                format!("put statements there ({extensions}), or name the files to analyse")
            }
        }
    }
}

fn besides(reports: usize) -> String {
    match reports {
        0 => String::new(),
        reports => format!(", only {reports} of the reports that demarche has written"),
    }
}
