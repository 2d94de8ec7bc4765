//! `demarche schema`: the JSON Schema of a report.

use clap::{Args, ValueEnum};

use super::exit::Exit;
use super::terminal::print;
use crate::compare::comparison_schema;
use crate::error::Result;
use crate::output::{line_schema, report_schema, run_schema};

#[derive(Debug, Args)]
pub(super) struct SchemaArgs {
    /// Which report.
    #[arg(long, value_enum, default_value = "json")]
    format: SchemaFormat,
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

pub(super) fn run(args: &SchemaArgs) -> Result<Exit> {
    let schema = match args.format {
        SchemaFormat::Json => report_schema(),
        SchemaFormat::JsonLines => line_schema(),
        SchemaFormat::Comparison => comparison_schema(),
        SchemaFormat::Run => run_schema(),
    };
    print(format!("{schema:#}\n").as_bytes())
}
