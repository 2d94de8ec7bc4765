//! `demarche evaluate`: how good the engine is on annotated sentences, or how far two annotations agree.

use std::path::{Path, PathBuf};

use clap::Args;

use super::exit::Exit;
use super::options::{EngineOptions, Settings};
use super::prepare::{self, Prepared};
use super::terminal::{FigureFormat, Terminal};
use crate::analysis::themes::Taxonomy;
use crate::error::{Error, Result};
use crate::evaluate::{GoldSentence, agreement, evaluate, read_gold};

#[derive(Debug, Args)]
pub(super) struct EvaluateArgs {
    /// The annotated sentences, one per line: `id<TAB>themes<TAB>marked text`; `SEC,ECO/SEC` means either list.
    #[arg(value_name = "GOLD.tsv")]
    gold: PathBuf,
    /// Say how far this second annotation of the same sentences agrees; no engine reads them. Of alternative lists of
    /// themes the first counts.
    #[arg(long, value_name = "SECOND.tsv", conflicts_with_all = ["trained_on", "engine"])]
    with: Option<PathBuf>,
    /// The annotated sentences that the engine was made from: recall of the names seen there and of the others. May be
    /// given several times.
    #[arg(long, value_name = "TRAIN.tsv")]
    trained_on: Vec<PathBuf>,
    /// How to print the figures.
    #[arg(long, value_enum, default_value = "table")]
    format: FigureFormat,
    #[command(flatten)]
    engine: EngineOptions,
}

pub(super) fn run(terminal: Terminal, settings: &Settings, args: &EvaluateArgs) -> Result<Exit> {
    if let Some(second) = &args.with {
        let themes = args.engine.or(&settings.engine).themes;
        let (_, taxonomy) = prepare::taxonomy(themes.as_deref())?;
        let first = sentences(&args.gold, &taxonomy)?;
        let second = sentences(second, &taxonomy)?;
        return args.format.print(&agreement(&taxonomy, &first, &second)?);
    }
    let prepared = Prepared::new(&args.engine, settings, None)?;
    let gold = sentences(&args.gold, &prepared.taxonomy)?;
    let mut training = Vec::new();
    for path in &args.trained_on {
        training.extend(sentences(path, &prepared.taxonomy)?);
    }
    let mut pipeline = prepared.pipeline()?;
    terminal.warn(&pipeline.notes());
    let evaluation = prepared
        .pool
        .install(|| evaluate(&mut pipeline, prepared.engine.kind, &gold, &training))?;
    args.format.print(&evaluation)
}

/// The annotated sentences of a file, one at least.
fn sentences(path: &Path, taxonomy: &Taxonomy) -> Result<Vec<GoldSentence>> {
    let sentences = read_gold(path, taxonomy)?;
    if sentences.is_empty() {
        return Err(Error::Empty { path: path.into() });
    }
    Ok(sentences)
}
