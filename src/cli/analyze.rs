//! `demarche analyze`: statements in, reports out; once, for a shard, or again whenever something changes.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};

use super::interrupt::Interrupt;
use super::{
    Cli, EngineArgs, Exit, MAX_MEGABYTES, MetadataArgs, add_metadata, find, found_failures,
    paths_as_lines, print, progress_bar, report_error, skipped, stream, taxonomy_and_provenance,
    tell, tell_summary, tell_warnings,
};
use crate::analysis::themes::Taxonomy;
use crate::cache::Cache;
use crate::error::{Error, Result, escape_controls, shown};
use crate::input::{Findings, Found, Stamp, snapshot};
use crate::models::EngineSettings;
use crate::output::rows::FailureRow;
use crate::output::run::{Run, RunSettings};
use crate::output::shard::{Shard, ShardHead};
use crate::output::summary::{Summary, counted};
use crate::output::{Finished, FolderLock, Format, Report, Target, report_names};
use crate::pipeline::{Keeping, Pipeline};
use crate::settings::Settings;

/// How often `--watch` looks, and how long nothing must have changed before it begins: files take a while to arrive.
const LOOK: Duration = Duration::from_secs(1);

#[derive(Debug, Args)]
pub(super) struct AnalyzeArgs {
    /// Files, folders (searched for .txt, .md, .html, .pdf, .docx, .csv, .jsonl, .zip) and patterns; `-` is standard
    /// input: one statement, or JSON Lines with a statement a line, which are answered line by line.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The folder for the reports; `-` is standard output (one format of one file).
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// The report formats, with commas between.
    #[arg(long, value_enum, value_delimiter = ',')]
    pub format: Vec<Format>,
    #[command(flatten)]
    pub engine: EngineArgs,
    /// Refuse files larger than this.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    max_megabytes: Option<u64>,
    /// Leave the byte-order mark out of CSV files.
    #[arg(long)]
    no_bom: bool,
    /// Say what would be analysed and written, and stop.
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub metadata: MetadataArgs,
    /// Write the text of every statement, into which offsets point, to a folder `text` beside the reports.
    #[arg(long)]
    pub save_text: bool,
    /// Analyse only part I of N, for a machine of its own; `demarche merge` puts the parts together.
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
    /// Go on when all is done: analyse again, what is new, whenever a statement comes, changes or goes.
    #[arg(long, conflicts_with_all = ["shard", "dry_run"])]
    pub watch: bool,
    /// Analyse everything, also what an earlier run with the same output folder has done, and keep nothing.
    #[arg(long)]
    no_cache: bool,
}

pub(super) fn run(cli: &Cli, args: &AnalyzeArgs) -> Result<Exit> {
    let settings = Settings::load(cli.settings.as_deref())?;
    let paths = super::paths(&args.paths, &settings);
    let megabytes = args.max_megabytes.or(settings.max_megabytes);
    let megabytes = megabytes.unwrap_or(MAX_MEGABYTES);
    let (taxonomy, provenance) = taxonomy_and_provenance(&args.engine, &settings, megabytes)?;
    let engine = super::engine(&args.engine, &settings);
    let pool = super::threads(&args.engine, &settings)?;
    if stream::is_given(&paths, args) {
        let pipeline = load(engine, &taxonomy, megabytes)?;
        return pool.install(|| stream::run(cli, args, pipeline, &provenance));
    }
    let target = super::target(args.output.as_ref(), &settings);
    let formats = super::formats(&args.format, &settings, &target)?;
    check(args, &paths, &target)?;
    let of = run_settings(args, &settings, &paths, formats, &engine)?;
    let files = watched(args, &paths);
    let mut seen = snapshot(&files);
    let findings = find(&paths, megabytes)?;
    if findings.statements.is_empty() && findings.failures.is_empty() && !args.watch {
        return Err(Error::NothingFound {
            path: paths.first().cloned().unwrap_or_default(),
            reports: findings.reports,
        });
    }
    let misread = super::misread_examples(&taxonomy, &provenance)?;
    if args.dry_run {
        tell_warnings(cli, &misread);
        return dry_run(cli, args, findings, &target, &of.format);
    }

    // Until here there is nothing to end in good order.
    let interrupt = Interrupt::listen();
    let lock = target.lock()?;
    let mut run = Run::new(provenance, of);
    run.warnings = misread;
    run.warnings
        .extend(lock.as_ref().and_then(FolderLock::note));
    let mut session = Session {
        cli,
        args,
        target: &target,
        run,
        lock,
        interrupt: &interrupt,
        pipeline: load(engine, &taxonomy, megabytes)?,
        taxonomy,
    };
    let mut done = pool.install(|| session.run(findings))?;
    while args.watch && interrupt.exit().is_none() {
        wait_for_change(&interrupt, &files, &mut seen);
        if interrupt.exit().is_none() {
            done = match find(&paths, megabytes)
                .and_then(|findings| pool.install(|| session.run(findings)))
            {
                // A table of metadata that is half saved will be whole in a moment; a full disk will not be empty.
                Err(error) if !matches!(error, Error::Write { .. }) => {
                    report_error(&error, Exit::Settings)
                }
                done => done?,
            };
        }
    }
    Ok(interrupt.exit().unwrap_or(done))
}

fn load(engine: EngineSettings, taxonomy: &Taxonomy, megabytes: u64) -> Result<Pipeline> {
    Ok(Pipeline::load(engine, taxonomy.clone(), megabytes)?
        .with_helper(std::env::current_exe().ok()))
}

/// What cannot be together.
fn check(args: &AnalyzeArgs, paths: &[PathBuf], target: &Target) -> Result<()> {
    let wrong = |option: &str, reason: &str, hint: &str| {
        Err(Error::Settings {
            file: option.into(),
            reason: reason.into(),
            hint: hint.into(),
        })
    };
    let is_stdin = paths.iter().any(|path| path == Path::new("-"));
    match target {
        Target::Stdout if args.save_text || args.shard.is_some() || args.watch => wrong(
            "--output -",
            "texts, shards and what --watch writes cannot go to standard output",
            "name a folder with -o",
        ),
        Target::Folder(_) if args.watch && is_stdin => wrong(
            "--watch",
            "standard input cannot be watched",
            "name a folder",
        ),
        _ => Ok(()),
    }
}

fn run_settings(
    args: &AnalyzeArgs,
    settings: &Settings,
    paths: &[PathBuf],
    format: Vec<Format>,
    engine: &EngineSettings,
) -> Result<RunSettings> {
    let text = |path: &PathBuf| path.to_string_lossy().into_owned();
    // Their order changes nothing.
    let input: BTreeSet<String> = paths.iter().map(text).collect();
    Ok(RunSettings {
        input: input.into_iter().collect(),
        format,
        bom: !args.no_bom && settings.bom.unwrap_or(true),
        save_text: args.save_text,
        metadata: args.metadata.metadata.as_ref().map(text),
        name_pattern: args.metadata.name_pattern.clone(),
        model: engine.models.iter().map(text).collect(),
        zero_shot: engine.zero_shot.as_ref().map(text),
        labels: engine.labels.as_ref().map(text),
        model_files_sha256: engine.files_sha256()?,
        device: engine.device_in_force()?.map(|device| device.to_string()),
        batch_tokens: engine.batch_tokens,
    })
}

/// Everything that a run with `--watch` depends on.
fn watched(args: &AnalyzeArgs, paths: &[PathBuf]) -> Vec<PathBuf> {
    let metadata = args.metadata.metadata.iter();
    match args.watch {
        true => paths.iter().chain(metadata).cloned().collect(),
        false => Vec::new(),
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

/// Waits until the files are others than `seen`, and then until they stay as they are.
fn wait_for_change(
    interrupt: &Interrupt,
    files: &[PathBuf],
    seen: &mut BTreeMap<PathBuf, Option<Stamp>>,
) {
    let before = seen.clone();
    let mut look = Duration::ZERO;
    loop {
        // To look at a large archive takes a while, too.
        interrupt.wait(LOOK.max(5 * look));
        let start = Instant::now();
        let now = snapshot(files);
        look = start.elapsed();
        let is_still = now == *seen;
        *seen = now;
        if interrupt.exit().is_some() || is_still && *seen != before {
            return;
        }
    }
}

/// All that stays the same from one run of `--watch` to the next.
struct Session<'a> {
    cli: &'a Cli,
    args: &'a AnalyzeArgs,
    target: &'a Target,
    run: Run,
    lock: Option<FolderLock>,
    interrupt: &'a Interrupt,
    pipeline: Pipeline,
    taxonomy: Taxonomy,
}

impl Session<'_> {
    /// Analyses what was found and writes the reports.
    fn run(&mut self, mut findings: Findings) -> Result<Exit> {
        let run = self.describe(&mut findings)?;
        tell_warnings(self.cli, &run.warnings);
        let mut summary = Summary::default();
        if findings.statements.is_empty() && !findings.failures.is_empty() && self.has_reports() {
            // A drive that is not there today is no reason to empty the reports.
            let failures = found_failures(&findings);
            failures
                .iter()
                .for_each(|failure| summary.add_failure(failure));
            tell_summary(self.cli, &summary);
            return Ok(Exit::Nothing);
        }
        let mut report = self.open(&run, &findings)?;
        let is_all_found = findings.unsearched == 0;
        if let Some(shard) = self.args.shard {
            shard.restrict(&mut findings);
        }
        let mut failures = found_failures(&findings);
        let statements = &findings.statements;
        let lock = self.lock.as_ref();
        let cache = lock
            .filter(|_| !self.args.no_cache)
            .and_then(|lock| Cache::new(lock, &run));

        let progress = progress_bar(self.cli, statements.len());
        let mut left = statements.len();
        let taxonomy = &self.taxonomy;
        let keeping = Keeping {
            known: &|found, sha256| Some((cache.as_ref()?.get(found, sha256)?, true)),
            done: &|found, analysis| {
                let finished = Finished::new(analysis, taxonomy);
                if let Some(cache) = &cache {
                    cache.put(found, &finished);
                }
                (finished, false)
            },
        };
        let stop = &self.interrupt.stop;
        let done = self
            .pipeline
            .run_keeping(statements, &keeping, stop, &mut |outcome| {
                left -= 1;
                lock.map_or(Ok(()), FolderLock::check)?;
                match outcome {
                    Ok((finished, is_known)) => {
                        summary.add(&finished.tables, is_known);
                        failures.extend(FailureRow::needs_ocr(&finished.tables.document));
                        report.write(&finished)?;
                    }
                    Err(failure) => failures.push(FailureRow::from(&failure)),
                }
                progress.inc(1);
                Ok(())
            });
        progress.finish_and_clear();
        if let Some(cache) = &cache {
            // A folder that cannot be read today may hold tomorrow all that it held.
            if done.is_ok() && left == 0 && is_all_found && !statements.is_empty() {
                cache.prune(statements);
            }
            self.tell_trouble(cache);
        }
        done?;
        if left > 0 && left == statements.len() {
            // The reports of an earlier run are worth more than none.
            self.tell_left(left, cache.is_some());
            return Ok(Exit::Nothing);
        }
        failures.sort_by(|a, b| a.path.cmp(&b.path));
        for failure in &failures {
            summary.add_failure(failure);
            report.write_failure(failure)?;
        }
        let notes = report.notes();
        lock.map_or(Ok(()), FolderLock::check)?;
        let files = report.finish(left)?;
        tell_warnings(self.cli, &notes);
        tell_summary(self.cli, &summary);
        if left > 0 {
            self.tell_left(left, cache.is_some());
        } else if self.args.watch && !self.cli.quiet {
            tell("waiting for statements; Ctrl-C ends");
        }
        print(paths_as_lines(&files).as_bytes())?;
        Ok(super::exit(summary.documents(), summary.failures()))
    }

    /// The run on what was found, to which the metadata are joined.
    fn describe(&self, findings: &mut Findings) -> Result<Run> {
        let mut run = self.run.clone();
        run.warnings.extend(self.pipeline.notes());
        run.warnings.extend(skipped(findings));
        run.warnings
            .extend(add_metadata(&self.args.metadata, findings)?);
        run.metadata = metadata_names(findings);
        run.shard = self.args.shard;
        Ok(run)
    }

    /// Opens the reports; `findings` are those of all shards.
    fn open(&self, run: &Run, findings: &Findings) -> Result<Report> {
        refuse_to_overwrite(&findings.statements, self.target, run)?;
        let report = Report::create(self.target, &self.taxonomy, run)?;
        if self.args.shard.is_none() {
            return Ok(report);
        }
        let head = ShardHead::new(run.clone(), self.taxonomy.toml(), findings);
        report.with_shard(self.target, &head)
    }

    fn has_reports(&self) -> bool {
        let names = self.target.folder().map(report_names);
        names.is_some_and(|names| names.is_ok_and(|names| !names.is_empty()))
    }

    fn tell_trouble(&self, cache: &Cache) {
        let trouble = cache
            .trouble()
            .map(|error| format!("the results for the next run are not all in order: {error}"));
        tell_warnings(self.cli, trouble.as_slice());
    }

    fn tell_left(&self, left: usize, is_kept: bool) {
        let next = if is_kept {
            "; the same command goes on from here"
        } else {
            ""
        };
        let left = counted(left, "statement");
        tell_warnings(
            self.cli,
            &[format!("interrupted: {left} not analysed{next}")],
        );
    }
}

fn dry_run(
    cli: &Cli,
    args: &AnalyzeArgs,
    mut findings: Findings,
    target: &Target,
    formats: &[Format],
) -> Result<Exit> {
    let mut warnings: Vec<String> = skipped(&findings).into_iter().collect();
    warnings.extend(add_metadata(&args.metadata, &mut findings)?);
    tell_warnings(cli, &warnings);
    if let Some(shard) = args.shard {
        shard.restrict(&mut findings);
    }
    let mut text = String::new();
    for found in &findings.statements {
        text += &format!(
            "{}\t{}\n",
            found.doc_id,
            escape_controls(&found.path().to_string_lossy())
        );
    }
    print(text.as_bytes())?;
    for (_, error) in &findings.failures {
        report_error(error, Exit::SomeFailed);
    }
    let place = match target {
        Target::Folder(folder) => escape_controls(&folder.to_string_lossy()),
        Target::Stdout => "standard output".into(),
    };
    let names: Vec<String> = formats
        .iter()
        .filter_map(|format| format.to_possible_value())
        .map(|value| value.get_name().to_owned())
        .collect();
    tell(&format!(
        "would analyse {} and write {} to {place}",
        counted(findings.statements.len(), "statement"),
        names.join(", "),
    ));
    Ok(super::exit(
        findings.statements.len(),
        findings.failures.len(),
    ))
}

/// The names of all metadata, in order.
fn metadata_names(findings: &Findings) -> Vec<String> {
    let names = findings.statements.iter().flat_map(|f| f.metadata.keys());
    let names: BTreeSet<&String> = names.collect();
    names.into_iter().cloned().collect()
}
