//! Analyses to files: one file a format, all fed by the row types of [`rows`].
//!
//! No file gets its name before all are complete (`files.rs`), so that a reader never sees half a report and a failed run
//! leaves the last good ones in place (but for a shard file, which must not outlive its time).

mod brat;
pub mod comparison;
mod conll;
mod csv;
mod doccano;
mod files;
mod html;
mod json;
mod json_lines;
mod label_studio;
mod palette;
mod parquet;
pub mod rows;
pub mod run;
pub mod schema;
pub mod shard;
pub mod summary;
mod texts;
mod totals;
mod xlsx;

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::analysis::themes::Taxonomy;
use crate::error::Result;
use crate::pipeline::DocumentAnalysis;
use files::{Complete, OutputFile, io_error, publish, write_error};
pub use files::{FolderLock, HIDDEN, Target, report_names};
pub use json_lines::write_line;
use rows::{DocumentTables, FailureRow};
use run::{Run, RunFile};
use shard::{ShardFile, ShardHead};
use texts::Texts;

/// The version of the tables and of the JSON layout. It changes when a column does.
pub const SCHEMA_VERSION: &str = "1.1";

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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

    /// Completes the files; none for standard output.
    fn finish(self: Box<Self>, counts: Counts) -> Result<Vec<Complete>>;
}

/// A statement with nothing left to do but to be written.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Finished {
    /// Its rows.
    pub tables: DocumentTables,
    /// What their offsets point into.
    pub text: String,
}

impl Finished {
    /// The rows of an analysis.
    pub fn new(analysis: DocumentAnalysis, taxonomy: &Taxonomy) -> Self {
        Self {
            tables: DocumentTables::new(&analysis, taxonomy),
            text: analysis.document.text,
        }
    }
}

/// The reports of one run, being written.
pub struct Report {
    target: Target,
    writers: Vec<Box<dyn Writer>>,
    /// Standard output takes one report.
    run: Option<RunFile>,
    /// What `merge` needs of a part.
    shard: Option<ShardFile>,
    counts: Counts,
}

impl Report {
    /// Opens every file that `run` asks for.
    ///
    /// # Errors
    /// When one cannot be opened.
    pub fn create(target: &Target, taxonomy: &Taxonomy, run: &Run) -> Result<Self> {
        let mut formats = run.settings.format.clone();
        formats.sort_unstable();
        formats.dedup();
        let themes: Vec<String> = taxonomy
            .themes()
            .iter()
            .map(|theme| theme.id.clone())
            .collect();
        let mut writers = formats
            .into_iter()
            .map(|format| writer(format, target, taxonomy, &themes, run))
            .collect::<Result<Vec<_>>>()?;
        if run.settings.save_text {
            writers.push(Box::new(Texts::new(target)));
        }
        let record = match target {
            Target::Folder(_) => Some(RunFile::create(target, run)?),
            Target::Stdout => None,
        };
        Ok(Self {
            target: target.clone(),
            writers,
            run: record,
            shard: None,
            counts: Counts::default(),
        })
    }

    /// Also leaves what [`shard::merge`] needs. What an earlier run left of it goes at once: it would make no whole with
    /// parts that are made anew.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn with_shard(mut self, target: &Target, head: &ShardHead) -> Result<Self> {
        self.shard = Some(ShardFile::create(target, head)?);
        Ok(self)
    }

    /// Adds a statement.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&mut self, finished: &Finished) -> Result<()> {
        let Finished { tables, text } = finished;
        self.counts.add(tables);
        if let Some(run) = &mut self.run {
            run.write(tables)?;
        }
        if let Some(shard) = &mut self.shard {
            shard.write(finished)?;
        }
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
        if let Some(run) = &mut self.run {
            run.write_failure(failure)?;
        }
        if let Some(shard) = &mut self.shard {
            shard.write_failure(failure)?;
        }
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

    /// Completes every file and then gives each its name; `run.json` is the last, and is not there while the others are
    /// changed. `left` statements were not analysed, because the run was interrupted. The paths of the files written,
    /// in order.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn finish(self, left: usize) -> Result<Vec<PathBuf>> {
        let notes = self.notes();
        let mut complete = Vec::new();
        for writer in self.writers {
            complete.extend(writer.finish(self.counts)?);
        }
        // A part of a part makes no whole.
        if let Some(shard) = self.shard
            && left == 0
        {
            complete.extend(shard.finish(self.counts)?);
        }
        let run = match self.run {
            Some(run) => run.finish(self.counts, notes, left)?,
            None => None,
        };
        publish(&self.target, complete, run)
    }
}

fn writer(
    format: Format,
    target: &Target,
    taxonomy: &Taxonomy,
    themes: &[String],
    run: &Run,
) -> Result<Box<dyn Writer>> {
    let (provenance, metadata) = (&run.provenance, &run.metadata);
    Ok(match format {
        Format::Csv => Box::new(csv::CsvTables::create(
            target,
            run.settings.bom,
            themes,
            metadata,
        )?),
        Format::Json => Box::new(json::JsonReport::create(target, provenance)?),
        Format::JsonLines => Box::new(json_lines::JsonLinesReport::create(target, provenance)?),
        Format::Html => Box::new(html::HtmlReport::create(target, taxonomy, provenance)?),
        Format::Parquet => Box::new(parquet::ParquetTables::create(
            target, themes, metadata, provenance,
        )?),
        Format::LabelStudio => Box::new(label_studio::LabelStudio::create(
            target, themes, provenance,
        )?),
        Format::Conll => Box::new(conll::Conll::create(target)?),
        Format::Brat => Box::new(brat::Brat::create(target)?),
        Format::Doccano => Box::new(doccano::Doccano::create(target)?),
        Format::Xlsx => Box::new(xlsx::Xlsx::create(target, themes, metadata, provenance)?),
    })
}
