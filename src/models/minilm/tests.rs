use super::*;
use crate::analysis::entities::EntityType;
use crate::analysis::money::MoneyGrammar;
use crate::document::{Document, Sentence};

/// A document of these sentences.
struct Statement {
    document: Document,
    sentences: Vec<Sentence>,
    money: Vec<Vec<crate::analysis::money::Money>>,
}

impl Statement {
    fn new(texts: &[&str]) -> Self {
        let (document, sentences) = Document::of_sentences("a", texts.iter().copied());
        let grammar = MoneyGrammar::embedded().unwrap();
        let context = grammar.context(&document.text);
        Self {
            money: texts
                .iter()
                .map(|text| grammar.find(text, &context))
                .collect(),
            document,
            sentences,
        }
    }

    fn sentences(&self) -> DocumentSentences<'_> {
        DocumentSentences {
            document: &self.document,
            sentences: &self.sentences,
            money: &self.money,
        }
    }
}

fn engine(taxonomy: &Taxonomy) -> MinilmEngine {
    MinilmEngine::new(taxonomy, Arc::new(EntityGrammar::embedded().unwrap())).unwrap()
}

fn built_in() -> MinilmEngine {
    engine(&Taxonomy::embedded().unwrap())
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
    let statement = Statement::new(&ALLIANCE);
    let mut engine = built_in();
    let readings = engine.read(&[statement.sentences()]).unwrap().remove(0);
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
        assert!(found.contains(&wanted), "{found:?}");
    }
    let main = |reading: &Reading| {
        let scores = reading.theme_scores.iter().enumerate();
        scores
            .max_by(|a, b| a.1.total_cmp(b.1))
            .map(|(place, _)| place)
    };
    assert_eq!(
        main(&readings[0]),
        Some(0),
        "{:?}",
        readings[0].theme_scores
    );
    let themes = |reading: &Reading| {
        crate::analysis::themes::assign(&reading.theme_scores, &engine.thresholds())
    };
    assert!(
        themes(&readings[1]).contains(&4),
        "{:?}",
        readings[1].theme_scores
    );
    assert!(
        themes(&readings[2]).is_empty(),
        "{:?}",
        readings[2].theme_scores
    );
}

#[test]
fn a_document_is_read_the_same_alone_in_company_and_on_any_number_of_threads() {
    let statements = [
        Statement::new(&CLIMATE),
        Statement::new(&[]),
        Statement::new(&ALLIANCE.repeat(12)),
        Statement::new(&CLIMATE),
    ];
    let window: Vec<_> = statements.iter().map(Statement::sentences).collect();
    let together = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| built_in().read(&window).unwrap())
    };
    let (one, three) = (together(1), together(3));
    let mut engine = built_in();
    for ((statement, one), three) in window.iter().zip(&one).zip(&three) {
        let alone = engine.read(&[*statement]).unwrap().remove(0);
        assert_eq!(alone.len(), statement.sentences.len());
        assert_eq!(exact(&alone), exact(one));
        assert_eq!(exact(&alone), exact(three));
    }
    assert_eq!(exact(&one[0]), exact(&one[3]));
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
    let statement = Statement::new(&texts);
    let readings = built_in().read(&[statement.sentences()]).unwrap().remove(0);
    assert_eq!(readings.len(), texts.len());
    for (reading, text) in readings.iter().zip(texts) {
        assert!(
            reading
                .theme_scores
                .iter()
                .all(|score| (0.0..=1.0).contains(score))
        );
        let mut end = 0;
        for mention in &reading.mentions {
            assert!(mention.span.start >= end, "{text}: {:?}", reading.mentions);
            assert!(
                !mention.span.of(text).is_empty(),
                "{text}: {:?}",
                reading.mentions
            );
            assert!((0.0..=1.0).contains(&mention.score));
            end = mention.span.end;
        }
    }
    // A sentence of several windows: what stands in it is found from its first words to its last.
    let brussels = readings[9]
        .mentions
        .iter()
        .filter(|m| m.span.of(&wordy) == "Brussels");
    assert_eq!(brussels.count(), 120);
}

#[test]
fn a_theme_that_the_network_does_not_know_is_scored_by_its_cues_and_this_is_said() {
    let mut toml = Taxonomy::EMBEDDED.to_string();
    toml += "[[theme]]\nid = 'health'\ncode = 'HEA'\ntitle = 'Health'\ndescription = 'x'\nthreshold = 0.4\nbias = -3\n\
             cues = [{ weight = 6, words = ['vaccine*'] }]\n";
    let taxonomy = Taxonomy::from_toml(&toml, "mine.toml").unwrap();
    let mut engine = engine(&taxonomy);
    assert_eq!(engine.thresholds()[5], 0.4);
    assert_eq!(
        engine.notes(),
        ["the minilm engine does not know these themes, which are scored by their cues: health"]
    );
    let statement = Statement::new(&["Norway will send vaccines to Malawi."]);
    let reading = engine
        .read(&[statement.sentences()])
        .unwrap()
        .remove(0)
        .remove(0);
    let by_cues = ThemeScorer::new(&taxonomy)
        .unwrap()
        .score("Norway will send vaccines to Malawi.")[5];
    assert_eq!(reading.theme_scores[5].to_bits(), by_cues.to_bits());
    assert!(built_in().notes().is_empty());
}

#[test]
fn bytes_that_are_no_network_are_refused_by_name() {
    for bytes in [
        &NETWORK.1[..1000],
        &NETWORK.1[1000..5000],
        b"",
        b"not a network",
    ] {
        let error = Network::load(bytes, NETWORK.0).err().unwrap();
        assert!(
            error.to_string().starts_with("models/minilm/model.onnx: "),
            "{error}"
        );
    }
}

#[test]
fn every_embedded_file_is_the_one_of_the_manifest() {
    let manifest = Manifest::embedded().unwrap();
    for (file, bytes) in [NETWORK, TOKENIZER, LABELS] {
        manifest.checked(file, bytes).unwrap();
    }
}
