//! Megabytes a second of every stage, and tokens a second of the model: `make bench`. The text is that of `input/`, over and
//! over.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use demarche::analysis::entities::EntityGrammar;
use demarche::analysis::money::MoneyGrammar;
use demarche::analysis::sentences::SentenceSplitter;
use demarche::analysis::themes::{Taxonomy, ThemeScorer};
use demarche::document::StructureRules;
use demarche::engines::EngineKind;
use demarche::input::find;
use demarche::pipeline::Pipeline;
use rayon::prelude::*;
use rten::{ModelOptions, RunOptions, ThreadPool, Value};

/// How much text a round reads, in bytes.
const ROUND: usize = 1 << 20;

fn samples() -> String {
    let input = Path::new(env!("CARGO_MANIFEST_DIR")).join("input");
    find(&[input])
        .statements
        .iter()
        .filter_map(|found| fs::read_to_string(found.path()).ok())
        .map(|text| text + "\n\n")
        .collect()
}

fn stages(criterion: &mut Criterion) {
    let samples = samples();
    let text = samples.repeat(ROUND.div_ceil(samples.len()));
    let rules = StructureRules::embedded().unwrap();
    let splitter = SentenceSplitter::embedded().unwrap();
    let money = MoneyGrammar::embedded().unwrap();
    let entities = EntityGrammar::embedded().unwrap();
    let themes = ThemeScorer::new(&Taxonomy::embedded().unwrap()).unwrap();
    let blocks = rules.read(&text, false, "").blocks;
    let sentences = splitter.split(&text, &blocks);
    let words: Vec<&str> = sentences.iter().map(|s| s.span.of(&text)).collect();
    let context = money.context(&text);

    let mut group = criterion.benchmark_group("stage");
    group
        .throughput(Throughput::Bytes(text.len() as u64))
        .sample_size(20);
    group.bench_function("structure", |b| {
        b.iter(|| rules.read(black_box(&text), false, ""))
    });
    group.bench_function("sentences", |b| {
        b.iter(|| splitter.split(black_box(&text), &blocks))
    });
    group.bench_function("money", |b| {
        b.iter(|| {
            words
                .iter()
                .map(|w| money.find(black_box(w), &context).len())
                .sum::<usize>()
        });
    });
    group.bench_function("structure, sentences and money", |b| {
        b.iter(|| {
            let blocks = rules.read(black_box(&text), false, "").blocks;
            let context = money.context(&text);
            let sentences = splitter.split(&text, &blocks);
            let sums = sentences
                .iter()
                .map(|s| money.find(s.span.of(&text), &context).len());
            sums.sum::<usize>()
        });
    });
    group.bench_function("themes", |b| {
        b.iter(|| {
            words
                .iter()
                .map(|w| themes.score(black_box(w)).len())
                .sum::<usize>()
        });
    });
    group.bench_function("entities", |b| b.iter(|| entities.find(black_box(&words))));
    group.finish();
}

/// Windows per round, tokens and sentences per window: as `benches/peer.py` has them.
const WINDOWS: usize = 32;
const TOKENS: usize = 256;
const SENTENCES: usize = 8;

/// The network alone, in tokens a second: one window a call, windows side by side, as the engine reads them.
fn network(criterion: &mut Criterion) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/minilm/model.onnx");
    let model = ModelOptions::with_all_ops()
        .prepack_weights(true)
        .load_file(path)
        .unwrap();
    let node = |name: &str| model.node_id(name).unwrap();
    let outputs = [node("entity_logits"), node("theme_logits")];
    let run = |options: RunOptions| {
        let ints = |value: &dyn Fn(usize) -> i32| {
            let values: Vec<i32> = (0..TOKENS).map(value).collect();
            Value::from_shape([1, TOKENS], values).unwrap().into()
        };
        let floats = |columns: usize, value: f32| {
            let values = vec![value; SENTENCES * columns];
            Value::from_shape([1, SENTENCES, columns], values)
                .unwrap()
                .into()
        };
        let inputs = vec![
            (
                node("input_ids"),
                ints(&|token| 1000 + 97 * token as i32 % 20_000),
            ),
            (node("attention_mask"), ints(&|_| 1)),
            (node("token_type_ids"), ints(&|token| token as i32 % 4)),
            (node("rule_tags"), ints(&|token| token as i32 % 19)),
            (node("pooling"), floats(TOKENS, 1.0 / TOKENS as f32)),
            (node("rule_themes"), floats(5, 0.2)),
        ];
        model.run_n(inputs, outputs, Some(options)).unwrap()
    };
    let mut group = criterion.benchmark_group("network");
    group
        .throughput(Throughput::Elements((WINDOWS * TOKENS) as u64))
        .sample_size(10);
    for threads in [1, 2] {
        let pool = Arc::new(ThreadPool::with_num_threads(threads));
        group.bench_function(format!("{threads} threads"), |b| {
            b.iter(|| {
                pool.run(|| {
                    (0..WINDOWS).into_par_iter().with_max_len(1).for_each(|_| {
                        let pool = Some(Arc::clone(&pool));
                        black_box(run(RunOptions::default().with_thread_pool(pool)));
                    });
                });
            });
        });
    }
    group.finish();
}

/// Everything but writing, on one thread.
fn end_to_end(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let samples = samples();
    for number in 0..ROUND.div_ceil(samples.len()) {
        fs::write(folder.path().join(format!("{number}.txt")), &samples).unwrap();
    }
    let found = find(&[folder.path().to_path_buf()]).statements;
    let bytes = found.len() * samples.len();
    let one_thread = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    let mut group = criterion.benchmark_group("end to end");
    group
        .throughput(Throughput::Bytes(bytes as u64))
        .sample_size(10);
    for engine in [EngineKind::Rules, EngineKind::Minilm] {
        let mut pipeline = Pipeline::load(engine, Taxonomy::embedded().unwrap(), 20).unwrap();
        group.bench_function(format!("{} engine", engine.name()), |b| {
            b.iter(|| {
                let mut sentences = 0;
                one_thread.install(|| {
                    pipeline
                        .run(black_box(&found), &mut |outcome| {
                            sentences += outcome.map_or(0, |analysis| analysis.sentences.len());
                            Ok(())
                        })
                        .unwrap();
                });
                sentences
            });
        });
    }
    group.finish();
}

criterion_group!(benches, stages, network, end_to_end);
criterion_main!(benches);
