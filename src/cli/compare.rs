//! `demarche compare`: statements, folders and finished reports in, a comparison out.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use clap::Args;

use super::{
    Cli, EngineArgs, Exit, MAX_MEGABYTES, MetadataArgs, add_metadata, engine, find, found_failures,
    misread_examples, paths_as_lines, print, progress_bar, skipped, taxonomy_and_provenance, tell,
    tell_failure, tell_warning, tell_warnings, threads,
};
use crate::analysis::compare::Clusters;
use crate::analysis::themes::Taxonomy;
use crate::compare::statements::{FinishedComparison, FinishedReport, Statement, is_report};
use crate::compare::{Request, baseline_of, compare};
use crate::error::{Error, Result};
use crate::input::Found;
use crate::output::comparison::{ComparisonFormat, text, write};
use crate::output::rows::{DocumentTables, FailureRow};
use crate::output::{Provenance, Target};
use crate::pipeline::Pipeline;
use crate::settings::Settings;

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
    /// The folder for the reports; `-` is standard output (one format of one file).
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// The report formats, with commas between.
    #[arg(long, value_enum, value_delimiter = ',')]
    format: Vec<ComparisonFormat>,
    #[command(flatten)]
    engine: EngineArgs,
    #[command(flatten)]
    metadata: MetadataArgs,
    /// Refuse files larger than this.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    max_megabytes: Option<u64>,
    /// Leave the byte-order mark out of CSV files.
    #[arg(long)]
    no_bom: bool,
}

pub(super) fn run(cli: &Cli, args: &CompareArgs) -> Result<Exit> {
    let settings = Settings::load(cli.settings.as_deref())?;
    let target = super::target(args.output.as_ref(), &settings);
    let formats = formats(args, &target)?;
    let paths = super::paths(&args.paths, &settings);
    let max_megabytes = args.max_megabytes.or(settings.max_megabytes);
    let (taxonomy, provenance) = taxonomy_and_provenance(
        &args.engine,
        &settings,
        max_megabytes.unwrap_or(MAX_MEGABYTES),
    )?;
    let pool = threads(&args.engine, &settings)?;
    let _lock = target.lock()?;

    let mut reader = Reader {
        cli,
        args,
        settings: &settings,
        taxonomy,
        provenance,
        pipeline: None,
        themes: None,
        made_from: Vec::new(),
        failures: Vec::new(),
    };
    let (statements, baseline) = pool.install(|| {
        let statements = reader.read(&paths)?;
        let baseline = args.baseline.as_deref();
        let baseline = baseline.map(|path| reader.baseline(path)).transpose()?;
        Ok((statements, baseline))
    })?;
    reader.tell_failures();
    reader.tell_makers();
    let statements = without_doubles(cli, statements);
    let request = Request {
        statements: &statements,
        arguments: &paths,
        themes: reader.themes.as_deref().unwrap_or_default(),
        made_from: reader.made_from,
        by: args.by.as_deref(),
        baseline,
        failures: reader.failures,
    };
    let (comparison, notes) = pool.install(|| compare(request))?;
    tell_warnings(cli, &notes);
    let bom = !args.no_bom && settings.bom.unwrap_or(true);
    let written = write(&comparison, &target, &formats, bom)?;
    if !cli.quiet && target != Target::Stdout {
        let text = text(&comparison);
        let verdict = text.split("\n\n").next().unwrap_or_default();
        tell(if super::is_full(cli) {
            text.trim_end()
        } else {
            verdict
        });
    }
    print(paths_as_lines(&written).as_bytes())?;
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
        (Target::Stdout, _) => Err(Error::Settings {
            file: "--output -".into(),
            reason: "standard output takes one report in one file".into(),
            hint: "add --format text or --format json, or name a folder with -o".into(),
        }),
    }
}

/// Reads whatever the command line names, and keeps what the reports have in common.
struct Reader<'a> {
    cli: &'a Cli,
    args: &'a CompareArgs,
    settings: &'a Settings,
    taxonomy: Taxonomy,
    provenance: Provenance,
    /// Loaded for the first statement that needs it: finished reports do not.
    pipeline: Option<Pipeline>,
    themes: Option<Vec<String>>,
    made_from: Vec<Provenance>,
    failures: Vec<FailureRow>,
}

impl Reader<'_> {
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
            let mut findings = find(std::slice::from_ref(path), self.provenance.max_megabytes)?;
            let mut warnings = add_metadata(&self.args.metadata, &mut findings)?;
            warnings.extend(skipped(&findings));
            tell_warnings(self.cli, &warnings);
            self.failures.extend(found_failures(&findings));
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
            return Err(Error::NothingFound {
                path: path.into(),
                reports: 0,
            });
        }
        Ok(baseline_of(
            &statements,
            self.themes.as_deref().unwrap_or_default(),
        ))
    }

    fn analyse(&mut self, found: &[(usize, Found)]) -> Result<Vec<Statement>> {
        let ids = self.taxonomy.themes().iter().map(|theme| theme.id.clone());
        let (ids, provenance) = (ids.collect(), self.provenance.clone());
        let path = found
            .first()
            .map_or(Path::new(""), |(_, found)| found.path());
        self.agree(path, provenance, ids)?;
        let pipeline = match &mut self.pipeline {
            Some(pipeline) => pipeline,
            none => {
                let misread = misread_examples(&self.taxonomy, &self.provenance)?;
                tell_warnings(self.cli, &misread);
                let engine = engine(&self.args.engine, self.settings);
                let limit = self.provenance.max_megabytes;
                let pipeline = Pipeline::load(engine, self.taxonomy.clone(), limit)?
                    .with_helper(std::env::current_exe().ok());
                tell_warnings(self.cli, &pipeline.notes());
                none.insert(pipeline)
            }
        };
        let progress = progress_bar(self.cli, found.len());
        let (arguments, files): (Vec<usize>, Vec<Found>) = found.iter().cloned().unzip();
        let mut arguments = arguments.into_iter();
        let mut statements = Vec::new();
        pipeline.run(&files, &mut |outcome| {
            let argument = arguments.next().unwrap_or_default();
            match outcome {
                Ok(analysis) => {
                    let tables = DocumentTables::new(&analysis, &self.taxonomy);
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

    fn tell_failures(&self) {
        self.failures.iter().for_each(tell_failure);
    }

    /// A difference between engines or taxonomies is none between statements.
    fn tell_makers(&self) {
        let makers: HashSet<_> = self
            .made_from
            .iter()
            .map(|made| (&made.engine, &made.weights_sha256, &made.taxonomy_sha256))
            .collect();
        if makers.len() > 1 && !self.cli.quiet {
            tell_warning(
                "the analyses were made by different engines, weights or taxonomies: \
                 what differs may be theirs",
            );
        }
    }
}

/// The statements, each once: the same bytes under the same id are one statement that was named twice.
fn without_doubles(cli: &Cli, statements: Vec<Statement>) -> Vec<Statement> {
    let mut seen = HashSet::new();
    let is_new = |statement: &Statement| {
        let document = &statement.document;
        let is_new = seen.insert((document.doc_id.clone(), document.sha256.clone()));
        if !is_new && !cli.quiet {
            tell_warning(&format!("{} was given twice", document.doc_id));
        }
        is_new
    };
    let mut is_new = is_new;
    statements
        .into_iter()
        .filter(|statement| is_new(statement))
        .collect()
}
