//! The options of `demarche analyze`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::options::{EngineOptions, InputOptions, OutputOptions};
use crate::input::{InputFormat, Shard};
use crate::output::ReportFormat;

#[derive(Debug, Args)]
pub(in crate::cli) struct AnalyzeArgs {
    #[arg(value_name = "PATH", help = paths_help())]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    pub input: InputOptions,
    #[command(flatten)]
    pub output: OutputOptions,
    #[command(flatten)]
    pub report: ReportOptions,
    #[command(flatten)]
    pub engine: EngineOptions,
    #[command(flatten)]
    pub run: RunOptions,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(in crate::cli) struct ReportOptions {
    /// The report formats, with commas between.
    #[arg(long, value_enum, value_delimiter = ',')]
    pub format: Vec<ReportFormat>,
    /// Write the text of every statement, into which offsets point, to a folder `text` beside the reports.
    #[arg(long)]
    pub save_text: bool,
    /// Say what would be analysed and written, and stop.
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Large runs")]
pub(in crate::cli) struct RunOptions {
    /// Analyse only part I of N, so that each part can run on its own machine; `demarche merge` puts them together.
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
    /// Keep running, and analyse again whenever a statement is added, changed or removed.
    #[arg(long, conflicts_with_all = ["shard", "dry_run"])]
    pub watch: bool,
    /// Analyse everything again, without the results of earlier runs, and keep none for the next.
    #[arg(long)]
    pub no_cache: bool,
}

fn paths_help() -> String {
    format!(
        "Files, folders (searched for {}) and patterns; `-` is standard input: one statement, or JSON Lines with one \
         statement per line, which are answered line by line",
        InputFormat::extensions()
    )
}
