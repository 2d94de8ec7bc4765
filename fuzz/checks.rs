//! What must hold for any bytes: the fuzz targets call these, and `tests/readers.rs` replays their corpus on stable.

use std::fs;
use std::sync::{Mutex, OnceLock};

use demarche::analysis::money::MoneyGrammar;
use demarche::analysis::sentences::SentenceSplitter;
use demarche::analysis::themes::Taxonomy;
use demarche::document::{Document, Span, StructureRules};
use demarche::engines::EngineKind;
use demarche::input::{InputFormat, Limits, extract_here, stdin};
use demarche::output::run::{Run, RunSettings};
use demarche::output::{self, Finished, Provenance, Report, ReportFormat};
use demarche::pipeline::Pipeline;

/// A target: what it is called and what it checks.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: [Target; 7] = [
    ("document", document),
    ("sentences", sentences),
    ("money", money),
    ("report", report),
    ("html", html),
    ("pdf", pdf),
    ("docx", docx),
];

/// Reading a web page ends, with a text or an error.
pub fn html(bytes: &[u8]) {
    let _ = extract_here(InputFormat::Html, bytes);
}

/// Reading a PDF ends, with a text or an error.
pub fn pdf(bytes: &[u8]) {
    let _ = extract_here(InputFormat::Pdf, bytes);
}

/// Reading a Word document ends, with a text or an error.
pub fn docx(bytes: &[u8]) {
    let _ = extract_here(InputFormat::Docx, bytes);
}

/// Sentences are spans of the text, in order, and none is empty.
pub fn sentences(bytes: &[u8]) {
    static RULES: OnceLock<(StructureRules, SentenceSplitter)> = OnceLock::new();
    let (rules, splitter) = RULES.get_or_init(|| {
        let rules = StructureRules::embedded().unwrap();
        (rules, SentenceSplitter::embedded().unwrap())
    });
    let text = String::from_utf8_lossy(bytes);
    for markdown in [false, true] {
        let structure = rules.read(&text, markdown, "statement");
        let mut at = 0;
        for sentence in splitter.split(&text, &structure.blocks) {
            at = ordered(&text, at, sentence.span);
        }
    }
}

/// Sums are spans of the text, in order, bounds are in order, currencies are codes of three letters, and a sum says
/// again only one before it or after it, never itself.
pub fn money(bytes: &[u8]) {
    static GRAMMAR: OnceLock<MoneyGrammar> = OnceLock::new();
    let grammar = GRAMMAR.get_or_init(|| MoneyGrammar::embedded().unwrap());
    let text = String::from_utf8_lossy(bytes);
    let sums = grammar.find(&text, &grammar.context(&text));
    let mut at = 0;
    for (position, sum) in sums.iter().enumerate() {
        at = ordered(&text, at, sum.span);
        assert!(sum.amount_min <= sum.amount_max || sum.amount_max.is_none());
        let currency = sum.currency.as_deref().unwrap_or("XXX");
        assert!(currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_uppercase()));
        if let Some(other) = sum.equivalent_of {
            assert!(other < sums.len() && other != position);
        }
    }
}

/// Any bytes are text or refused; what is text has blocks that are spans of it, in order.
pub fn document(bytes: &[u8]) {
    static RULES: OnceLock<StructureRules> = OnceLock::new();
    let rules = RULES.get_or_init(|| StructureRules::embedded().unwrap());
    let found = stdin(bytes.to_vec());
    let Ok(source) = found.read(&Limits::new(1)) else {
        return;
    };
    let document = Document::parse(source, rules);
    let mut at = 0;
    for block in &document.blocks {
        at = ordered(&document.text, at, block.span);
        if let Some(section) = block.section {
            ordered(&document.text, 0, section);
        }
    }
    if let Some(title) = document.head.title {
        ordered(&document.text, 0, title);
    }
}

/// Every format can be written of any statement; JSON is JSON, and CSV has the rows and the words that were written.
pub fn report(bytes: &[u8]) {
    static PIPELINE: OnceLock<Mutex<Pipeline>> = OnceLock::new();
    let taxonomy = Taxonomy::embedded().unwrap();
    let pipeline = PIPELINE.get_or_init(|| {
        Mutex::new(Pipeline::load(EngineKind::Rules, taxonomy.clone(), 1).unwrap())
    });
    let mut finished = Vec::new();
    let statement = [stdin(bytes.to_vec())];
    let outcome = pipeline.lock().unwrap().run(&statement, &mut |outcome| {
        finished.extend(outcome.map(|analysis| Finished::new(analysis, &taxonomy)));
        Ok(())
    });
    outcome.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let target = output::Target::Folder(folder.path().into());
    let mut report = Report::create(&target, &taxonomy, &every_format()).unwrap();
    for finished in &finished {
        report.write(finished).unwrap();
    }
    report.finish(0).unwrap();

    let json = fs::read(folder.path().join("analysis.json")).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let rows = json["sentences"].as_array().unwrap();
    let table = csv::Reader::from_path(folder.path().join("sentences.csv"));
    let table: Vec<csv::StringRecord> = table.unwrap().records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), table.len());
    let text: Vec<char> = finished.iter().flat_map(|f| f.text.chars()).collect();
    for (row, record) in rows.iter().zip(&table) {
        let words = row["text"].as_str().unwrap();
        assert_eq!(
            record[5].strip_prefix('\'').unwrap_or(&record[5]),
            words.strip_prefix('\'').unwrap_or(words)
        );
        let offset = |name: &str| row[name].as_u64().unwrap() as usize;
        let said: String = text[offset("start")..offset("end")].iter().collect();
        assert_eq!(solid(&said), solid(words));
    }
}

fn every_format() -> Run {
    let provenance = Provenance {
        program: "demarche".into(),
        version: "0".into(),
        engine: EngineKind::Rules,
        weights_sha256: None,
        taxonomy: "built-in".into(),
        taxonomy_sha256: String::new(),
        max_megabytes: 1,
    };
    let settings = RunSettings {
        format: <ReportFormat as clap::ValueEnum>::value_variants().to_vec(),
        bom: false,
        ..RunSettings::default()
    };
    Run::new(provenance, settings)
}

/// A text without its white space, which reports fold.
fn solid(text: &str) -> String {
    text.split_whitespace().collect()
}

/// That `span` is a piece of `text`, not empty, from `at` on; where it ends.
fn ordered(text: &str, at: usize, span: Span) -> usize {
    assert!(at <= span.start && span.start < span.end, "{at} {span:?}");
    assert!(text.get(span.start..span.end).is_some(), "{span:?}");
    span.end
}
