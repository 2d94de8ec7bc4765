//! The library: statements in, their themes, names and sums out, as one table row per sentence.
//!
//! ```sh
//! cargo run --release --example analyze input/2025-readout-brazil-germany-call.txt
//! ```
//!
//! Every field of the rows is explained in docs/reports.md. `Pipeline` reads web pages, PDF and Word documents in this
//! process; name a copy of the `demarche` program with `Pipeline::with_helper` to have each read in one of its own.

#![allow(clippy::print_stdout)]

use std::path::PathBuf;

use demarche::Result;
use demarche::analysis::themes::Taxonomy;
use demarche::engines::EngineKind;
use demarche::input;
use demarche::output::DocumentTables;
use demarche::output::rows::{MoneyRow, SentenceRow};
use demarche::pipeline::Pipeline;

fn main() -> Result<()> {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    for line in rows(&paths)? {
        println!("{line}");
    }
    Ok(())
}

/// `| sentence | themes | names | sums |` for every sentence of the statements in these files and folders.
pub fn rows(paths: &[PathBuf]) -> Result<Vec<String>> {
    let taxonomy = Taxonomy::embedded()?;
    let mut pipeline = Pipeline::load(EngineKind::Minilm, taxonomy.clone(), 20)?;
    let found = input::find(paths);
    let unfound = found.failures.iter().map(|(_, error)| error.to_string());
    let mut rows: Vec<String> = unfound.collect();
    pipeline.run(&found.statements, &mut |outcome| {
        match outcome {
            Ok(analysis) => {
                let tables = DocumentTables::new(&analysis, &taxonomy);
                rows.extend(
                    tables
                        .sentences
                        .iter()
                        .map(|sentence| row(sentence, &tables)),
                );
            }
            Err(failure) => rows.push(failure.reason),
        }
        Ok(())
    })?;
    Ok(rows)
}

fn row(sentence: &SentenceRow, tables: &DocumentTables) -> String {
    let names = tables.entities.iter();
    let names: Vec<String> = names
        .filter(|name| name.sent_id == sentence.sent_id && name.entity_type != "MONEY")
        .map(|name| format!("{} ({})", name.canonical, name.entity_type))
        .collect();
    let sums = tables.money.iter();
    let sums: Vec<String> = sums
        .filter(|sum| sum.sent_id == sentence.sent_id)
        .map(amount)
        .collect();
    let themes = sentence.themes.as_deref().unwrap_or("none");
    let (text, names, sums) = (&sentence.text, names.join(", "), sums.join(", "));
    format!("| {text} | {themes} | {names} | {sums} |")
}

/// "NZD 150000000 over:4y"; a range has two amounts, a vague sum none.
fn amount(sum: &MoneyRow) -> String {
    let amounts = [sum.amount, sum.amount_min, sum.amount_max];
    let amounts = amounts
        .into_iter()
        .flatten()
        .map(|amount| amount.to_string());
    let words = sum.currency.clone().into_iter().chain(amounts);
    let words: Vec<String> = words.chain(sum.period.clone()).collect();
    words.join(" ")
}
