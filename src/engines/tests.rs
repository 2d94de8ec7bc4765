//! What holds for every engine that is compiled in.

use std::sync::Arc;

use super::*;
use crate::analysis::entities::{EntityGrammar, EntityType};
use crate::analysis::money::MoneyGrammar;
use crate::analysis::themes::{Taxonomy, ThemeScorer, assign};
use crate::analysis::{UnreadDocument, UnreadSentence};
use crate::document::Document;

/// A document of these sentences.
pub(super) fn unread(texts: &[&str]) -> UnreadDocument {
    let (document, sentences) = Document::of_sentences("a", texts.iter().copied());
    let grammar = MoneyGrammar::embedded().unwrap();
    let context = grammar.context(&document.text);
    let sentences = sentences.into_iter().zip(texts);
    UnreadDocument {
        sentences: sentences
            .map(|(sentence, text)| UnreadSentence {
                sentence,
                money: grammar.find(text, &context),
            })
            .collect(),
        document,
    }
}

fn engine(kind: EngineKind, taxonomy: &Taxonomy) -> Box<dyn Engine> {
    let entities = Arc::new(EntityGrammar::embedded().unwrap());
    EngineSettings::from(kind)
        .load(taxonomy, &entities)
        .unwrap()
}

/// Every engine of this program, with its name for messages.
fn engines() -> impl Iterator<Item = (&'static str, Box<dyn Engine>)> {
    let taxonomy = Taxonomy::embedded().unwrap();
    let kinds = EngineKind::compiled().iter();
    kinds.map(move |kind| (kind.name(), engine(*kind, &taxonomy)))
}

/// Every number and span, so that equal means equal to the last bit.
fn exact(readings: &[Reading]) -> String {
    readings
        .iter()
        .map(|reading| {
            let bits: Vec<u32> = reading
                .theme_scores
                .iter()
                .map(|score| score.to_bits())
                .collect();
            format!("{bits:?} {:?}\n", reading.mentions)
        })
        .collect()
}

/// Numbers to three places.
fn rounded(readings: &[Reading]) -> String {
    let line = |reading: &Reading| {
        let mut reading = reading.clone();
        for mention in &mut reading.mentions {
            mention.score = (mention.score * 1e3).round() / 1e3;
        }
        let scores = reading.theme_scores.iter();
        let scores: Vec<String> = scores.map(|score| format!("{score:.3}")).collect();
        format!("{scores:?} {:?}\n", reading.mentions)
    };
    readings.iter().map(line).collect()
}

/// Reads `texts` as one document and checks what no engine may get wrong.
pub(super) fn well_formed(name: &str, engine: &mut dyn Engine, texts: &[&str]) -> Vec<Reading> {
    let statement = unread(texts);
    let readings = engine.read(&[&statement]).unwrap().remove(0);
    assert_eq!(readings.len(), texts.len(), "{name}");
    for (reading, text) in readings.iter().zip(texts) {
        let scores = &reading.theme_scores;
        assert_eq!(scores.len(), engine.thresholds().len(), "{name}");
        assert!(
            scores.iter().all(|score| (0.0..=1.0).contains(score)),
            "{name}: {scores:?}"
        );
        let mut end = 0;
        for mention in &reading.mentions {
            assert!(
                mention.span.start >= end,
                "{name}: {text}: {:?}",
                reading.mentions
            );
            assert!(
                !mention.span.of(text).is_empty(),
                "{name}: {text}: {:?}",
                reading.mentions
            );
            assert!((0.0..=1.0).contains(&mention.score), "{name}");
            end = mention.span.end;
        }
    }
    readings
}

const ALLIANCE: [&str; 3] = [
    "The Defence Ministers of Japan and the Philippines agreed to hold joint naval exercises in the South China Sea.",
    "They will increase funding for student exchanges to $20 million by 2027.",
    "The meeting took place in Manila.",
];
const CLIMATE: [&str; 2] = [
    "Chile and Denmark reaffirmed the Paris Agreement and pledged to cut methane emissions.",
    "The European Commission welcomed the pledge.",
];

#[test]
fn names_and_themes_are_read() {
    let statement = unread(&ALLIANCE);
    for (name, mut engine) in engines() {
        let readings = engine.read(&[&statement]).unwrap().remove(0);
        let found: Vec<(&str, EntityType)> = readings[0]
            .mentions
            .iter()
            .map(|mention| (mention.span.of(ALLIANCE[0]), mention.entity_type))
            .collect();
        for wanted in [
            ("Japan", EntityType::Gpe),
            ("Philippines", EntityType::Gpe),
            ("South China Sea", EntityType::Loc),
        ] {
            assert!(found.contains(&wanted), "{name}: {found:?}");
        }
        let thresholds = engine.thresholds();
        let themes = |place: usize| assign(&readings[place].theme_scores, &thresholds);
        assert_eq!(themes(0).first(), Some(&0), "{name}: {readings:?}");
        // The cues see the money rather than the students.
        if name != "rules" {
            assert!(themes(1).contains(&4), "{name}: {readings:?}");
        }
        assert!(themes(2).is_empty(), "{name}: {readings:?}");
    }
}

#[test]
fn a_document_is_read_the_same_alone_in_company_and_on_any_number_of_threads() {
    let statements = [
        unread(&CLIMATE),
        unread(&[]),
        unread(&ALLIANCE.repeat(12)),
        unread(&CLIMATE),
    ];
    let window: Vec<_> = statements.iter().collect();
    let together = |kind: EngineKind, threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let taxonomy = Taxonomy::embedded().unwrap();
        pool.install(|| engine(kind, &taxonomy).read(&window).unwrap())
    };
    for (kind, (name, mut engine)) in EngineKind::compiled().iter().zip(engines()) {
        let (one, three) = (together(*kind, 1), together(*kind, 3));
        for ((statement, one), three) in window.iter().zip(&one).zip(&three) {
            let alone = engine.read(&[*statement]).unwrap().remove(0);
            assert_eq!(alone.len(), statement.sentences.len());
            // libtorch adds up in another order on other numbers of threads, which the last bits show.
            let shown = match kind {
                EngineKind::RustBert => rounded,
                EngineKind::Minilm | EngineKind::Rules => exact,
            };
            assert_eq!(shown(&alone), shown(one), "{name}");
            assert_eq!(shown(&alone), shown(three), "{name}");
        }
        assert_eq!(exact(&one[0]), exact(&one[3]), "{name}");
    }
}

#[test]
fn any_text_is_read_and_spans_fit_it() {
    let unbroken = "a".repeat(10_000);
    let glued = "Köln-".repeat(2000);
    let wordy = "The Council of the European Union met in Brussels and ".repeat(120);
    let texts = [
        "",
        " \u{a0}\t",
        "\u{0}\u{7}\u{feff}\u{200b}",
        "\u{1F1EA}\u{1F1FA}\u{1F91D}\u{1F1FA}\u{1F1E6} \u{1F468}\u{200d}\u{1F469}\u{200d}\u{1F467} Kyiv \u{1F389}!",
        "اجتمع وزراء الخارجية في القاهرة يوم ٣ مايو ٢٠٢١.",
        "\u{202e}שלום\u{202c} from Tel Aviv\u{301}\u{301}\u{301}, e\u{301}te\u{301} ﬁnance İSTANBUL ǅ",
        "外務大臣は東京で会談した。",
        &unbroken,
        &glued,
        &wordy,
        "...,,,;;;''''\"\"(((",
    ];
    for (name, mut engine) in engines() {
        let readings = well_formed(name, engine.as_mut(), &texts);
        // A sentence of several windows: what stands in it is found from its first words to its last.
        let brussels = readings[9]
            .mentions
            .iter()
            .filter(|m| m.span.of(&wordy) == "Brussels");
        assert_eq!(brussels.count(), 120, "{name}");
    }
}

#[test]
fn a_theme_that_the_network_does_not_know_is_scored_by_its_cues_and_this_is_said() {
    let mut toml = Taxonomy::EMBEDDED.to_string();
    toml += "[[theme]]\nid = 'health'\ncode = 'HEA'\ntitle = 'Health'\ndescription = 'x'\nthreshold = 0.4\nbias = -3\n\
             cues = [{ weight = 6, words = ['vaccine*'] }]\n";
    let taxonomy = Taxonomy::from_toml(&toml, "mine.toml").unwrap();
    let text = "Norway will send vaccines to Malawi.";
    let statement = unread(&[text]);
    let added = taxonomy.themes().len() - 1;
    let by_cues = ThemeScorer::new(&taxonomy).unwrap().score(text)[added];
    for kind in EngineKind::compiled() {
        let mut engine = engine(*kind, &taxonomy);
        assert_eq!(engine.thresholds()[added], 0.4);
        let said = "does not know these themes, which are scored by their cues: health";
        let notes = engine.notes();
        match kind {
            EngineKind::Rules => assert!(notes.is_empty()),
            EngineKind::Minilm | EngineKind::RustBert => {
                assert_eq!(notes.len(), 1);
                assert!(notes[0].ends_with(said), "{notes:?}");
            }
        }
        let readings = engine.read(&[&statement]).unwrap().remove(0);
        assert_eq!(readings[0].theme_scores[added].to_bits(), by_cues.to_bits());
    }
    for (name, engine) in engines() {
        assert!(engine.notes().is_empty(), "{name}");
    }
}
