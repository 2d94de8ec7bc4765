//! `demarche cite`: how to cite the program and describe a run, so that others can repeat it.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use serde::Deserialize;
use serde_json::Value;

use super::exit::Exit;
use super::terminal::print;
use crate::engines::EngineKind;
use crate::error::{Error, Result};
use crate::folder::RUN_FILE;
use crate::open;
use crate::output::run::{Run, RunSettings};
use crate::output::{Counts, Table};
use crate::text::{counted, escape_controls, shown};

/// The same facts for GitHub, Zenodo and Zotero.
const CITATION: &str = include_str!("../../CITATION.cff");

#[derive(Debug, Args)]
pub(super) struct CiteArgs {
    /// The run to describe: its run.json or the folder of its reports. Without it, this version of the program.
    #[arg(value_name = "PATH")]
    run: Option<PathBuf>,
}

/// What of `run.json` is cited besides the run.
#[derive(Deserialize)]
struct RunOutcome {
    rows: Counts,
    not_analysed: usize,
}

pub(super) fn run(args: &CiteArgs) -> Result<Exit> {
    let text = match &args.run {
        None => format!(
            "{}\n{}",
            bibtex(env!("CARGO_PKG_VERSION"), None),
            method(
                EngineKind::default(),
                &RunSettings::default(),
                "those built in"
            )
        ),
        Some(path) => of_run(path.clone())?,
    };
    print(format!("{text}\n").as_bytes())
}

fn of_run(mut path: PathBuf) -> Result<String> {
    if path.is_dir() {
        path.push(RUN_FILE);
    }
    let json = open::report(&path)?;
    let wrong = |error: serde_json::Error| Error::Settings {
        file: shown(&path),
        reason: format!("it is not the record of a run: {error}"),
        hint: "name the run.json that `analyze` wrote beside the reports, or their folder".into(),
    };
    // Whoever has written it: nothing in it is obeyed by a terminal.
    let mut json: Value = serde_json::from_str(&json).map_err(wrong)?;
    disarm(&mut json);
    let run = Run::deserialize(&json).map_err(wrong)?;
    let outcome = RunOutcome::deserialize(&json).map_err(wrong)?;
    let made = &run.provenance;
    let taxonomy = format!(
        "those of the taxonomy {} (SHA-256 {})",
        made.taxonomy, made.taxonomy_sha256
    );
    Ok(format!(
        "{}\n{} {}",
        bibtex(&made.version, run.commit.as_deref()),
        corpus(&run, &outcome),
        method(made.engine, &run.settings, &taxonomy)
    ))
}

/// Shows the control characters of every text.
fn disarm(json: &mut Value) {
    match json {
        Value::String(text) => *text = escape_controls(text),
        Value::Array(items) => items.iter_mut().for_each(disarm),
        Value::Object(object) => object.values_mut().for_each(disarm),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The value of a field of BibTeX, between braces. BibTeX counts braces behind a backslash too, so that none may stay.
fn field(value: &str) -> String {
    let mut out = String::from("{");
    for c in value.chars() {
        match c {
            '\\' => out.push_str(r"\textbackslash{}"),
            '{' => out.push_str(r"\textbraceleft{}"),
            '}' => out.push_str(r"\textbraceright{}"),
            '^' => out.push_str(r"\textasciicircum{}"),
            '~' => out.push_str(r"\textasciitilde{}"),
            '"' => out.push_str(r"{\char34}"),
            '%' | '$' | '&' | '#' | '_' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out.push('}');
    out
}

/// The value of a key of CITATION.cff.
fn cited(key: &str) -> &'static str {
    CITATION
        .lines()
        .find_map(|line| line.strip_prefix(key)?.strip_prefix(": "))
        .map_or("", |value| value.trim_matches('"'))
}

fn bibtex(version: &str, commit: Option<&str>) -> String {
    let year = cited("date-released").get(..4).unwrap_or_default();
    let note = commit.map_or_else(String::new, |commit| {
        format!("  note = {},\n", field(&format!("commit {commit}")))
    });
    format!(
        "@software{{demarche,\n  title = {},\n  author = {{{{The demarche developers}}}},\n  \
         version = {},\n  year = {},\n{note}  license = {}\n}}\n",
        field(cited("title")),
        field(version),
        field(year),
        field(cited("license")),
    )
}

/// What was read, with what.
fn corpus(run: &Run, outcome: &RunOutcome) -> String {
    let made = &run.provenance;
    let rows = outcome.rows;
    let mut text = format!(
        "We analysed {} ({}) with demarche {} (",
        counted(rows.of(Table::Documents), "statement"),
        rows.listed(),
        made.version
    );
    if let Some(commit) = &run.commit {
        let _ = write!(text, "commit {commit}, ");
    }
    let _ = write!(text, "engine {}", made.engine);
    if let Some(weights) = &made.weights_sha256 {
        let _ = write!(text, ", weights SHA-256 {weights}");
    }
    text.push_str(").");
    let failed = match rows.of(Table::Failures) {
        0 => None,
        1 => Some("One statement could not be read in full".to_owned()),
        n => Some(format!("{n} statements could not be read in full")),
    };
    if let Some(failed) = failed {
        let _ = write!(text, " {failed}; the failures table names what and why.");
    }
    if let Some(shard) = run.shard {
        let _ = write!(text, " This is part {shard} of a divided run.");
    }
    if outcome.not_analysed > 0 {
        let _ = write!(
            text,
            " The run was interrupted before {} more.",
            outcome.not_analysed
        );
    }
    text
}

/// How it was read.
fn method(engine: EngineKind, settings: &RunSettings, taxonomy: &str) -> String {
    let cues = "a lexicon of weighed cues gives each sentence a probability for each theme";
    let patterns = "gazetteers and patterns find names and dates";
    let mut readers = Vec::new();
    if let Some(model) = &settings.zero_shot {
        readers.push(format!(
            "the model of natural language inference {model} gives each sentence a probability for each theme without \
             training on it (Yin et al. 2019)"
        ));
    }
    for model in &settings.model {
        readers.push(format!("the model {model} reads each sentence"));
    }
    if !readers.is_empty() {
        readers.push(format!(
            "for themes and names that these have no labels for, {cues}, and {patterns}"
        ));
    } else {
        readers.push(match engine {
            EngineKind::Rules => format!("{cues}, and {patterns}"),
            EngineKind::Minilm | EngineKind::RustBert => format!(
                "a MiniLM encoder (Wang et al. 2020), fine-tuned on annotated statements, reads each sentence with its \
                 neighbours and gives a probability for each theme and names; {patterns} besides"
            ),
        });
    }
    format!(
        "Statements are cut into sentences by rules; {}. Sums of money are read by a grammar. The themes are {taxonomy}. \
         A sentence may be about several themes, which share its weight equally; headings, datelines, boilerplate and passages \
         in other languages have none. Shares of themes are shares of sentences, with 95% Wilson score intervals (Wilson 1927).",
        readers.join("; ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_closes_no_entry_and_holds_no_command() {
        let commit = "x}, author={Evil}, note={y\\input{a} 100% $&#_^~\"";
        let entry = bibtex("1", Some(commit));
        let mut depth = 0;
        let mut outside = String::new();
        for c in entry.chars() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                c if depth < 2 => outside.push(c),
                _ => {}
            }
            assert!(depth >= 0);
        }
        assert_eq!(depth, 0);
        assert!(!outside.contains("Evil"), "{outside}");
        assert_eq!(entry.matches("author").count(), 2);
        assert!(
            entry.contains(r"y\textbackslash{}input\textbraceleft{}a"),
            "{entry}"
        );
        assert!(
            entry.contains(r"100\% \$\&\#\_\textasciicircum{}\textasciitilde{}"),
            "{entry}"
        );
    }
}
