//! Whole runs of the program over an archive of any size, made from the samples of `input/`: documents and words a second,
//! processor time, peak memory, what a second run costs, and the share of time a stage.
//!
//! `cargo bench --bench archive -- 100 1000 10000 --engine rules` measures those sizes, and
//! `cargo bench --bench archive -- 5000 --write FOLDER` only writes the archive. Linux alone tells what a process needed.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::{Parser, ValueEnum};
use demarche::analysis::entities::EntityGrammar;
use demarche::analysis::money::MoneyGrammar;
use demarche::analysis::sentences::SentenceSplitter;
use demarche::analysis::themes::Taxonomy;
use demarche::analysis::{UnreadDocument, UnreadSentence};
use demarche::document::{Document, Kind, Sentence, StructureRules};
use demarche::engines::{EngineKind, EngineSettings};
use demarche::input::{Found, Limits, find};
use demarche::output::run::{Run, RunSettings};
use demarche::output::{Finished, Provenance, Report, ReportFormat, Target};
use demarche::pipeline::Pipeline;

const PROGRAM: &str = env!("CARGO_BIN_EXE_demarche");

/// How many statements of the archive the shares of the stages are measured on.
const STAGED: usize = 256;

/// How many statements are new in a nightly run.
const NEW: usize = 10;

/// How often the kernel is asked what the program has used.
const LOOK: Duration = Duration::from_millis(20);

#[derive(Parser)]
struct Arguments {
    /// How many statements an archive has.
    #[arg(default_value = "10000")]
    sizes: Vec<usize>,
    /// The engines to measure.
    #[arg(long, value_delimiter = ',', default_value = "rules,minilm")]
    engine: Vec<EngineKind>,
    /// The runs to measure, one after the other: everything new, nothing new, ten statements new (of a folder that the
    /// first has filled), a stream of JSON Lines.
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "all-new,none-new,ten-new,stream"
    )]
    runs: Vec<RunKind>,
    /// Threads of the program; 0 is one a core.
    #[arg(long, default_value = "0")]
    threads: usize,
    /// Only write the archive to this folder.
    #[arg(long)]
    write: Option<PathBuf>,
    /// What cargo adds.
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RunKind {
    AllNew,
    NoneNew,
    TenNew,
    Stream,
}

fn main() {
    let arguments = Arguments::parse();
    let samples = Samples::read();
    if let Some(folder) = &arguments.write {
        for size in arguments.sizes {
            println!("{} words", samples.write_archive(folder, 0..size));
        }
        return;
    }
    println!("| engine | statements | run | s | processor s | documents/s | words/s | peak MB |");
    println!("|---|---|---|---|---|---|---|---|");
    for size in &arguments.sizes {
        for engine in &arguments.engine {
            whole_runs(&samples, *size, *engine, &arguments);
        }
    }
    println!("\n| stage, one thread | {STAGED} statements, ms | share |\n|---|---|---|");
    for engine in arguments.engine {
        stages(&samples, engine);
    }
}

/// The paragraphs of the samples.
struct Samples(Vec<Vec<String>>);

impl Samples {
    fn read() -> Self {
        let input = Path::new(env!("CARGO_MANIFEST_DIR")).join("input");
        let texts = find(&[input]).statements.into_iter();
        let texts = texts.map(|found| fs::read_to_string(found.path()).unwrap());
        Self(
            texts
                .map(|text| text.split("\n\n").map(str::to_owned).collect())
                .collect(),
        )
    }

    /// Statement `number` of the archive: a sample with a paragraph in four from another, so that no two are alike and
    /// all are as long as real ones. The same number is the same statement on every machine.
    fn statement(&self, number: usize) -> String {
        // A linear congruential generator (Knuth's MMIX).
        let mut random = number as u64;
        let mut draw = |below: usize| {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) as usize % below
        };
        let Self(samples) = self;
        let mut text = String::new();
        for (at, paragraph) in samples[number % samples.len()].iter().enumerate() {
            let other = &samples[draw(samples.len())];
            let paragraph = match draw(4) {
                // The head stays, so that it remains one statement.
                0 if at > 1 => &other[2 + draw(other.len() - 2)],
                _ => paragraph,
            };
            text.push_str(paragraph);
            text.push_str("\n\n");
        }
        let _ = writeln!(text, "Document {number} of the archive.");
        text
    }

    /// Writes these statements, a thousand a folder; how many words they have.
    fn write_archive(&self, folder: &Path, numbers: std::ops::Range<usize>) -> usize {
        let mut words = 0;
        for number in numbers {
            let place = folder.join(format!("{:04}", number / 1000));
            if number % 1000 == 0 {
                fs::create_dir_all(&place).unwrap();
            }
            let text = self.statement(number);
            words += text.split_whitespace().count();
            fs::write(place.join(format!("{number:07}.txt")), text).unwrap();
        }
        words
    }
}

fn whole_runs(samples: &Samples, size: usize, engine: EngineKind, arguments: &Arguments) {
    let desk = tempfile::tempdir().unwrap();
    let (archive, out) = (desk.path().join("in"), desk.path().join("out"));
    let words = samples.write_archive(&archive, 0..size);
    let analyze = || {
        let mut command = Command::new(PROGRAM);
        let threads = arguments.threads.to_string();
        command.args([
            "analyze",
            "--quiet",
            "--engine",
            engine.name(),
            "--threads",
            &threads,
        ]);
        command.stdout(Stdio::null());
        command
    };
    let to_folder = || {
        let mut command = analyze();
        command.arg(&archive).arg("-o").arg(&out);
        command
    };
    let row = |run: &str, needed: &Needed| {
        println!(
            "| {} | {size} | {run} | {:.2} | {:.2} | {:.0} | {:.0} | {:.0} |",
            engine.name(),
            needed.wall,
            needed.processor,
            size as f64 / needed.wall,
            words as f64 / needed.wall,
            needed.peak_megabytes
        );
    };
    for run in &arguments.runs {
        match run {
            RunKind::AllNew => row("all new", &measure(&mut to_folder())),
            RunKind::NoneNew => row("none new", &measure(&mut to_folder())),
            RunKind::TenNew => {
                let first = size.next_multiple_of(1000);
                samples.write_archive(&archive, first..first + NEW);
                row("ten new", &measure(&mut to_folder()));
            }
            RunKind::Stream => {
                let lines = desk.path().join("archive.jsonl");
                write_lines(samples, size, &lines);
                let mut stream = analyze();
                stream.args(["-", "-o", "-", "--format", "json-lines"]);
                row(
                    "stream",
                    &measure(stream.stdin(File::open(&lines).unwrap())),
                );
            }
        }
    }
}

/// The archive as JSON Lines.
fn write_lines(samples: &Samples, size: usize, path: &Path) {
    let mut lines = BufWriter::new(File::create(path).unwrap());
    for number in 0..size {
        let text = samples.statement(number);
        let line = serde_json::json!({ "id": format!("{number:07}"), "text": text });
        writeln!(lines, "{line}").unwrap();
    }
}

/// What a run needed.
struct Needed {
    /// Seconds.
    wall: f64,
    /// Seconds of all threads.
    processor: f64,
    peak_megabytes: f64,
}

fn measure(command: &mut Command) -> Needed {
    let start = Instant::now();
    let mut child = command.spawn().unwrap();
    let (mut processor, mut peak) = (0.0, 0.0);
    loop {
        // The last look is a moment before the end: what is missed then is little beside the whole.
        if let Some((time, memory)) = used(child.id()) {
            (processor, peak) = (time, memory);
        }
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "{command:?}: {status}");
            break;
        }
        std::thread::sleep(LOOK);
    }
    Needed {
        wall: start.elapsed().as_secs_f64(),
        processor,
        peak_megabytes: peak,
    }
}

/// Processor seconds and peak memory in megabytes of a process, until now.
fn used(process: u32) -> Option<(f64, f64)> {
    /// Clock ticks a second, as Linux reports them on every machine (`USER_HZ`).
    const TICKS: f64 = 100.0;
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    // Fields are counted behind the name of the program, which stands in brackets.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: f64 = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = peak.trim().trim_end_matches(" kB").parse().ok()?;
    Some((ticks / TICKS, kilobytes / 1000.0))
}

/// Times every stage on one thread, as far as each can be had alone.
fn stages(samples: &Samples, engine: EngineKind) {
    let desk = tempfile::tempdir().unwrap();
    samples.write_archive(&desk.path().join("in"), 0..STAGED);
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let times = one.unwrap().install(|| time_stages(desk.path(), engine));
    let all: f64 = times.iter().map(|(_, time)| time).sum();
    for (stage, time) in times {
        let (time, share) = (1000.0 * time, 100.0 * time / all);
        println!("| {}: {stage} | {time:.0} | {share:.1}% |", engine.name());
    }
}

fn time_stages(desk: &Path, kind: EngineKind) -> Vec<(&'static str, f64)> {
    let taxonomy = Taxonomy::embedded().unwrap();
    let entities = Arc::new(EntityGrammar::embedded().unwrap());
    let settings: EngineSettings = kind.into();
    let mut engine = settings.load(&taxonomy, &entities).unwrap();
    let mut watch = Stopwatch::default();
    let input = desk.join("in");
    let found = watch.time("find", || find(&[input])).statements;
    let unread = time_before_engine(&mut watch, &found);
    watch.time("engine", || {
        for window in unread.chunks(64) {
            engine.read(&window.iter().collect::<Vec<_>>()).unwrap();
        }
    });
    let before: f64 = watch.times.iter().skip(1).map(|(_, time)| time).sum();
    let mut pipeline = Pipeline::load(kind, taxonomy.clone(), 20).unwrap();
    let start = Instant::now();
    let mut analyses = Vec::new();
    pipeline
        .run(&found, &mut |outcome| {
            analyses.extend(outcome);
            Ok(())
        })
        .unwrap();
    // What the whole takes beyond the stages before.
    watch.times.push((
        "names joined, weighting",
        (start.elapsed().as_secs_f64() - before).max(0.0),
    ));
    let finished: Vec<Finished> = watch.time("rows", || {
        analyses
            .into_iter()
            .map(|analysis| Finished::new(analysis, &taxonomy))
            .collect()
    });
    watch.time("write CSV and JSON", || {
        let target = Target::Folder(desk.join("out"));
        let mut report = Report::create(&target, &taxonomy, &usual_run(kind)).unwrap();
        finished
            .iter()
            .for_each(|finished| report.write(finished).unwrap());
        report.finish(0).unwrap();
    });
    watch.times
}

/// The times of stages, in order.
#[derive(Default)]
struct Stopwatch {
    times: Vec<(&'static str, f64)>,
}

impl Stopwatch {
    fn time<T>(&mut self, stage: &'static str, run: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let done = run();
        self.times.push((stage, start.elapsed().as_secs_f64()));
        done
    }
}

/// Times what comes before the engine; the documents are then ready for it.
fn time_before_engine(watch: &mut Stopwatch, found: &[Found]) -> Vec<UnreadDocument> {
    let rules = StructureRules::embedded().unwrap();
    let splitter = SentenceSplitter::embedded().unwrap();
    let grammar = MoneyGrammar::embedded().unwrap();
    let limits = Limits::new(20);
    let sources: Vec<_> = watch.time("read, decode", || {
        let sources = found.iter().map(|found| found.read(&limits).unwrap());
        sources.collect()
    });
    let documents: Vec<(Document, Vec<Sentence>)> = watch.time("structure, sentences", || {
        let split = |source| {
            let document = Document::parse(source, &rules);
            let sentences = splitter.split(&document.text, &document.blocks);
            (document, sentences)
        };
        sources.into_iter().map(split).collect()
    });
    watch.time("money", || {
        let sums = |(document, sentences): (Document, Vec<Sentence>)| {
            let context = grammar.context(&document.text);
            let of_sentence = |sentence: Sentence| UnreadSentence {
                money: match sentence.kind {
                    Kind::Boilerplate => Vec::new(),
                    _ => grammar.find(sentence.span.of(&document.text), &context),
                },
                sentence,
            };
            UnreadDocument {
                sentences: sentences.into_iter().map(of_sentence).collect(),
                document,
            }
        };
        documents.into_iter().map(sums).collect()
    })
}

fn usual_run(engine: EngineKind) -> Run {
    let provenance = Provenance {
        program: "demarche".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        engine,
        weights_sha256: None,
        taxonomy: "built-in".into(),
        taxonomy_sha256: String::new(),
        max_megabytes: 20,
    };
    let settings = RunSettings {
        format: vec![ReportFormat::Csv, ReportFormat::Json],
        ..RunSettings::default()
    };
    Run::new(provenance, settings)
}
