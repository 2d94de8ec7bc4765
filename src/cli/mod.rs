//! The command line: arguments in, exit code out. One file per command; `prepare.rs` makes of options and settings what
//! they work with, `terminal.rs` speaks to the user.

mod analyze;
mod cite;
mod compare;
mod evaluate;
mod exit;
mod explain;
mod interrupt;
mod merge;
mod options;
mod prepare;
mod schema;
mod terminal;

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;

use clap::{CommandFactory, Parser, Subcommand};

use crate::error::{Error, Result};
use crate::input::{self, InputFormat};
pub use exit::Exit;
use options::Settings;
use terminal::{Terminal, print, stdout_error};

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
    /// Measure the engine against annotated sentences, or two annotations against each other.
    Evaluate(evaluate::EvaluateArgs),
    /// Say what carried the decision on a sentence: cues, words, neighbouring sentences, probabilities.
    Explain(explain::ExplainArgs),
    /// Print how to cite a run: a BibTeX entry and a paragraph for the methods section.
    Cite(cite::CiteArgs),
    /// Print the JSON Schema of the reports.
    Schema(schema::SchemaArgs),
    /// Print the completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page.
    Man,
    /// Read one web page, PDF or Word document from standard input: the program calls itself so, to be safe from
    /// files that break a library.
    #[command(name = input::EXTRACT_COMMAND, hide = true)]
    ExtractText {
        /// How to read it.
        format: InputFormat,
    },
}

/// Runs the program with these arguments, the first of which is its own name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return match error.use_stderr() {
                true => Exit::Usage,
                false => Exit::Done,
            };
        }
    };
    let terminal = Terminal {
        quiet: cli.quiet,
        verbose: cli.verbose,
    };
    execute(&cli, terminal).unwrap_or_else(|error| match &error {
        Error::Write { source, .. } if source.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
        Error::NothingFound { .. } | Error::NothingToCompare { .. } => {
            terminal.error(&error);
            Exit::Nothing
        }
        _ => {
            terminal.error(&error);
            Exit::Settings
        }
    })
}

fn execute(cli: &Cli, terminal: Terminal) -> Result<Exit> {
    let settings = || Settings::load(cli.settings.as_deref());
    match &cli.command {
        Command::Analyze(args) => analyze::run(terminal, &settings()?, args),
        Command::Merge(args) => merge::run(terminal, &settings()?, args),
        Command::Cite(args) => cite::run(args),
        Command::Compare(args) => compare::run(terminal, &settings()?, args),
        Command::Explain(args) => explain::run(terminal, &settings()?, args),
        Command::Evaluate(args) => evaluate::run(terminal, &settings()?, args),
        Command::Schema(args) => schema::run(args),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "demarche", &mut script);
            print(&script)
        }
        Command::Man => {
            let mut page = Vec::new();
            let manual = clap_mangen::Man::new(Cli::command());
            manual.render(&mut page).map_err(stdout_error)?;
            print(&page)
        }
        Command::ExtractText { format } => {
            input::serve(*format).map_err(stdout_error)?;
            Ok(Exit::Done)
        }
    }
}
