//! Analyses to files: one file a format, all fed by the row types of [`rows`].
//!
//! Every file is written under a temporary name and renamed when the run is complete, so that a reader never sees
//! half a report and a failed run leaves the last good one in place.

mod csv;
mod json;
mod json_lines;
pub mod rows;
pub mod schema;
pub mod summary;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::error::{Error, Result};
use rows::{DocumentTables, FailureRow};

/// The version of the tables and of the JSON layout. It changes when a column does.
pub const SCHEMA_VERSION: &str = "1.0";

/// A report format.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// One file a table, for spreadsheets.
    Csv,
    /// One document with all tables, `analysis.json`.
    Json,
    /// One line a statement, `analysis.jsonl`.
    JsonLines,
}

/// What made a report: enough to make it again.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Provenance {
    /// The program.
    pub program: String,
    /// Its version.
    pub version: String,
    /// The engine that read the sentences.
    pub engine: String,
    /// SHA-256 of the weights that it read with, of several models with `;` between; missing for an engine without weights.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weights_sha256: Option<String>,
    /// The taxonomy's file name; `built-in` for the one compiled in.
    pub taxonomy: String,
    /// SHA-256 of the taxonomy's text.
    pub taxonomy_sha256: String,
    /// Files larger than this were refused.
    pub max_megabytes: u64,
}

/// Rows a table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Counts {
    /// Statements analysed.
    pub documents: usize,
    /// Rows of the sentences table.
    pub sentences: usize,
    /// Rows of the entities table.
    pub entities: usize,
    /// Rows of the money table.
    pub money: usize,
    /// Rows of the themes table.
    pub themes: usize,
    /// Statements that could not be analysed.
    pub failures: usize,
}

impl Counts {
    fn add(&mut self, tables: &DocumentTables) {
        self.documents += 1;
        self.sentences += tables.sentences.len();
        self.entities += tables.entities.len();
        self.money += tables.money.len();
        self.themes += tables.themes.len();
    }
}

/// Where reports go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Files in this folder, made if need be.
    Folder(PathBuf),
    /// Standard output, one format.
    Stdout,
}

impl Target {
    /// Makes the folder and tries to write in it, so that a run does not work for an hour in vain.
    ///
    /// # Errors
    /// When the folder cannot be made or written to.
    pub fn check(&self) -> Result<()> {
        let Self::Folder(folder) = self else {
            return Ok(());
        };
        std::fs::create_dir_all(folder).map_err(write_error(folder))?;
        tempfile::tempfile_in(folder)
            .map(drop)
            .map_err(write_error(folder))
    }

    fn open(&self, name: &str) -> Result<OutputFile> {
        match self {
            Self::Folder(folder) => OutputFile::create(folder, name),
            Self::Stdout => Ok(OutputFile {
                path: PathBuf::from("standard output"),
                to: Stream::Stdout(BufWriter::new(io::stdout())),
            }),
        }
    }

    /// A nameless file for rows that have to wait; beside the report, since `/tmp` may be small.
    fn spool(&self) -> Result<BufWriter<File>> {
        let (path, file) = match self {
            Self::Folder(folder) => (folder.clone(), tempfile::tempfile_in(folder)),
            Self::Stdout => (std::env::temp_dir(), tempfile::tempfile()),
        };
        file.map(BufWriter::new)
            .map_err(|source| Error::Write { path, source })
    }
}

/// A file that appears under its name only when it is complete.
struct OutputFile {
    path: PathBuf,
    to: Stream,
}

enum Stream {
    File(Box<BufWriter<NamedTempFile>>),
    Stdout(BufWriter<io::Stdout>),
}

impl OutputFile {
    fn create(folder: &Path, name: &str) -> Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".demarche-");
        // A report is for sharing: the user's own mask decides, as for any other file.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let path = folder.join(name);
        match builder.tempfile_in(folder) {
            Ok(file) => Ok(Self {
                path,
                to: Stream::File(Box::new(BufWriter::with_capacity(1 << 16, file))),
            }),
            Err(source) => Err(write_error(&path)(source)),
        }
    }

    /// Gives the file its name; none for standard output.
    fn finish(self) -> Result<Option<PathBuf>> {
        let path = self.path;
        let failed = write_error(&path);
        match self.to {
            Stream::Stdout(mut stdout) => stdout.flush().map(|()| None).map_err(failed),
            Stream::File(file) => {
                let file = file
                    .into_inner()
                    .map_err(|error| failed(error.into_error()))?;
                file.persist(&path).map_err(|error| failed(error.error))?;
                drop(failed);
                Ok(Some(path))
            }
        }
    }
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
fn write_error(path: &Path) -> impl Fn(io::Error) -> Error + '_ {
    |source| Error::Write {
        path: path.into(),
        source,
    }
}

enum Writer {
    Csv(Box<csv::CsvTables>),
    Json(Box<json::JsonReport>),
    JsonLines(Box<json_lines::JsonLinesReport>),
}

/// The reports of one run, being written.
pub struct Report {
    writers: Vec<Writer>,
    counts: Counts,
}

impl Report {
    /// Opens every file.
    ///
    /// # Errors
    /// When one cannot be opened.
    pub fn create(
        target: &Target,
        formats: &[Format],
        bom: bool,
        themes: &[String],
        provenance: &Provenance,
    ) -> Result<Self> {
        let mut formats = formats.to_vec();
        formats.sort_unstable();
        formats.dedup();
        let writers = formats
            .into_iter()
            .map(|format| {
                Ok(match format {
                    Format::Csv => Writer::Csv(Box::new(csv::CsvTables::create(
                        target, bom, themes, provenance,
                    )?)),
                    Format::Json => {
                        Writer::Json(Box::new(json::JsonReport::create(target, provenance)?))
                    }
                    Format::JsonLines => Writer::JsonLines(Box::new(
                        json_lines::JsonLinesReport::create(target, provenance)?,
                    )),
                })
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            writers,
            counts: Counts::default(),
        })
    }

    /// Adds the rows of one statement.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&mut self, tables: &DocumentTables) -> Result<()> {
        self.counts.add(tables);
        for writer in &mut self.writers {
            match writer {
                Writer::Csv(csv) => csv.write(tables)?,
                Writer::Json(json) => json.write(tables)?,
                Writer::JsonLines(lines) => lines.write(tables)?,
            }
        }
        Ok(())
    }

    /// Adds a statement that could not be analysed.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write_failure(&mut self, failure: &FailureRow) -> Result<()> {
        self.counts.failures += 1;
        for writer in &mut self.writers {
            match writer {
                Writer::Csv(csv) => csv.write_failure(failure)?,
                Writer::Json(json) => json.write_failure(failure)?,
                Writer::JsonLines(lines) => lines.write_failure(failure)?,
            }
        }
        Ok(())
    }

    /// Completes every file and gives it its name. The paths of the files written, in order.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn finish(self) -> Result<Vec<PathBuf>> {
        let mut paths = Vec::new();
        for writer in self.writers {
            match writer {
                Writer::Csv(csv) => paths.extend(csv.finish(self.counts)?),
                Writer::Json(json) => paths.extend(json.finish()?),
                Writer::JsonLines(lines) => paths.extend(lines.finish()?),
            }
        }
        Ok(paths)
    }
}
