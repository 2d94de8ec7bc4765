//! `demarche explain`: what carried the decision on one sentence.

use std::path::PathBuf;

use clap::Args;

use super::exit::Exit;
use super::options::{EngineOptions, Settings};
use super::prepare::{self, Prepared};
use super::terminal::{FigureFormat, Terminal};
use crate::analysis::DocumentAnalysis;
use crate::document::Document;
use crate::error::{Error, Result};
use crate::explain::explain;
use crate::pipeline::Pipeline;
use crate::text::did_you_mean;

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// The sentence, by its id in the sentences table.
    #[arg(value_name = "SENT_ID", required_unless_present = "text")]
    sent_id: Option<String>,
    /// The statement, or the files, folders and patterns that were analysed.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// A sentence of your own in place of SENT_ID and PATH.
    #[arg(long, conflicts_with_all = ["sent_id", "paths"])]
    text: Option<String>,
    /// How to print the explanation.
    #[arg(long, value_enum, default_value = "table")]
    format: FigureFormat,
    #[command(flatten)]
    engine: EngineOptions,
}

pub(super) fn run(terminal: Terminal, settings: &Settings, args: &ExplainArgs) -> Result<Exit> {
    let prepared = Prepared::new(&args.engine, settings, None)?;
    let mut pipeline = prepared.pipeline()?;
    terminal.warn(&pipeline.notes());
    let explanation = prepared.pool.install(|| {
        let (analysis, place) = match (&args.text, &args.sent_id) {
            (Some(text), _) => (of_text(&mut pipeline, text)?, 0),
            (None, sent_id) => {
                let paths = prepare::paths(&args.paths, settings);
                let sent_id = sent_id.as_deref().unwrap_or_default();
                of_file(&mut pipeline, sent_id, &paths, prepared.max_megabytes())?
            }
        };
        explain(&mut pipeline, prepared.engine.kind, &analysis, place)
    })?;
    args.format.print(&explanation)
}

/// A text by itself, as one sentence.
fn of_text(pipeline: &mut Pipeline, text: &str) -> Result<DocumentAnalysis> {
    let empty = || Error::Empty {
        path: "--text".into(),
    };
    let text = Some(text.trim())
        .filter(|text| !text.is_empty())
        .ok_or_else(empty)?;
    let analyses = pipeline.analyse_sentences(vec![Document::of_sentences("text", [text])])?;
    analyses.into_iter().next().ok_or_else(empty)
}

/// The statement that a sentence is of, and the sentence's place in it.
fn of_file(
    pipeline: &mut Pipeline,
    sent_id: &str,
    paths: &[PathBuf],
    megabytes: u64,
) -> Result<(DocumentAnalysis, usize)> {
    let wrong = |reason: String, hint: String| Error::Settings {
        file: sent_id.into(),
        reason,
        hint,
    };
    let parts = sent_id
        .rsplit_once('.')
        .and_then(|(id, n)| Some((id, n.parse::<usize>().ok()?)));
    let Some((doc_id, number)) = parts else {
        return Err(wrong(
            "not the id of a sentence".into(),
            "an id is that of the document, a dot and a number: see sent_id in the reports".into(),
        ));
    };
    let mut findings = prepare::find(paths, megabytes)?;
    let Some(at) = findings
        .statements
        .iter()
        .position(|found| found.doc_id == doc_id)
    else {
        if let Some((_, error)) = findings.failures.pop() {
            return Err(error);
        }
        let known: Vec<&str> = findings
            .statements
            .iter()
            .map(|f| f.doc_id.as_str())
            .collect();
        return Err(wrong(
            format!("no statement `{doc_id}` among those named"),
            did_you_mean(doc_id, &known),
        ));
    };
    let mut read = None;
    pipeline.run(&findings.statements[at..=at], &mut |outcome| {
        read = Some(outcome);
        Ok(())
    })?;
    let analysis = match read {
        Some(Ok(analysis)) => analysis,
        Some(Err(failure)) => return Err(wrong(failure.reason, failure.hint)),
        None => return Err(wrong("it was not read".into(), "run it again".into())),
    };
    let count = analysis.sentences.len();
    if number == 0 || number > count {
        return Err(wrong(
            format!("`{doc_id}` has no sentence {number}"),
            format!("it has {doc_id}.1 to {doc_id}.{count}"),
        ));
    }
    Ok((analysis, number - 1))
}
