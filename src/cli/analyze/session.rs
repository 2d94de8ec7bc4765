//! What was found, analysed and written; again and again with `--watch`.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use super::args::AnalyzeArgs;
use crate::analysis::themes::Taxonomy;
use crate::cache::Cache;
use crate::cli::exit::Exit;
use crate::cli::interrupt::Interrupt;
use crate::cli::prepare::{Prepared, list_warnings, search_failures, skipped_warning};
use crate::cli::terminal::{Terminal, print_paths};
use crate::error::{Error, Result};
use crate::folder::{FolderLock, report_names};
use crate::input::{Findings, Found};
use crate::output::rows::FailureRow;
use crate::output::run::Run;
use crate::output::shard::ShardHead;
use crate::output::summary::Summary;
use crate::output::{Finished, Report, Target};
use crate::pipeline::{Keeping, Pipeline};
use crate::text::{counted, shown};

/// All that stays the same from one run of `--watch` to the next.
pub(super) struct Session<'a> {
    terminal: Terminal,
    args: &'a AnalyzeArgs,
    target: &'a Target,
    run: Run,
    lock: Option<FolderLock>,
    interrupt: &'a Interrupt,
    pipeline: Pipeline,
    taxonomy: &'a Taxonomy,
}

/// What a run has come to.
struct Progress {
    summary: Summary,
    failures: Vec<FailureRow>,
    /// Statements that are not analysed yet.
    left: usize,
}

impl<'a> Session<'a> {
    /// Takes the lock of the output folder and loads the engine.
    pub fn new(
        terminal: Terminal,
        args: &'a AnalyzeArgs,
        target: &'a Target,
        prepared: &'a Prepared,
        mut run: Run,
        interrupt: &'a Interrupt,
    ) -> Result<Self> {
        let lock = target.lock()?;
        let notes = lock.as_ref().map_or(&[][..], FolderLock::notes);
        run.warnings.extend_from_slice(notes);
        Ok(Self {
            terminal,
            args,
            target,
            run,
            lock,
            interrupt,
            pipeline: prepared.pipeline()?,
            taxonomy: &prepared.taxonomy,
        })
    }

    /// Analyses what was found and writes the reports.
    pub fn run(&mut self, mut findings: Findings) -> Result<Exit> {
        let run = self.describe(&mut findings)?;
        self.terminal.warn(&run.warnings);
        if findings.statements.is_empty() && !findings.failures.is_empty() && self.has_reports() {
            // A drive that is not there today is no reason to empty the reports.
            let mut summary = Summary::default();
            for failure in search_failures(&findings) {
                summary.add_failure(&failure);
            }
            self.terminal.summary(&summary);
            return Ok(Exit::Nothing);
        }
        let mut report = self.open(&run, &findings)?;
        let is_all_found = findings.unsearched == 0;
        if let Some(shard) = self.args.run.shard {
            shard.restrict(&mut findings);
        }
        let lock = self.lock.as_ref();
        let cache = lock
            .filter(|_| !self.args.run.no_cache)
            .and_then(|lock| Cache::new(lock, &run));
        let mut progress = Progress {
            summary: Summary::default(),
            failures: search_failures(&findings),
            left: findings.statements.len(),
        };
        let done = self.analyse(
            &findings.statements,
            cache.as_ref(),
            &mut report,
            &mut progress,
        );
        if let Some(cache) = &cache {
            let is_all_done = done.is_ok() && progress.left == 0;
            // A folder that cannot be read today may hold tomorrow all that it held.
            if is_all_done && is_all_found && !findings.statements.is_empty() {
                cache.prune(&findings.statements);
            }
            self.tell_trouble(cache);
        }
        done?;
        if progress.left > 0 && progress.left == findings.statements.len() {
            // The reports of an earlier run are worth more than none.
            self.tell_left(progress.left, cache.is_some());
            return Ok(Exit::Nothing);
        }
        self.finish(report, progress, cache.is_some())
    }

    /// Analyses the statements and writes each to the report, but for those that the cache knows.
    fn analyse(
        &mut self,
        statements: &[Found],
        cache: Option<&Cache>,
        report: &mut Report,
        progress: &mut Progress,
    ) -> Result<()> {
        let (taxonomy, lock) = (self.taxonomy, self.lock.as_ref());
        let keeping = Keeping {
            known: &|found, sha256| Some((cache?.get(found, sha256)?, true)),
            done: &|found, analysis| {
                let finished = Finished::new(analysis, taxonomy);
                if let Some(cache) = cache {
                    cache.put(found, &finished);
                }
                (finished, false)
            },
        };
        let bar = self.terminal.progress(statements.len());
        let stop = &self.interrupt.stop;
        let done = self
            .pipeline
            .run_keeping(statements, &keeping, stop, &mut |outcome| {
                progress.left -= 1;
                lock.map_or(Ok(()), FolderLock::check)?;
                match outcome {
                    Ok((finished, is_known)) => {
                        let tables = &finished.tables;
                        progress.summary.add(tables, is_known);
                        let needs_ocr = FailureRow::needs_ocr(&tables.document);
                        progress.failures.extend(needs_ocr);
                        report.write(&finished)?;
                    }
                    Err(failure) => progress.failures.push(FailureRow::from(&failure)),
                }
                bar.inc(1);
                Ok(())
            });
        bar.finish_and_clear();
        done
    }

    /// Writes the failures, completes the reports and tells the user.
    fn finish(&self, mut report: Report, progress: Progress, is_kept: bool) -> Result<Exit> {
        let Progress {
            mut summary,
            mut failures,
            left,
        } = progress;
        failures.sort_by(|a, b| a.path.cmp(&b.path));
        for failure in &failures {
            summary.add_failure(failure);
            report.write_failure(failure)?;
        }
        let notes = report.notes();
        self.lock.as_ref().map_or(Ok(()), FolderLock::check)?;
        let files = report.finish(left)?;
        self.terminal.warn(&notes);
        self.terminal.summary(&summary);
        if left > 0 {
            self.tell_left(left, is_kept);
        } else if self.args.run.watch {
            self.terminal.note("waiting for statements; Ctrl-C ends");
        }
        print_paths(&files)?;
        Ok(Exit::after(summary.documents(), summary.failures()))
    }

    /// The run on what was found, to which the metadata are joined.
    fn describe(&self, findings: &mut Findings) -> Result<Run> {
        let mut run = self.run.clone();
        run.warnings.extend(self.pipeline.notes());
        run.warnings.extend(skipped_warning(findings));
        run.warnings
            .extend(list_warnings(findings, self.target.folder()));
        run.warnings
            .extend(self.args.input.join_metadata(findings)?);
        run.metadata = metadata_names(findings);
        run.shard = self.args.run.shard;
        Ok(run)
    }

    /// Opens the reports; `findings` are those of all shards.
    fn open(&self, run: &Run, findings: &Findings) -> Result<Report> {
        refuse_to_overwrite(&findings.statements, self.target, run)?;
        let report = Report::create(self.target, self.taxonomy, run)?;
        if self.args.run.shard.is_none() {
            return Ok(report);
        }
        let head = ShardHead::new(run.clone(), self.taxonomy.toml(), findings);
        report.with_shard(self.target, &head)
    }

    fn has_reports(&self) -> bool {
        let names = self.target.folder().map(report_names);
        names.is_some_and(|of| !of.names.is_empty())
    }

    fn tell_trouble(&self, cache: &Cache) {
        let trouble = cache
            .trouble()
            .map(|error| format!("some results could not be kept for the next run: {error}"));
        self.terminal.warn(trouble.as_slice());
    }

    fn tell_left(&self, left: usize, is_kept: bool) {
        let next = if is_kept {
            "; the same command goes on from here"
        } else {
            ""
        };
        let left = counted(left, "statement");
        self.terminal
            .warn(&[format!("interrupted: {left} not analysed{next}")]);
    }
}

/// No report takes the place of a statement.
fn refuse_to_overwrite(statements: &[Found], target: &Target, run: &Run) -> Result<()> {
    let Target::Folder(folder) = target else {
        return Ok(());
    };
    let Ok(folder) = folder.canonicalize() else {
        return Ok(());
    };
    // Thousands of files lie in a few folders.
    let mut folders: HashMap<PathBuf, Option<PathBuf>> = HashMap::new();
    for file in statements.iter().filter_map(Found::file) {
        let parent = match file.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let below = folders.entry(parent.into()).or_insert_with(|| {
            let parent = parent.canonicalize().ok()?;
            parent.strip_prefix(&folder).ok().map(Path::to_path_buf)
        });
        let name = below
            .as_ref()
            .map(|below| below.join(file.file_name().unwrap_or_default()));
        if name.is_some_and(|name| run.settings.may_write(&name)) {
            return Err(Error::Settings {
                file: "--output".into(),
                reason: format!(
                    "{} is a statement, and has the name of a report that would take its place",
                    shown(file)
                ),
                hint: "rename it, or choose another folder with -o".into(),
            });
        }
    }
    Ok(())
}

/// The names of all metadata, in order.
fn metadata_names(findings: &Findings) -> Vec<String> {
    let names = findings.statements.iter().flat_map(|f| f.metadata.keys());
    let names: BTreeSet<&String> = names.collect();
    names.into_iter().cloned().collect()
}
