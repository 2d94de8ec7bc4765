//! The command line: arguments in, exit code out. It loads, checks, runs and reports; the work is done elsewhere.

mod analyze;
mod cite;
mod compare;
mod explain;
mod interrupt;
mod merge;
mod stream;

use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use anstyle::{AnsiColor, Style};
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use sha2::{Digest, Sha256};

use crate::analysis::themes::Taxonomy;
use crate::error::{Error, Result, escape_controls, shown};
use crate::evaluate::{evaluate, read_gold};
use crate::input::metadata::{MetadataTable, NamePattern};
use crate::input::{self, Findings};
use crate::models::{Device, EngineKind, EngineSettings};
use crate::output::rows::FailureRow;
use crate::output::summary::{Summary, counted};
use crate::output::{Format, Provenance, Target, schema};
use crate::pipeline::{Failure, Pipeline, Stage};
use crate::settings::Settings;

/// Files larger than this are refused unless the user says otherwise: no statement is as long.
const MAX_MEGABYTES: u64 = 20;

/// More threads than this only get in each other's way.
const MAX_THREADS: usize = 256;

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Everything was done.
    Done = 0,
    /// Some statements failed; the others were analysed.
    SomeFailed = 1,
    /// The command line is wrong.
    Usage = 2,
    /// Settings, taxonomy, model or output folder are wrong.
    Settings = 3,
    /// Nothing was analysed.
    Nothing = 4,
    /// The user stopped it (SIGINT).
    Interrupted = 130,
    /// The system stopped it (SIGTERM).
    Terminated = 143,
}

/// Reads diplomatic statements: sentences, themes, entities and sums of money, as tables.
#[derive(Debug, Parser)]
#[command(name = "demarche", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Print errors only.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Print the full summary and every warning, also when not on a terminal.
    #[arg(short, long, global = true)]
    verbose: bool,
    /// The settings file; demarche.toml of the current folder if there is one.
    #[arg(long, global = true, value_name = "FILE")]
    settings: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Analyse statements and write reports.
    Analyze(analyze::AnalyzeArgs),
    /// Put the shards of a divided run together.
    Merge(merge::MergeArgs),
    /// Compare statements or groups of them: theme shares, their differences, words, names and sums.
    Compare(compare::CompareArgs),
    /// Measure the engine against annotated sentences: precision, recall and F1 a theme and an entity type.
    Evaluate(EvaluateArgs),
    /// Say what carried the decision on a sentence: cues, words, neighbouring sentences, probabilities.
    Explain(explain::ExplainArgs),
    /// Print how to cite a run: a BibTeX entry and a paragraph for the methods section.
    Cite(cite::CiteArgs),
    /// Print the JSON Schema of the reports.
    Schema {
        /// Which report.
        #[arg(long, value_enum, default_value = "json")]
        format: SchemaFormat,
    },
    /// Print the completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page.
    Man,
    /// Read one web page, PDF or Word document from standard input: the program calls itself so, to be safe from
    /// files that break a library.
    #[command(name = "extract-text", hide = true)]
    ExtractText {
        /// How to read it: html, pdf or docx.
        format: String,
    },
}

#[derive(Debug, Args)]
struct EngineArgs {
    /// The engine that reads the sentences.
    #[arg(long, value_enum)]
    engine: Option<EngineKind>,
    /// A taxonomy to use in place of the built-in one (models/themes.toml is the model to follow).
    #[arg(long, value_name = "FILE")]
    themes: Option<PathBuf>,
    /// How many threads to use; 0 means one a core.
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// For --engine rust-bert: a model of your own, a folder as Hugging Face writes it; twice for names and themes.
    #[arg(long, value_name = "DIR")]
    model: Vec<PathBuf>,
    /// For --engine rust-bert: a model of natural language inference that reads any themes.
    #[arg(long, value_name = "DIR")]
    zero_shot: Option<PathBuf>,
    /// For --engine rust-bert: what the labels of your model mean (models/labels.toml is the model to follow).
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// For --engine rust-bert: cpu, cuda or cuda:N; a GPU when there is one.
    #[arg(long, value_name = "DEVICE")]
    device: Option<Device>,
    /// For --engine rust-bert: the most tokens that are read at a time.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    batch_tokens: Option<u32>,
}

#[derive(Debug, Args)]
struct MetadataArgs {
    /// A CSV table with what is known of the statements, a row a file; a column names the file.
    #[arg(long, value_name = "FILE.csv")]
    metadata: Option<PathBuf>,
    /// What the names of the files say, for example {country}_{session}_{year}.
    #[arg(long, value_name = "PATTERN")]
    name_pattern: Option<String>,
}

#[derive(Debug, Args)]
struct EvaluateArgs {
    /// The annotated sentences, `id<TAB>themes<TAB>marked text` a line.
    #[arg(value_name = "GOLD.tsv")]
    gold: PathBuf,
    /// How to print the figures.
    #[arg(long, value_enum, default_value = "table")]
    format: EvaluateFormat,
    #[command(flatten)]
    engine: EngineArgs,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum EvaluateFormat {
    /// Aligned columns.
    Table,
    /// One JSON object.
    Json,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum SchemaFormat {
    /// analysis.json.
    Json,
    /// One line of analysis.jsonl.
    JsonLines,
    /// comparison.json.
    Comparison,
    /// run.json.
    Run,
}

/// Runs the program with these arguments, the first of which is its own name.
pub fn run(arguments: impl IntoIterator<Item = std::ffi::OsString>) -> Exit {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Done
            };
        }
    };
    let done = match &cli.command {
        Command::Analyze(args) => analyze::run(&cli, args),
        Command::Merge(args) => merge::run(&cli, args),
        Command::Cite(args) => cite::run(args),
        Command::Compare(args) => compare::run(&cli, args),
        Command::Explain(args) => explain::run(&cli, args),
        Command::Evaluate(args) => evaluate_gold(&cli, args),
        Command::Schema { format } => print_schema(*format),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "demarche", &mut script);
            print(&script)
        }
        Command::Man => print_manual(),
        Command::ExtractText { format } => extract_text(format),
    };
    done.unwrap_or_else(|error| match &error {
        Error::Write { source, .. } if source.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
        Error::NothingFound { .. } | Error::NothingToCompare { .. } => {
            report_error(&error, Exit::Nothing)
        }
        _ => report_error(&error, Exit::Settings),
    })
}

/// Joins what the user says of the statements; a table that names none of them is surely the wrong one. What there is to
/// say of that.
fn add_metadata(args: &MetadataArgs, findings: &mut Findings) -> Result<Vec<String>> {
    let all = findings.statements.len();
    let mut warnings = Vec::new();
    let mut add = |what: &str, missing: usize| {
        if missing > 0 {
            warnings.push(format!(
                "{what} says nothing of {missing} of {}",
                counted(all, "statement")
            ));
        }
    };
    if let Some(path) = &args.metadata {
        let missing = MetadataTable::read(path)?.join(&mut findings.statements);
        add(&shown(path), missing);
    }
    if let Some(pattern) = &args.name_pattern {
        let missing = NamePattern::parse(pattern)?.apply(&mut findings.statements);
        add("--name-pattern", missing);
    }
    Ok(warnings)
}

/// The hidden command that reads one file for the program itself.
fn extract_text(format: &str) -> Result<Exit> {
    let format = serde_json::from_value(format.into()).map_err(|_| Error::Settings {
        file: "extract-text".into(),
        reason: format!("`{format}` is no format"),
        hint: "use analyze: this command is for the program itself".into(),
    })?;
    input::serve(format).map_err(stdout_error)?;
    Ok(Exit::Done)
}

fn evaluate_gold(cli: &Cli, args: &EvaluateArgs) -> Result<Exit> {
    let settings = Settings::load(cli.settings.as_deref())?;
    let (taxonomy, provenance) = taxonomy_and_provenance(&args.engine, &settings, MAX_MEGABYTES)?;
    let gold = read_gold(&args.gold, &taxonomy)?;
    if gold.is_empty() {
        return Err(Error::Empty {
            path: args.gold.clone(),
        });
    }
    let mut pipeline = Pipeline::load(engine(&args.engine, &settings), taxonomy, MAX_MEGABYTES)?;
    tell_warnings(cli, &pipeline.notes());
    let evaluation = threads(&args.engine, &settings)?
        .install(|| evaluate(&mut pipeline, &provenance.engine, &gold))?;
    let text = match args.format {
        EvaluateFormat::Table => evaluation.to_string(),
        EvaluateFormat::Json => format!("{:#}\n", serde_json::json!(evaluation)),
    };
    print(text.as_bytes())?;
    Ok(Exit::Done)
}

fn print_schema(format: SchemaFormat) -> Result<Exit> {
    let schema = match format {
        SchemaFormat::Json => schema::report_schema(),
        SchemaFormat::JsonLines => schema::line_schema(),
        SchemaFormat::Comparison => schema::comparison_schema(),
        SchemaFormat::Run => schema::run_schema(),
    };
    print(format!("{schema:#}\n").as_bytes())
}

fn print_manual() -> Result<Exit> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command())
        .render(&mut page)
        .map_err(stdout_error)?;
    print(&page)
}

/// Where the reports go: the command line, else the settings, else `output`.
fn target(output: Option<&PathBuf>, settings: &Settings) -> Target {
    let folder = output.cloned().or_else(|| settings.output.clone());
    match folder {
        Some(folder) if folder == Path::new("-") => Target::Stdout,
        Some(folder) => Target::Folder(folder),
        None => Target::Folder(PathBuf::from("output")),
    }
}

/// The formats that are asked for on the command line, else in the settings, else the usual ones.
fn formats(asked: &[Format], settings: &Settings, target: &Target) -> Result<Vec<Format>> {
    let asked = if asked.is_empty() {
        settings.format.clone().unwrap_or_default()
    } else {
        asked.to_vec()
    };
    match (target, asked.as_slice()) {
        (Target::Folder(_), []) => Ok(vec![Format::Csv, Format::Json]),
        (Target::Folder(_), _) => Ok(asked),
        (Target::Stdout, []) => Ok(vec![Format::Json]),
        (Target::Stdout, [format]) if format.is_one_file() => Ok(asked),
        (Target::Stdout, _) => Err(Error::Settings {
            file: "--output -".into(),
            reason: "standard output takes one report in one file".into(),
            hint: "add a format of one file, such as --format json, or name a folder with -o"
                .into(),
        }),
    }
}

fn paths(given: &[PathBuf], settings: &Settings) -> Vec<PathBuf> {
    if !given.is_empty() {
        return given.to_vec();
    }
    settings
        .input
        .clone()
        .unwrap_or_else(|| vec![PathBuf::from("input")])
}

/// The engine and what it reads with. What the settings file says of another engine is passed over when the command line
/// names the engine.
fn engine(args: &EngineArgs, settings: &Settings) -> EngineSettings {
    let kind = args.engine.or(settings.engine).unwrap_or_default();
    let filed = match kind {
        EngineKind::RustBert => settings.clone(),
        EngineKind::Minilm | EngineKind::Rules => Settings::default(),
    };
    EngineSettings {
        kind,
        models: match args.model.as_slice() {
            [] => filed.model.unwrap_or_default(),
            folders => folders.to_vec(),
        },
        zero_shot: args.zero_shot.clone().or(filed.zero_shot),
        labels: args.labels.clone().or(filed.labels),
        device: args.device.or(filed.device),
        batch_tokens: args
            .batch_tokens
            .map(|tokens| tokens as usize)
            .or(filed.batch_tokens),
    }
}

/// The taxonomy in force, and what every report says of how it was made.
fn taxonomy_and_provenance(
    args: &EngineArgs,
    settings: &Settings,
    max_megabytes: u64,
) -> Result<(Taxonomy, Provenance)> {
    let (name, taxonomy, toml) = match args.themes.as_ref().or(settings.themes.as_ref()) {
        None => (
            "built-in".to_owned(),
            Taxonomy::embedded()?,
            Taxonomy::EMBEDDED.to_owned(),
        ),
        Some(path) => {
            let toml = std::fs::read_to_string(path).map_err(|source| Error::Read {
                path: path.clone(),
                source,
            })?;
            let taxonomy = Taxonomy::from_toml(&toml, &path.display().to_string())?;
            let ids = taxonomy.themes().iter().map(|theme| theme.id.as_str());
            if let Some(reason) = ids.filter_map(schema::reserved_theme_id).next() {
                return Err(Error::data(path.display().to_string(), reason));
            }
            let name = path.file_name().unwrap_or_default();
            (name.to_string_lossy().into_owned(), taxonomy, toml)
        }
    };
    let engine = engine(args, settings);
    let provenance = Provenance {
        program: env!("CARGO_PKG_NAME").into(),
        version: env!("CARGO_PKG_VERSION").into(),
        engine: engine.kind.name().into(),
        weights_sha256: engine.weights_sha256()?,
        taxonomy: name,
        taxonomy_sha256: input::hex(&Sha256::digest(toml.as_bytes())),
        max_megabytes,
    };
    Ok((taxonomy, provenance))
}

fn threads(args: &EngineArgs, settings: &Settings) -> Result<rayon::ThreadPool> {
    let threads = args.threads.or(settings.threads).unwrap_or(0);
    let wrong = |reason: String| Error::Settings {
        file: "--threads".into(),
        reason,
        hint: format!("ask for 0, which is one a core, up to {MAX_THREADS}"),
    };
    if threads > MAX_THREADS {
        return Err(wrong(format!("{threads} threads are too many")));
    }
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| wrong(error.to_string()))
}

/// Finds the statements; standard input is read here, once, when `-` is among the paths.
fn find(paths: &[PathBuf], megabytes: u64) -> Result<Findings> {
    let (dashes, files): (Vec<PathBuf>, Vec<PathBuf>) = paths
        .iter()
        .cloned()
        .partition(|path| path == Path::new("-"));
    let mut findings = input::find(&files);
    if !dashes.is_empty() {
        let mut bytes = Vec::new();
        // A byte more than is allowed is enough to be refused.
        let most = megabytes.saturating_mul(input::MEGABYTE).saturating_add(1);
        let read = io::stdin().take(most).read_to_end(&mut bytes);
        read.map_err(|source| Error::Read {
            path: "-".into(),
            source,
        })?;
        findings.statements.push(input::stdin(bytes));
        input::settle(&mut findings.statements);
    }
    Ok(findings)
}

/// What there is to say of files that were passed over.
fn skipped(findings: &Findings) -> Option<String> {
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

fn tell_warnings(cli: &Cli, warnings: &[String]) {
    if !cli.quiet {
        warnings.iter().for_each(|warning| tell_warning(warning));
    }
}

/// A user's own taxonomy has examples so that it can be checked: here it is. What there is to say of them.
fn misread_examples(taxonomy: &Taxonomy, provenance: &Provenance) -> Result<Vec<String>> {
    let misread = taxonomy.misread_examples()?.into_iter();
    Ok(misread
        .map(|misread| format!("{}: {misread}", provenance.taxonomy))
        .collect())
}

/// What could not be searched.
fn found_failures(findings: &Findings) -> Vec<FailureRow> {
    let failures = findings.failures.iter();
    failures
        .map(|(path, error)| FailureRow::from(&Failure::new(path, Stage::Find, error)))
        .collect()
}

/// How a run ends that analysed so many statements and failed on so many.
fn exit(documents: usize, failures: usize) -> Exit {
    match (documents, failures) {
        (0, _) => Exit::Nothing,
        (_, 0) => Exit::Done,
        _ => Exit::SomeFailed,
    }
}

fn tell_summary(cli: &Cli, summary: &Summary) {
    if cli.quiet {
        for failure in summary.first_failures() {
            tell_failure(failure);
        }
        return;
    }
    let full = is_full(cli);
    for warning in summary.warnings(full) {
        tell_warning(&warning);
    }
    for failure in summary.first_failures() {
        tell_failure(failure);
    }
    if full && summary.documents() > 0 {
        tell(summary.block().trim_end());
    }
    tell(&summary.line());
}

/// Whether the user sees the whole summary rather than its last line.
fn is_full(cli: &Cli) -> bool {
    cli.verbose || io::stderr().is_terminal()
}

fn progress_bar(cli: &Cli, statements: usize) -> ProgressBar {
    if cli.quiet || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(statements as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} statements, {eta} left") {
        bar.set_style(style);
    }
    bar
}

fn paths_as_lines(paths: &[PathBuf]) -> String {
    paths
        .iter()
        .map(|path| format!("{}\n", path.display()))
        .collect()
}

fn print(bytes: &[u8]) -> Result<Exit> {
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(bytes)
        .and_then(|()| stdout.flush())
        .map_err(stdout_error)?;
    Ok(Exit::Done)
}

fn stdout_error(source: io::Error) -> Error {
    Error::Write {
        path: "standard output".into(),
        source,
    }
}

/// Writes a line to standard error; that nobody may be reading it is no reason to stop.
fn tell(line: &str) {
    let _ = writeln!(anstream::stderr(), "{line}");
}

fn tell_warning(warning: &str) {
    let style = Style::new().fg_color(Some(AnsiColor::Yellow.into())).bold();
    tell(&format!("{style}warning:{style:#} {warning}"));
}

fn tell_failure(failure: &FailureRow) {
    let style = Style::new().fg_color(Some(AnsiColor::Red.into())).bold();
    tell(&format!(
        "{style}failed:{style:#} {}\nhint: {}",
        failure.reason, failure.hint
    ));
}

fn report_error(error: &Error, exit: Exit) -> Exit {
    let style = Style::new().fg_color(Some(AnsiColor::Red.into())).bold();
    tell(&format!(
        "{style}error:{style:#} {error}\nhint: {}",
        error.hint()
    ));
    exit
}
