//! The library in a few lines: `cargo run --release --example analyze input/`.
//!
//! `Pipeline` reads web pages, PDF and Word documents in this process; name a copy of the program with
//! `Pipeline::with_helper` to have each read in one of its own.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::path::PathBuf;

use demarche::analysis::themes::Taxonomy;
use demarche::engines::EngineKind;
use demarche::output::DocumentTables;
use demarche::pipeline::Pipeline;

fn main() -> demarche::Result<()> {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let taxonomy = Taxonomy::embedded()?;
    let mut pipeline = Pipeline::load(EngineKind::Minilm, taxonomy.clone(), 20)?;
    let found = demarche::input::find(&paths);
    pipeline.run(&found.statements, &mut |outcome| {
        match outcome.map(|analysis| DocumentTables::new(&analysis, &taxonomy)) {
            Ok(tables) => {
                for row in &tables.sentences {
                    println!("{}\t{}\t{}", row.sent_id, row.theme, row.text);
                }
                for row in &tables.entities {
                    println!("{}\t{}\t{}", row.entity_id, row.entity_type, row.canonical);
                }
                for row in &tables.money {
                    println!("{}\t{:?}\t{:?}", row.money_id, row.currency, row.amount);
                }
            }
            Err(failure) => eprintln!("{}", failure.reason),
        }
        Ok(())
    })
}
