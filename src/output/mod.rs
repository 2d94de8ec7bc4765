//! Analyses to files: one file a format, all fed by the row types of [`rows`].
//!
//! Every file is written under a temporary name and renamed when the run is complete, so that a reader never sees
//! half a report and a failed run leaves the last good one in place.

mod brat;
pub mod comparison;
mod conll;
mod csv;
mod doccano;
mod html;
mod json;
mod json_lines;
mod label_studio;
mod palette;
mod parquet;
pub mod rows;
pub mod schema;
pub mod summary;
mod totals;
mod xlsx;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::analysis::themes::Taxonomy;
use crate::error::{Error, Result};
use rows::{DocumentTables, FailureRow};

/// The version of the tables and of the JSON layout. It changes when a column does.
pub const SCHEMA_VERSION: &str = "1.1";

/// The folder of the texts, beside the reports.
pub const TEXT_FOLDER: &str = "text";

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
    /// A workbook with one sheet a table, `analysis.xlsx`.
    Xlsx,
    /// One self-contained page to read, filter and print, `report.html`.
    Html,
    /// One typed, compressed file a table, for pandas, R and DuckDB.
    Parquet,
    /// Tasks with predictions for Label Studio, `label-studio.json`.
    LabelStudio,
    /// A token a line with BIO tags, as in CoNLL-2003, `analysis.conll`.
    Conll,
    /// Standoff annotation for brat, the folder `brat`.
    Brat,
    /// Texts with spans, for doccano and spaCy, `doccano.jsonl`.
    Doccano,
}

impl Format {
    /// Whether the report is one file, which can go to standard output.
    pub const fn is_one_file(self) -> bool {
        match self {
            Self::Csv | Self::Parquet | Self::LabelStudio | Self::Brat => false,
            Self::Json | Self::JsonLines | Self::Xlsx | Self::Html => true,
            Self::Conll | Self::Doccano => true,
        }
    }
}

/// What made a report: enough to make it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

/// Writes the text of a statement, into which its offsets point, to `text/<doc_id>.txt` in `folder`.
///
/// # Errors
/// When it cannot be written.
pub fn save_text(folder: &Path, doc_id: &str, text: &str) -> Result<()> {
    let path = folder.join(TEXT_FOLDER).join(format!("{doc_id}.txt"));
    let parent = path.parent().unwrap_or(folder);
    std::fs::create_dir_all(parent).map_err(write_error(&path))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut file = OutputFile::create(parent, &name)?;
    file.write_all(text.as_bytes())
        .map_err(write_error(&path))?;
    file.finish().map(drop)
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

/// A report being written: the rows of a statement at a time.
trait Writer: Send {
    /// Adds the rows of one statement; `text` is what their offsets point into.
    fn write(&mut self, tables: &DocumentTables, text: &str) -> Result<()>;

    /// Adds a statement that could not be analysed; exports for other tools have no place for it.
    fn write_failure(&mut self, _failure: &FailureRow) -> Result<()> {
        Ok(())
    }

    /// What the user should know of how the report had to be written.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    /// Completes the files and gives them their names: their paths, none for standard output.
    fn finish(self: Box<Self>, counts: Counts) -> Result<Vec<PathBuf>>;
}

/// The reports of one run, being written.
pub struct Report {
    writers: Vec<Box<dyn Writer>>,
    counts: Counts,
}

impl Report {
    /// Opens every file. `metadata` are the names of all metadata of the run, in order.
    ///
    /// # Errors
    /// When one cannot be opened.
    pub fn create(
        target: &Target,
        formats: &[Format],
        bom: bool,
        taxonomy: &Taxonomy,
        metadata: &[String],
        provenance: &Provenance,
    ) -> Result<Self> {
        let mut formats = formats.to_vec();
        formats.sort_unstable();
        formats.dedup();
        let themes: Vec<String> = taxonomy
            .themes()
            .iter()
            .map(|theme| theme.id.clone())
            .collect();
        let writers = formats
            .into_iter()
            .map(|format| -> Result<Box<dyn Writer>> {
                Ok(match format {
                    Format::Csv => Box::new(csv::CsvTables::create(
                        target, bom, &themes, metadata, provenance,
                    )?),
                    Format::Json => Box::new(json::JsonReport::create(target, provenance)?),
                    Format::JsonLines => {
                        Box::new(json_lines::JsonLinesReport::create(target, provenance)?)
                    }
                    Format::Html => {
                        Box::new(html::HtmlReport::create(target, taxonomy, provenance)?)
                    }
                    Format::Parquet => Box::new(parquet::ParquetTables::create(
                        target, &themes, metadata, provenance,
                    )?),
                    Format::LabelStudio => Box::new(label_studio::LabelStudio::create(
                        target, &themes, provenance,
                    )?),
                    Format::Conll => Box::new(conll::Conll::create(target)?),
                    Format::Brat => Box::new(brat::Brat::create(target)?),
                    Format::Doccano => Box::new(doccano::Doccano::create(target)?),
                    Format::Xlsx => {
                        Box::new(xlsx::Xlsx::create(target, &themes, metadata, provenance)?)
                    }
                })
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            writers,
            counts: Counts::default(),
        })
    }

    /// Adds the rows of one statement; `text` is the text that their offsets point into.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&mut self, tables: &DocumentTables, text: &str) -> Result<()> {
        self.counts.add(tables);
        self.writers
            .iter_mut()
            .try_for_each(|writer| writer.write(tables, text))
    }

    /// Adds a statement that could not be analysed.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write_failure(&mut self, failure: &FailureRow) -> Result<()> {
        self.counts.failures += 1;
        self.writers
            .iter_mut()
            .try_for_each(|writer| writer.write_failure(failure))
    }

    /// What the user should know of how the reports had to be written, e.g. of cells that were cut.
    pub fn notes(&self) -> Vec<String> {
        self.writers
            .iter()
            .flat_map(|writer| writer.notes())
            .collect()
    }

    /// Completes every file and gives it its name. The paths of the files written, in order.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn finish(self) -> Result<Vec<PathBuf>> {
        let mut paths = Vec::new();
        for writer in self.writers {
            paths.extend(writer.finish(self.counts)?);
        }
        Ok(paths)
    }
}
