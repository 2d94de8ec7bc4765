//! The reports of one run: every format, `run.json`, and what a part of a divided run leaves.
//!
//! No file gets its name before all are complete (`files.rs`), so that a reader never sees half a report and a failed run
//! leaves the last good ones in place (but for a shard file, which must not outlive its time).

use std::path::PathBuf;

use super::files::{Target, publish};
use super::finished::Finished;
use super::format::ReportFormat;
use super::formats::{
    brat::Brat, conll::Conll, csv::CsvReport, doccano::Doccano, html::HtmlReport, json::JsonReport,
    json_lines::JsonLinesReport, label_studio::LabelStudio, parquet::ParquetReport, texts::Texts,
    xlsx::XlsxReport,
};
use super::rows::FailureRow;
use super::run::{Run, RunFile};
use super::shard::{ShardFile, ShardHead};
use super::tables::Counts;
use super::writer::{Writer, WriterSetup};
use crate::analysis::themes::Taxonomy;
use crate::error::Result;

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
        let setup = WriterSetup {
            target,
            taxonomy,
            run,
        };
        let mut writers = formats
            .into_iter()
            .map(|format| writer(format, &setup))
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

    /// Also leaves what [`merge`](super::shard::merge) needs. What an earlier run left of it goes at once: it would make no whole with
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
        self.counts.add_failure();
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

fn writer(format: ReportFormat, setup: &WriterSetup<'_>) -> Result<Box<dyn Writer>> {
    Ok(match format {
        ReportFormat::Csv => Box::new(CsvReport::create(setup)?),
        ReportFormat::Json => Box::new(JsonReport::create(setup)?),
        ReportFormat::JsonLines => Box::new(JsonLinesReport::create(setup)?),
        ReportFormat::Xlsx => Box::new(XlsxReport::create(setup)?),
        ReportFormat::Html => Box::new(HtmlReport::create(setup)?),
        ReportFormat::Parquet => Box::new(ParquetReport::create(setup)?),
        ReportFormat::LabelStudio => Box::new(LabelStudio::create(setup)?),
        ReportFormat::Conll => Box::new(Conll::create(setup)?),
        ReportFormat::Brat => Box::new(Brat::create(setup)?),
        ReportFormat::Doccano => Box::new(Doccano::create(setup)?),
    })
}
