//! `demarche analyze`: statements in, reports out; once, for a shard, or again whenever something changes.

mod args;
mod session;
mod stream;
mod watch;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::exit::Exit;
use super::interrupt::Interrupt;
use super::options::Settings;
use super::prepare::{self, Prepared};
use super::terminal::{Terminal, print};
use crate::engines::EngineSettings;
use crate::error::{Error, Result};
use crate::input::{Findings, nothing_found};
use crate::open;
use crate::output::run::{Run, RunSettings};
use crate::output::{ReportFormat, Target};
use crate::text::{counted, escape_controls, shown};
pub(super) use args::AnalyzeArgs;
use args::{ReportOptions, RunOptions};
use session::Session;
use watch::Watch;

pub(super) fn run(terminal: Terminal, settings: &Settings, args: &AnalyzeArgs) -> Result<Exit> {
    let prepared = Prepared::new(&args.engine, settings, args.input.max_megabytes)?;
    let paths = prepare::paths(&args.paths, settings);
    if is_stream(args, &paths) {
        refuse_with_stream(args)?;
        return stream::run(terminal, &prepared);
    }
    let target = args.output.target(settings);
    let formats = prepare::formats(&args.report.format, settings, &target)?;
    refuse_together(args, &paths, &target)?;
    let run = run_settings(args, settings, &paths, formats, &prepared.engine)?;
    let mut watch = Watch::new(args.run.watch.then(|| watched(args, &paths)));
    let findings = prepare::find(&paths, prepared.max_megabytes())?;
    if findings.statements.is_empty() && findings.failures.is_empty() && !args.run.watch {
        let path = paths.first().cloned().unwrap_or_default();
        return Err(nothing_found(&path, findings.reports));
    }
    let misread = prepared.misread_examples()?;
    if args.report.dry_run {
        terminal.warn(&misread);
        return dry_run(terminal, args, findings, &target, &run.format);
    }

    // Before this there is nothing to finish when the user interrupts.
    let interrupt = Interrupt::listen();
    let mut run = Run::new(prepared.provenance.clone(), run);
    run.warnings = misread;
    let mut session = Session::new(terminal, args, &target, &prepared, run, &interrupt)?;
    let mut done = prepared.pool.install(|| session.run(findings))?;
    while args.run.watch && watch.wait_for_change(&interrupt) {
        let found = prepare::find(&paths, prepared.max_megabytes());
        done = match found.and_then(|found| prepared.pool.install(|| session.run(found))) {
            // A table of metadata that is half saved will be whole in a moment; a full disk will not be empty.
            Err(error) if !matches!(error, Error::Write { .. }) => {
                terminal.error(&error);
                Exit::Settings
            }
            done => done?,
        };
    }
    Ok(interrupt.exit().unwrap_or(done))
}

/// Whether the only input is a stream of JSON objects on standard input. A statement never begins with a brace, so the
/// first byte decides. Empty input is a stream too where JSON Lines were asked for.
fn is_stream(args: &AnalyzeArgs, paths: &[PathBuf]) -> bool {
    let asks_for_lines =
        || args.report.format == [ReportFormat::JsonLines] && refuse_with_stream(args).is_ok();
    match paths {
        [path] if path == Path::new("-") => match stream::first_byte() {
            Some(first) => first == b'{',
            None => asks_for_lines(),
        },
        _ => false,
    }
}

/// What a stream cannot be asked for.
fn refuse_with_stream(args: &AnalyzeArgs) -> Result<()> {
    let ReportOptions {
        format,
        save_text,
        dry_run,
    } = &args.report;
    let to_file = args.output.output.as_ref();
    let to_file = to_file.is_some_and(|to| to != Path::new("-"));
    let to_others = !format
        .iter()
        .all(|format| *format == ReportFormat::JsonLines);
    let of_files = [
        ("--output", to_file),
        ("--format", to_others),
        ("--metadata", args.input.metadata.is_some()),
        ("--name-pattern", args.input.name_pattern.is_some()),
        ("--save-text", *save_text),
        ("--shard", args.run.shard.is_some()),
        ("--watch", args.run.watch),
        ("--dry-run", *dry_run),
    ];
    match of_files.iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some((option, _)) => Err(Error::Settings {
            file: (*option).into(),
            reason: "JSON Lines on standard input are answered by JSON Lines on standard output"
                .into(),
            hint: "leave it out, or save the lines to a .jsonl file and name that".into(),
        }),
    }
}

/// What cannot be together.
fn refuse_together(args: &AnalyzeArgs, paths: &[PathBuf], target: &Target) -> Result<()> {
    let wrong = |option: &str, reason: &str, hint: &str| {
        Err(Error::Settings {
            file: option.into(),
            reason: reason.into(),
            hint: hint.into(),
        })
    };
    let RunOptions { shard, watch, .. } = &args.run;
    let is_stdin = paths
        .iter()
        .any(|path| path == Path::new("-") || open::is_pipe(path));
    match target {
        Target::Stdout if args.report.save_text || shard.is_some() || *watch => wrong(
            "--output -",
            "texts, shards and what --watch writes cannot go to standard output",
            "name a folder with -o",
        ),
        Target::Folder(_) if *watch && is_stdin => wrong(
            "--watch",
            "standard input and pipes cannot be watched",
            "name a folder",
        ),
        Target::Folder(_) | Target::Stdout => Ok(()),
    }
}

fn run_settings(
    args: &AnalyzeArgs,
    settings: &Settings,
    paths: &[PathBuf],
    format: Vec<ReportFormat>,
    engine: &EngineSettings,
) -> Result<RunSettings> {
    let text = |path: &PathBuf| path.to_string_lossy().into_owned();
    // Their order changes nothing.
    let input: BTreeSet<String> = paths.iter().map(text).collect();
    let models = &engine.models;
    Ok(RunSettings {
        input: input.into_iter().collect(),
        format,
        bom: args.output.bom(settings),
        save_text: args.report.save_text,
        metadata: args.input.metadata.as_ref().map(text),
        name_pattern: args.input.name_pattern.clone(),
        model: models.model.iter().map(text).collect(),
        zero_shot: models.zero_shot.as_ref().map(text),
        labels: models.labels.as_ref().map(text),
        model_files_sha256: engine.files_sha256()?,
        device: engine.device_in_force()?.map(|device| device.to_string()),
        batch_tokens: models.batch_tokens,
    })
}

/// Everything that a run with `--watch` depends on.
fn watched(args: &AnalyzeArgs, paths: &[PathBuf]) -> Vec<PathBuf> {
    let metadata = args.input.metadata.iter();
    paths.iter().chain(metadata).cloned().collect()
}

fn dry_run(
    terminal: Terminal,
    args: &AnalyzeArgs,
    mut findings: Findings,
    target: &Target,
    formats: &[ReportFormat],
) -> Result<Exit> {
    let mut warnings: Vec<String> = prepare::skipped_warning(&findings).into_iter().collect();
    warnings.extend(prepare::list_warnings(&findings, target.folder()));
    warnings.extend(args.input.join_metadata(&mut findings)?);
    terminal.warn(&warnings);
    if let Some(shard) = args.run.shard {
        shard.restrict(&mut findings);
    }
    let lines = findings
        .statements
        .iter()
        .map(|found| format!("{}\t{}\n", found.doc_id, shown(found.path())));
    print(lines.collect::<String>().as_bytes())?;
    for (_, error) in &findings.failures {
        terminal.error(error);
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
    terminal.always(&format!(
        "would analyse {} and write {} to {place}",
        counted(findings.statements.len(), "statement"),
        names.join(", "),
    ));
    Ok(Exit::after(
        findings.statements.len(),
        findings.failures.len(),
    ))
}
