//! `demarche evaluate`: how good the engine is on annotated sentences.

use std::path::PathBuf;

use clap::Args;

use super::exit::Exit;
use super::options::{EngineOptions, Settings};
use super::prepare::Prepared;
use super::terminal::{FigureFormat, Terminal};
use crate::error::{Error, Result};
use crate::evaluate::{evaluate, read_gold};

#[derive(Debug, Args)]
pub(super) struct EvaluateArgs {
    /// The annotated sentences, one per line: `id<TAB>themes<TAB>marked text`.
    #[arg(value_name = "GOLD.tsv")]
    gold: PathBuf,
    /// How to print the figures.
    #[arg(long, value_enum, default_value = "table")]
    format: FigureFormat,
    #[command(flatten)]
    engine: EngineOptions,
}

pub(super) fn run(terminal: Terminal, settings: &Settings, args: &EvaluateArgs) -> Result<Exit> {
    let prepared = Prepared::new(&args.engine, settings, None)?;
    let gold = read_gold(&args.gold, &prepared.taxonomy)?;
    if gold.is_empty() {
        return Err(Error::Empty {
            path: args.gold.clone(),
        });
    }
    let mut pipeline = prepared.pipeline()?;
    terminal.warn(&pipeline.notes());
    let evaluation = prepared
        .pool
        .install(|| evaluate(&mut pipeline, prepared.engine.kind, &gold))?;
    args.format.print(&evaluation)
}
