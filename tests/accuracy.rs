//! Floors under the figures of `docs/accuracy.md`: a change that costs accuracy fails here.
//!
//! The gold files of `tests/gold` are always there. The development data lies outside the project, in the folder that
//! `DEMARCHE_DATA` names or in `../shared/data`; where it is missing, its tests are listed as ignored, not as passed.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use demarche::analysis::money::{Money, MoneyGrammar};
use demarche::analysis::sentences::SentenceSplitter;
use demarche::analysis::themes::Taxonomy;
use demarche::document::StructureRules;
use demarche::engines::EngineKind;
use demarche::evaluate::{Evaluation, evaluate, read_gold};
use demarche::input::Limits;
use demarche::pipeline::Pipeline;
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;

fn main() {
    let arguments = Arguments::from_args();
    let gold = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gold");
    let data = std::env::var_os("DEMARCHE_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"),
        PathBuf::from,
    );
    let has_data = data.is_dir();
    if !has_data {
        eprintln!(
            "NOT RUN: the tests on the development data, which is not in {}; set DEMARCHE_DATA to its folder",
            data.display()
        );
    }
    let mut trials = vec![
        labels_trial(
            EngineKind::Rules,
            "own statements",
            gold.join("statements.tsv"),
            OWN_LABELS,
        ),
        labels_trial(
            EngineKind::Minilm,
            "own statements",
            gold.join("statements.tsv"),
            OWN_LABELS_MINILM,
        ),
        sentences_trial("own sentences", gold.join("sentences.jsonl"), OWN_SENTENCES),
        money_trial("own money", gold.join("money.jsonl"), OWN_MONEY),
    ];
    trials.extend(
        [
            labels_trial(
                EngineKind::Rules,
                "dev statements",
                data.join("annotated/dev.tsv"),
                DEV_LABELS,
            ),
            labels_trial(
                EngineKind::Minilm,
                "dev statements",
                data.join("annotated/dev.tsv"),
                DEV_LABELS_MINILM,
            ),
            sentences_trial(
                "golden rules",
                data.join("suites/sbd_golden.jsonl"),
                GOLDEN_SENTENCES,
            ),
            sentences_trial(
                "pragmatic rules",
                data.join("suites/sbd_pragmatic.jsonl"),
                PRAGMATIC_SENTENCES,
            ),
            money_trial(
                "money of recognizers",
                data.join("suites/money_recognizers.jsonl"),
                RECOGNIZERS_MONEY,
            ),
            money_trial(
                "money of duckling",
                data.join("suites/money_duckling.jsonl"),
                DUCKLING_MONEY,
            ),
        ]
        .map(|trial| trial.with_ignored_flag(!has_data)),
    );
    trials.extend(
        [("html", HTML_WORDS), ("pdf", PDF_WORDS)].map(|(format, floor)| {
            reading_trial(format, data.join("raw").join(format), floor).with_ignored_flag(!has_data)
        }),
    );
    trials.push(whole_trial(data.join("raw")).with_ignored_flag(!has_data));
    libtest_mimic::run(&arguments, trials).exit();
}

/// The least F1 that is accepted.
#[derive(Clone, Copy)]
struct LabelFloors {
    entities: f64,
    themes: f64,
    themes_macro: f64,
}

const OWN_LABELS: LabelFloors = LabelFloors {
    entities: 0.95,
    themes: 0.95,
    themes_macro: 0.95,
};
const DEV_LABELS: LabelFloors = LabelFloors {
    entities: 0.91,
    themes: 0.86,
    themes_macro: 0.86,
};
const OWN_LABELS_MINILM: LabelFloors = LabelFloors {
    entities: 0.95,
    themes: 0.90,
    themes_macro: 0.90,
};
const DEV_LABELS_MINILM: LabelFloors = LabelFloors {
    entities: 0.935,
    themes: 0.925,
    themes_macro: 0.925,
};
/// Shares of texts whose every boundary is right.
const OWN_SENTENCES: f64 = 1.0;
const GOLDEN_SENTENCES: f64 = 1.0;
const PRAGMATIC_SENTENCES: f64 = 0.96;
/// F1 of sums of which place, amount and currency are right.
const OWN_MONEY: f64 = 1.0;
const RECOGNIZERS_MONEY: f64 = 0.97;
const DUCKLING_MONEY: f64 = 0.96;

/// Least F1 of words of any file against the text that should come out.
const HTML_WORDS: f64 = 0.99;
const PDF_WORDS: f64 = 0.985;

/// Every file that has an expected text is read, and its words compared. What is printed is the table of
/// `docs/accuracy.md`: `cargo test --release --test accuracy -- --nocapture words`.
fn reading_trial(format: &'static str, folder: PathBuf, floor: f64) -> Trial {
    Trial::test(format!("words of {format}"), move || {
        let (mut worst, mut sum, mut files) = (1.0_f64, 0.0, 0);
        println!("| file | characters kept | precision | recall | F1 | ms |");
        for path in files_of(&folder)? {
            let expected = path.with_extension("expected.txt");
            if !expected.exists() {
                continue;
            }
            let start = Instant::now();
            let text = read_text(&path)?;
            let ms = start.elapsed().as_millis();
            let expected = fs::read_to_string(expected)?;
            let (precision, recall, f1) = words_f1(&text, &expected);
            let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
            println!(
                "| {} | {:.3} | {precision:.3} | {recall:.3} | {f1:.3} | {ms} |",
                path.file_name().unwrap_or_default().to_string_lossy(),
                letters(&text) as f64 / letters(&expected) as f64,
            );
            worst = worst.min(f1);
            sum += f1;
            files += 1;
        }
        println!("mean F1 of {files} files: {:.4}", sum / f64::from(files));
        at_least("least F1", worst, floor)
    })
}

/// No file loses its text in silence: every file gives words, or says why not.
fn whole_trial(folder: PathBuf) -> Trial {
    Trial::test("no silent loss of raw files", move || {
        for format in ["html", "pdf", "docx"] {
            for path in files_of(&folder.join(format))? {
                let text = read_text(&path)?;
                println!("{}: {} characters", path.display(), text.chars().count());
                if text.chars().count() < 500 {
                    return Err(format!("{} gave next to nothing", path.display()).into());
                }
            }
        }
        Ok(())
    })
}

fn files_of(folder: &Path) -> Result<Vec<PathBuf>, Failed> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension != "txt"));
    files.sort();
    Ok(files)
}

fn read_text(path: &Path) -> Result<String, Failed> {
    let found = demarche::input::find(&[path.to_path_buf()]);
    let statement = found.statements.first().ok_or("nothing found")?;
    let source = statement.read(&Limits::new(20))?;
    Ok(source.decoded.text)
}

/// Precision, recall and F1 of words, each as often as it stands there.
fn words_f1(text: &str, expected: &str) -> (f64, f64, f64) {
    let count = |text: &str| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for word in text
            .split(|c: char| !c.is_alphanumeric())
            .filter(|w| !w.is_empty())
        {
            *counts.entry(word.to_lowercase()).or_default() += 1;
        }
        counts
    };
    let (found, wanted) = (count(text), count(expected));
    let common: usize = found
        .iter()
        .map(|(word, times)| times.min(wanted.get(word).unwrap_or(&0)))
        .sum();
    let share = |counts: &BTreeMap<String, usize>| {
        common as f64 / counts.values().sum::<usize>().max(1) as f64
    };
    let (precision, recall) = (share(&found), share(&wanted));
    (
        precision,
        recall,
        2.0 * precision * recall / (precision + recall).max(1e-9),
    )
}

fn at_least(name: &str, measured: f64, floor: f64) -> Result<(), Failed> {
    println!("{name}: {measured:.4}, at least {floor} wanted");
    if measured < floor {
        return Err(format!("{name} is {measured:.4}, under the floor of {floor}").into());
    }
    Ok(())
}

fn labels_trial(engine: EngineKind, name: &str, gold: PathBuf, floors: LabelFloors) -> Trial {
    Trial::test(format!("{} engine on {name}", engine.name()), move || {
        let Evaluation {
            entities, themes, ..
        } = measure(engine, &gold)?;
        at_least("entities micro-F1", entities.micro.f1, floors.entities)?;
        at_least("themes micro-F1", themes.micro.f1, floors.themes)?;
        at_least(
            "themes macro-F1",
            themes.macro_average.f1,
            floors.themes_macro,
        )
    })
}

fn measure(engine: EngineKind, gold: &Path) -> Result<Evaluation, demarche::Error> {
    let taxonomy = Taxonomy::embedded()?;
    let gold = read_gold(gold, &taxonomy)?;
    let mut pipeline = Pipeline::load(engine, taxonomy, 20)?;
    evaluate(&mut pipeline, engine, &gold, &[])
}

fn cases(file: &Path) -> Result<Vec<Value>, Failed> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    text.lines()
        .map(|line| Ok(serde_json::from_str(line)?))
        .collect()
}

fn text_of(case: &Value) -> &str {
    case["text"].as_str().unwrap_or_default()
}

fn offset(value: &Value) -> usize {
    value.as_u64().unwrap_or(u64::MAX) as usize
}

/// A text passes when every boundary inside it is right; white space does not count.
fn sentences_trial(name: &str, gold: PathBuf, floor: f64) -> Trial {
    Trial::test(format!("sentences of {name}"), move || {
        let (rules, splitter) = (StructureRules::embedded()?, SentenceSplitter::embedded()?);
        let cases = cases(&gold)?;
        let passed = cases
            .iter()
            .filter(|case| {
                let text = text_of(case);
                let characters: Vec<char> = text.chars().collect();
                let wanted: Vec<String> = case["spans"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|span| {
                        characters[offset(&span[0])..offset(&span[1])]
                            .iter()
                            .collect()
                    })
                    .collect();
                let blocks = rules.read(text, false, "").blocks;
                let split = splitter.split(text, &blocks);
                let found: Vec<String> = split.iter().map(|s| s.span.of(text).to_owned()).collect();
                squeezed(&wanted) == squeezed(&found)
            })
            .count();
        at_least("texts passed", passed as f64 / cases.len() as f64, floor)
    })
}

fn squeezed(pieces: &[String]) -> Vec<String> {
    pieces
        .iter()
        .map(|piece| piece.chars().filter(|c| !c.is_whitespace()).collect())
        .collect()
}

/// F1 over sums: right when the spans overlap and amount (or both bounds) and currency agree.
fn money_trial(name: &str, gold: PathBuf, floor: f64) -> Trial {
    Trial::test(format!("sums of {name}"), move || {
        let grammar = MoneyGrammar::embedded()?;
        let (mut right, mut found, mut wanted) = (0, 0, 0);
        for case in cases(&gold)? {
            let text = text_of(&case);
            let mut left = grammar.find(text, &grammar.context(text));
            found += left.len();
            for sum in case["expected"].as_array().into_iter().flatten() {
                wanted += 1;
                if let Some(position) = left.iter().position(|money| agrees(text, sum, money)) {
                    left.remove(position);
                    right += 1;
                }
            }
        }
        at_least(
            "F1",
            2.0 * f64::from(right) / (found + wanted) as f64,
            floor,
        )
    })
}

fn agrees(text: &str, gold: &Value, money: &Money) -> bool {
    let code_points = |byte: usize| text[..byte].chars().count();
    let overlaps = code_points(money.span.start) < offset(&gold["end"])
        && offset(&gold["start"]) < code_points(money.span.end);
    let number = |key: &str| gold[key].as_f64();
    let found = |amount: Option<rust_decimal::Decimal>| {
        amount.and_then(|a| a.to_string().parse::<f64>().ok())
    };
    let bounds = |low: Option<f64>, high: Option<f64>, single: Option<f64>| {
        (low.or(single).or(high), high.or(single).or(low))
    };
    let same = match (
        bounds(number("min"), number("max"), number("amount")),
        bounds(
            found(money.amount_min),
            found(money.amount_max),
            found(money.amount),
        ),
    ) {
        ((None, None), (None, None)) => true,
        ((Some(a), Some(b)), (Some(c), Some(d))) => close(a, c) && close(b, d),
        _ => false,
    };
    let accepted = match gold["currency_ok"].as_array() {
        Some(codes) => codes
            .iter()
            .any(|code| code.as_str() == money.currency.as_deref()),
        None => gold["currency"].as_str() == money.currency.as_deref(),
    };
    overlaps && same && accepted
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-6 * a.abs().max(b.abs()).max(1e-9)
}
