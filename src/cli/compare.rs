//! `demarche compare`: statements, folders and finished reports in, a comparison out.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use clap::Args;

use super::exit::Exit;
use super::options::{EngineOptions, InputOptions, OutputOptions, Settings};
use super::prepare::{self, Prepared};
use super::terminal::{Terminal, print_paths};
use crate::compare::formats::{ComparisonFormat, text, write};
use crate::compare::statements::{FinishedComparison, FinishedReport, Statement, is_report};
use crate::compare::statistics::Clusters;
use crate::compare::{ComparisonRequest, baseline_of, compare};
use crate::error::{Error, Result};
use crate::input::{Found, nothing_found};
use crate::output::rows::FailureRow;
use crate::output::{DocumentTables, Provenance, Target};
use crate::pipeline::Pipeline;

#[derive(Debug, Args)]
pub(super) struct CompareArgs {
    /// Statements, folders of them, patterns, and finished reports (analysis.json, analysis.jsonl).
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Group statements by year, place, language, a key of their metadata, or the argument that they came by.
    #[arg(long, value_name = "KEY")]
    by: Option<String>,
    /// A finished analysis or comparison, a statement or a folder whose theme shares are the usual ones.
    #[arg(long, value_name = "PATH")]
    baseline: Option<PathBuf>,
    #[command(flatten)]
    input: InputOptions,
    #[command(flatten)]
    output: OutputOptions,
    /// The report formats, with commas between.
    #[arg(long, value_enum, value_delimiter = ',', help_heading = "Output")]
    format: Vec<ComparisonFormat>,
    #[command(flatten)]
    engine: EngineOptions,
}

pub(super) fn run(terminal: Terminal, settings: &Settings, args: &CompareArgs) -> Result<Exit> {
    let target = args.output.target(settings);
    let formats = formats(args, &target)?;
    let paths = prepare::paths(&args.paths, settings);
    let prepared = Prepared::new(&args.engine, settings, args.input.max_megabytes)?;
    let _lock = target.lock()?;

    let mut sources = Sources::new(terminal, args, &prepared);
    let (statements, baseline) = prepared.pool.install(|| {
        let statements = sources.read(&paths)?;
        let baseline = args.baseline.as_deref();
        let baseline = baseline.map(|path| sources.baseline(path)).transpose()?;
        Ok((statements, baseline))
    })?;
    sources.tell();
    let statements = without_doubles(terminal, statements);
    let request = ComparisonRequest {
        statements: &statements,
        arguments: &paths,
        themes: sources.themes.as_deref().unwrap_or_default(),
        made_from: sources.made_from,
        by: args.by.as_deref(),
        baseline,
        failures: sources.failures,
    };
    let (comparison, notes) = prepared.pool.install(|| compare(request))?;
    terminal.warn(&notes);
    let bom = args.output.bom(settings);
    let written = write(&comparison, &target, &formats, bom)?;
    if target != Target::Stdout {
        let text = text(&comparison);
        let verdict = text.split("\n\n").next().unwrap_or_default();
        terminal.note(if terminal.is_full() {
            text.trim_end()
        } else {
            verdict
        });
    }
    print_paths(&written)?;
    Ok(if comparison.failures.is_empty() {
        Exit::Done
    } else {
        Exit::SomeFailed
    })
}

fn formats(args: &CompareArgs, target: &Target) -> Result<Vec<ComparisonFormat>> {
    use ComparisonFormat::{Csv, Html, Json, Text};
    match (target, args.format.as_slice()) {
        (Target::Folder(_), []) => Ok(vec![Text, Html, Csv, Json]),
        (Target::Stdout, []) => Ok(vec![Text]),
        (Target::Folder(_), asked) => Ok(asked.into()),
        (Target::Stdout, [format]) if format.is_one_file() => Ok(vec![*format]),
        (Target::Stdout, _) => Err(prepare::not_one_file(
            "add --format text or --format json, or name a folder with -o",
        )),
    }
}

/// Reads whatever the command line names, and keeps what the reports have in common.
struct Sources<'a> {
    terminal: Terminal,
    args: &'a CompareArgs,
    prepared: &'a Prepared,
    /// Loaded for the first statement that needs it: finished reports do not.
    pipeline: Option<Pipeline>,
    themes: Option<Vec<String>>,
    made_from: Vec<Provenance>,
    failures: Vec<FailureRow>,
}

impl<'a> Sources<'a> {
    fn new(terminal: Terminal, args: &'a CompareArgs, prepared: &'a Prepared) -> Self {
        Self {
            terminal,
            args,
            prepared,
            pipeline: None,
            themes: None,
            made_from: Vec::new(),
            failures: Vec::new(),
        }
    }

    /// The statements of all paths, in their order.
    fn read(&mut self, paths: &[PathBuf]) -> Result<Vec<Statement>> {
        let mut statements = Vec::new();
        let mut found: Vec<(usize, Found)> = Vec::new();
        for (argument, path) in paths.iter().enumerate() {
            if is_report(path) {
                let report = FinishedReport::read(path, argument)?;
                self.agree(path, report.provenance, report.themes)?;
                statements.extend(report.statements);
                continue;
            }
            let megabytes = self.prepared.max_megabytes();
            let mut findings = prepare::find(std::slice::from_ref(path), megabytes)?;
            let mut warnings = self.args.input.join_metadata(&mut findings)?;
            warnings.extend(prepare::skipped_warning(&findings));
            warnings.extend(prepare::list_warnings(&findings, None));
            self.terminal.warn(&warnings);
            self.failures.extend(prepare::search_failures(&findings));
            found.extend(
                findings
                    .statements
                    .into_iter()
                    .map(|found| (argument, found)),
            );
        }
        if !found.is_empty() {
            statements.extend(self.analyse(&found)?);
            // A stable sort: reports and statements stand in the order of the command line.
            statements.sort_by_key(|statement| statement.argument);
        }
        Ok(statements)
    }

    /// The sentences whose shares are the usual ones: of statements, an analysis or a comparison.
    fn baseline(&mut self, path: &Path) -> Result<Clusters> {
        if is_report(path)
            && let Some(comparison) = FinishedComparison::read(path)?
        {
            for made in comparison.made_from {
                self.agree(path, made, comparison.themes.clone())?;
            }
            return Ok(comparison.clusters);
        }
        let statements = self.read(&[path.to_path_buf()])?;
        if statements.is_empty() {
            return Err(nothing_found(path, 0));
        }
        Ok(baseline_of(
            &statements,
            self.themes.as_deref().unwrap_or_default(),
        ))
    }

    fn analyse(&mut self, found: &[(usize, Found)]) -> Result<Vec<Statement>> {
        let prepared = self.prepared;
        let themes = prepared.taxonomy.themes().iter();
        let ids = themes.map(|theme| theme.id.clone()).collect();
        let path = found
            .first()
            .map_or(Path::new(""), |(_, found)| found.path());
        self.agree(path, prepared.provenance.clone(), ids)?;
        let pipeline = match &mut self.pipeline {
            Some(pipeline) => pipeline,
            none => {
                self.terminal.warn(&prepared.misread_examples()?);
                let pipeline = prepared.pipeline()?;
                self.terminal.warn(&pipeline.notes());
                none.insert(pipeline)
            }
        };
        let progress = self.terminal.progress(found.len());
        let (arguments, files): (Vec<usize>, Vec<Found>) = found.iter().cloned().unzip();
        let mut arguments = arguments.into_iter();
        let mut statements = Vec::new();
        pipeline.run(&files, &mut |outcome| {
            let argument = arguments.next().unwrap_or_default();
            match outcome {
                Ok(analysis) => {
                    let tables = DocumentTables::new(&analysis, &prepared.taxonomy);
                    statements.push(Statement::new(&tables, argument)?);
                }
                Err(failure) => self.failures.push((&failure).into()),
            }
            progress.inc(1);
            Ok(())
        })?;
        progress.finish_and_clear();
        Ok(statements)
    }

    /// All that is compared must have the same themes.
    fn agree(&mut self, path: &Path, provenance: Provenance, themes: Vec<String>) -> Result<()> {
        let agreed = self.themes.get_or_insert_with(|| themes.clone());
        if *agreed != themes {
            return Err(Error::Report {
                path: path.into(),
                reason: format!(
                    "its themes are {}, those of the others {}",
                    themes.join(", "),
                    agreed.join(", ")
                ),
            });
        }
        if !self.made_from.contains(&provenance) {
            self.made_from.push(provenance);
        }
        Ok(())
    }

    /// Tells of failures, and of analyses that were made in different ways: what differs may then be due to the engines or
    /// taxonomies, not to the statements.
    fn tell(&self) {
        for failure in &self.failures {
            self.terminal.failure(failure);
        }
        let makers: HashSet<_> = self
            .made_from
            .iter()
            .map(|made| (made.engine, &made.weights_sha256, &made.taxonomy_sha256))
            .collect();
        if makers.len() > 1 {
            self.terminal.warn(&[
                "the analyses were made by different engines, weights or taxonomies: \
                 what differs may be theirs"
                    .into(),
            ]);
        }
    }
}

/// The statements, each once: the same bytes under the same id are one statement that was named twice.
fn without_doubles(terminal: Terminal, mut statements: Vec<Statement>) -> Vec<Statement> {
    let mut seen = HashSet::new();
    statements.retain(|statement| {
        let document = &statement.document;
        let is_new = seen.insert((document.doc_id.clone(), document.sha256.clone()));
        if !is_new {
            terminal.warn(&[format!("{} was given twice", document.doc_id)]);
        }
        is_new
    });
    statements
}
