//! `demarche merge`: the shards of a divided run in, the reports of the whole out.

use std::path::PathBuf;

use clap::Args;

use super::exit::Exit;
use super::options::{OutputOptions, Settings};
use super::prepare;
use super::terminal::{Terminal, print_paths};
use crate::analysis::themes::Taxonomy;
use crate::error::{Error, Result};
use crate::folder::{FolderLock, SHARD_FILE};
use crate::output::shard::{self, Merged, ShardReader};
use crate::output::summary::Summary;
use crate::output::{Report, ReportFormat};

#[derive(Debug, Args)]
pub(super) struct MergeArgs {
    /// The output folders of the shards, or a folder that holds them.
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    output: OutputOptions,
    /// The report formats, with commas between; those of the shards if none is given.
    #[arg(long, value_enum, value_delimiter = ',')]
    format: Vec<ReportFormat>,
}

pub(super) fn run(terminal: Terminal, settings: &Settings, args: &MergeArgs) -> Result<Exit> {
    let target = args.output.target(settings);
    let files = shard::find(&args.paths)?;
    if files.is_empty() {
        return Err(Error::Shard {
            path: args.paths.first().cloned().unwrap_or_default(),
            reason: format!("there is no {SHARD_FILE} in it"),
            hint:
                "analyse with `--shard i/n -o FOLDER` first; a run that was interrupted leaves none"
                    .into(),
        });
    }
    let shards: Vec<ShardReader> = files
        .iter()
        .map(|file| ShardReader::open(file))
        .collect::<Result<_>>()?;
    let head = shard::check(&shards)?;
    let taxonomy = Taxonomy::from_toml(&head.taxonomy, &head.run.provenance.taxonomy)?;
    let mut run = head.run;
    let asked = if args.format.is_empty() {
        &run.settings.format
    } else {
        &args.format
    };
    run.settings.bom &= !args.output.no_bom;
    run.settings.format = prepare::formats(asked, &Settings::default(), &target)?;

    let lock = target.lock()?;
    let notes_of_folder = lock.as_ref().map_or(&[][..], FolderLock::notes);
    let mut report = Report::create(&target, &taxonomy, &run)?;
    let mut summary = Summary::default();
    shard::merge(shards, &mut |merged| match merged {
        Merged::Statement(finished) => {
            summary.add(&finished.tables, false);
            report.write(&finished)
        }
        Merged::Failure(failure) => {
            summary.add_failure(&failure);
            report.write_failure(&failure)
        }
    })?;
    let notes = report.notes();
    let written = report.finish(0)?;
    terminal.warn(&notes);
    terminal.warn(notes_of_folder);
    terminal.summary(&summary);
    print_paths(&written)?;
    Ok(Exit::after(summary.documents(), summary.failures()))
}
