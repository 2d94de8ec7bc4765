//! From options and settings to what a command works with, each thing made and checked once.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use sha2::{Digest, Sha256};

use super::settings::{EngineOptions, Settings};
use crate::analysis::themes::Taxonomy;
use crate::analysis::{Failure, Stage};
use crate::compare::ComparisonTable;
use crate::engines::EngineSettings;
use crate::error::{Error, Result};
use crate::input::metadata::{MetadataTable, NamePattern};
use crate::input::{self, Findings, MEGABYTE};
use crate::output::rows::FailureRow;
use crate::output::{NO_THEME, Provenance, ReportFormat, Table, Target, WorkbookTable};
use crate::pipeline::Pipeline;
use crate::text::{counted, escape_controls, hex, shown};

/// Files larger than this are refused unless the user says otherwise: no statement is as long.
const MAX_MEGABYTES: u64 = 20;

/// More threads than this only get in each other's way.
const MAX_THREADS: usize = 256;

/// What statements are read with.
pub(super) struct Prepared {
    pub engine: EngineSettings,
    pub taxonomy: Taxonomy,
    /// What every report says of how it was made.
    pub provenance: Provenance,
    pub pool: rayon::ThreadPool,
}

impl Prepared {
    /// # Errors
    /// When one of the options is wrong, or names something that cannot be read.
    pub fn new(
        options: &EngineOptions,
        settings: &Settings,
        max_megabytes: Option<u64>,
    ) -> Result<Self> {
        let options = options.or(&settings.engine);
        let (name, taxonomy) = taxonomy(options.themes.as_deref())?;
        let engine = options.settings();
        let max_megabytes = max_megabytes.or(settings.file.max_megabytes);
        let provenance = Provenance {
            program: env!("CARGO_PKG_NAME").into(),
            version: env!("CARGO_PKG_VERSION").into(),
            engine: engine.kind.name().into(),
            weights_sha256: engine.weights_sha256()?,
            taxonomy: name,
            taxonomy_sha256: hex(&Sha256::digest(taxonomy.toml().as_bytes())),
            max_megabytes: max_megabytes.unwrap_or(MAX_MEGABYTES),
        };
        Ok(Self {
            pool: thread_pool(options.threads.unwrap_or(0))?,
            engine,
            taxonomy,
            provenance,
        })
    }

    /// Loads the engine and everything around it.
    ///
    /// # Errors
    /// When the data that it needs is missing or wrong.
    pub fn pipeline(&self) -> Result<Pipeline> {
        let (engine, taxonomy) = (self.engine.clone(), self.taxonomy.clone());
        let pipeline = Pipeline::load(engine, taxonomy, self.max_megabytes())?;
        Ok(pipeline.with_helper(std::env::current_exe().ok()))
    }

    pub fn max_megabytes(&self) -> u64 {
        self.provenance.max_megabytes
    }

    /// A user's own taxonomy has examples so that it can be checked: here it is. The warnings about them.
    ///
    /// # Errors
    /// When its cues cannot be compiled.
    pub fn misread_examples(&self) -> Result<Vec<String>> {
        let misread = self.taxonomy.misread_examples()?.into_iter();
        let name = &self.provenance.taxonomy;
        Ok(misread
            .map(|misread| format!("{name}: {misread}"))
            .collect())
    }
}

/// The taxonomy in force, and its name.
fn taxonomy(path: Option<&Path>) -> Result<(String, Taxonomy)> {
    let Some(path) = path else {
        return Ok(("built-in".into(), Taxonomy::embedded()?));
    };
    let toml = std::fs::read_to_string(path).map_err(Error::reading(path))?;
    let taxonomy = Taxonomy::from_toml(&toml, &path.display().to_string())?;
    let mut ids = taxonomy.themes().iter().map(|theme| theme.id.as_str());
    if let Some(id) = ids.find(|id| is_column(id)) {
        let reason =
            format!("`{id}` cannot be the id of a theme: the reports use the word already");
        return Err(Error::data(path.display().to_string(), reason));
    }
    let name = path.file_name().unwrap_or_default();
    Ok((name.to_string_lossy().into_owned(), taxonomy))
}

/// Whether a table that has a column per theme has one of this name already.
fn is_column(id: &str) -> bool {
    let tables = [
        Table::Sentences.schema(),
        WorkbookTable::Shares.schema(),
        ComparisonTable::Matrix.schema(),
    ];
    let mut columns = tables.iter().flat_map(|table| &table.columns);
    id == NO_THEME || columns.any(|column| column.name == id)
}

fn thread_pool(threads: usize) -> Result<rayon::ThreadPool> {
    let wrong = |reason: String| Error::Settings {
        file: "--threads".into(),
        reason,
        hint: format!("ask for 0, which is one per core, up to {MAX_THREADS}"),
    };
    if threads > MAX_THREADS {
        return Err(wrong(format!("{threads} threads are too many")));
    }
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| wrong(error.to_string()))
}

/// How statements are read, and what the user says of them beside their text.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Input")]
pub(super) struct InputOptions {
    /// A CSV table with what is known of the statements, one row per file; a column names the file.
    #[arg(long, value_name = "FILE.csv")]
    pub metadata: Option<PathBuf>,
    /// What the names of the files say, for example {country}_{session}_{year}.
    #[arg(long, value_name = "PATTERN")]
    pub name_pattern: Option<String>,
    /// Refuse files larger than this.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub max_megabytes: Option<u64>,
}

impl InputOptions {
    /// Joins what the user says to the statements. The warnings about those of which nothing is said.
    ///
    /// # Errors
    /// When the table or the pattern is wrong.
    pub fn join_metadata(&self, findings: &mut Findings) -> Result<Vec<String>> {
        let all = findings.statements.len();
        let mut warnings = Vec::new();
        let mut add = |what: &str, missing: usize| {
            if missing > 0 {
                let all = counted(all, "statement");
                warnings.push(format!("{what} says nothing of {missing} of {all}"));
            }
        };
        if let Some(path) = &self.metadata {
            let missing = MetadataTable::read(path)?.join(&mut findings.statements);
            add(&shown(path), missing);
        }
        if let Some(pattern) = &self.name_pattern {
            let missing = NamePattern::parse(pattern)?.apply(&mut findings.statements);
            add("--name-pattern", missing);
        }
        Ok(warnings)
    }
}

/// Where the reports go.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputOptions {
    /// The folder for the reports; `-` is standard output (one format of one file).
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Leave the byte-order mark out of CSV files.
    #[arg(long)]
    pub no_bom: bool,
}

impl OutputOptions {
    /// Where the reports go: the command line, else the settings, else `output`.
    pub fn target(&self, settings: &Settings) -> Target {
        match self.output.as_ref().or(settings.file.output.as_ref()) {
            Some(folder) if folder == Path::new("-") => Target::Stdout,
            Some(folder) => Target::Folder(folder.clone()),
            None => Target::Folder(PathBuf::from("output")),
        }
    }

    /// Whether CSV files begin with a byte-order mark.
    pub fn bom(&self, settings: &Settings) -> bool {
        !self.no_bom && settings.file.bom.unwrap_or(true)
    }
}

/// The formats that are asked for on the command line, else in the settings, else the usual ones.
pub(super) fn formats(
    asked: &[ReportFormat],
    settings: &Settings,
    target: &Target,
) -> Result<Vec<ReportFormat>> {
    let asked = if asked.is_empty() {
        &settings.file.format
    } else {
        asked
    };
    match (target, asked) {
        (Target::Folder(_), []) => Ok(vec![ReportFormat::Csv, ReportFormat::Json]),
        (Target::Folder(_), _) => Ok(asked.to_vec()),
        (Target::Stdout, []) => Ok(vec![ReportFormat::Json]),
        (Target::Stdout, [format]) if format.is_one_file() => Ok(asked.to_vec()),
        (Target::Stdout, _) => Err(not_one_file(
            "add a format of one file, such as --format json, or name a folder with -o",
        )),
    }
}

/// The error of asking for more than standard output takes.
pub(super) fn not_one_file(hint: &str) -> Error {
    Error::Settings {
        file: "--output -".into(),
        reason: "standard output takes one report in one file".into(),
        hint: hint.into(),
    }
}

/// The paths of the command line, else of the settings, else `input`.
pub(super) fn paths(given: &[PathBuf], settings: &Settings) -> Vec<PathBuf> {
    match (given, &settings.file.input) {
        ([], Some(input)) => input.clone(),
        ([], None) => vec![PathBuf::from("input")],
        (given, _) => given.to_vec(),
    }
}

/// Finds the statements; standard input is read here, once, when `-` is among the paths.
///
/// # Errors
/// When standard input cannot be read.
pub(super) fn find(paths: &[PathBuf], megabytes: u64) -> Result<Findings> {
    let (dashes, files): (Vec<PathBuf>, Vec<PathBuf>) = paths
        .iter()
        .cloned()
        .partition(|path| path == Path::new("-"));
    let mut findings = input::find(&files);
    if !dashes.is_empty() {
        let mut bytes = Vec::new();
        // A byte more than is allowed is enough to be refused.
        let most = megabytes.saturating_mul(MEGABYTE).saturating_add(1);
        let read = io::stdin().take(most).read_to_end(&mut bytes);
        read.map_err(Error::reading(Path::new("-")))?;
        findings.statements.push(input::stdin(bytes));
        input::settle(&mut findings.statements);
    }
    Ok(findings)
}

/// The warning about files that were passed over, if any were.
pub(super) fn skipped(findings: &Findings) -> Option<String> {
    let skipped: Vec<String> = findings
        .skipped
        .iter()
        .map(|(extension, count)| format!("{count} .{}", escape_controls(extension)))
        .collect();
    (!skipped.is_empty()).then(|| {
        format!(
            "passed over files that are not statements: {}",
            skipped.join(", ")
        )
    })
}

/// What could not be searched, as rows.
pub(super) fn found_failures(findings: &Findings) -> Vec<FailureRow> {
    let failures = findings.failures.iter();
    failures
        .map(|(path, error)| FailureRow::from(&Failure::new(path, Stage::Find, error)))
        .collect()
}
