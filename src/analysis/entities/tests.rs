//! The whole of it: what a document's sentences yield.

use std::collections::HashSet;

use proptest::prelude::*;

use super::data;
use super::numbered::NumberedName;
use super::*;
use crate::document::Span;

fn grammar() -> EntityGrammar {
    EntityGrammar::embedded().unwrap()
}

fn resolved(
    grammar: &EntityGrammar,
    sentences: &[&str],
    mentions: Vec<Vec<Mention>>,
) -> Vec<Vec<Entity>> {
    grammar.resolve(sentences.iter().copied().zip(mentions).collect())
}

fn entities(sentences: &[&str]) -> Vec<(String, EntityType, String, Option<String>)> {
    let grammar = grammar();
    let resolved = resolved(&grammar, sentences, grammar.find(sentences));
    let flat = resolved.into_iter().zip(sentences);
    flat.flat_map(|(found, text)| {
        found.into_iter().map(|entity| {
            (
                entity.span.of(text).to_string(),
                entity.entity_type,
                entity.canonical,
                entity.code,
            )
        })
    })
    .collect()
}

fn marked(sentences: &[&str]) -> Vec<(String, &'static str)> {
    entities(sentences)
        .into_iter()
        .map(|(text, entity_type, ..)| (text, entity_type.label()))
        .collect()
}

fn check(sentence: &str, expected: &[(&str, &str)]) {
    let found = marked(&[sentence]);
    let found: Vec<(&str, &str)> = found
        .iter()
        .map(|(text, label)| (text.as_str(), *label))
        .collect();
    assert_eq!(found, expected, "{sentence}");
}

#[test]
fn labels_read_back() {
    for entity_type in EntityType::ALL {
        assert_eq!(
            entity_type.to_string().parse::<EntityType>().unwrap(),
            entity_type
        );
        assert_eq!(
            serde_json::to_string(&entity_type).unwrap(),
            format!("\"{entity_type}\"")
        );
    }
    assert!("PLACE".parse::<EntityType>().is_err());
}

#[test]
fn numbered_names_find_their_examples_and_no_more() {
    let grammar = grammar();
    for rule in data::rules().unwrap().pattern {
        let numbered = NumberedName::new(&rule).unwrap();
        for example in &rule.examples {
            assert!(numbered.whole.is_match(example), "{example}");
            let text = format!("They recalled {example}.");
            let found = grammar.find(&[&text]).remove(0);
            assert!(
                found
                    .iter()
                    .any(|mention| mention.span.of(&text) == example),
                "{text} {found:?}"
            );
        }
        for example in &rule.not {
            assert!(!numbered.whole.is_match(example), "{example}");
        }
    }
}

#[test]
fn names_that_heads_make() {
    use EntityType::{Event, Instrument, Org};
    for (text, name, entity_type) in [
        (
            "The ministers signed the Nordic Defence Cooperation Agreement.",
            "Nordic Defence Cooperation Agreement",
            Instrument,
        ),
        (
            "Officials of the Ministry of Agriculture, Forestry and Fisheries attended.",
            "Ministry of Agriculture, Forestry and Fisheries",
            Org,
        ),
        (
            "We note the Convention on the Conservation of Migratory Species.",
            "Convention on the Conservation of Migratory Species",
            Instrument,
        ),
        (
            "They will attend the Pacific Energy Ministers’ Meeting.",
            "Pacific Energy Ministers’ Meeting",
            Event,
        ),
        (
            "We met during the G7 Cornwall Summit.",
            "G7 Cornwall Summit",
            Event,
        ),
        (
            "The Women's Resilience Fund will grow.",
            "Women's Resilience Fund",
            Instrument,
        ),
        (
            "They thanked the Royal Norwegian Navy.",
            "Royal Norwegian Navy",
            Org,
        ),
    ] {
        let found = entities(&[text]);
        assert!(
            found
                .iter()
                .any(|(t, e, ..)| t == name && *e == entity_type),
            "{text} {found:?}"
        );
    }
    check(
        "We issued a Joint Statement and the Ministers thanked the Council.",
        &[],
    );
}

#[test]
fn spans_follow_the_guide() {
    check(
        "The US-ROK alliance supports Ukraine’s people in the Indo-Pacific region.",
        &[
            ("US", "GPE"),
            ("ROK", "GPE"),
            ("Ukraine", "GPE"),
            ("Indo-Pacific", "LOC"),
        ],
    );
    check(
        "UN Security Council resolutions 731 (1992) and 883 (1993) apply.",
        &[
            ("UN Security Council resolutions 731 (1992)", "INSTRUMENT"),
            ("883 (1993)", "INSTRUMENT"),
        ],
    );
    check(
        "By 2035, trans-Pacific trade may double.",
        &[("2035", "DATE")],
    );
    check(
        "Prime Minister Jens Otto Krag met Dr. Henry Kissinger today.",
        &[
            ("Jens Otto Krag", "PERSON"),
            ("Henry Kissinger", "PERSON"),
            ("today", "DATE"),
        ],
    );
}

#[test]
fn one_thing_has_one_name() {
    let found = entities(&[
        "The United States of America and the U.S. delegation met President Sauli Niinistö.",
        "The US thanked Niinistö, recalling UNSCR 2231 and resolution 2231 (2015).",
        "The Baltic Defence Research Agency (BDRA) will open.",
        "BDRA staff and American experts will work with it.",
    ]);
    let canonical = |text: &str| {
        let entity = found.iter().find(|(t, ..)| t == text);
        entity
            .map(|(_, _, canonical, code)| (canonical.as_str(), code.as_deref()))
            .unwrap_or_default()
    };
    for us in ["United States of America", "U.S.", "US"] {
        assert_eq!(canonical(us), ("United States", Some("USA")), "{found:?}");
    }
    assert_eq!(canonical("American"), ("American", Some("USA")));
    assert_eq!(canonical("Niinistö"), ("Sauli Niinistö", None));
    assert_eq!(canonical("UNSCR 2231"), canonical("resolution 2231 (2015)"));
    assert_eq!(
        canonical("BDRA"),
        ("Baltic Defence Research Agency", None),
        "{found:?}"
    );
}

#[test]
fn countries_and_their_namesakes() {
    let codes = |text: &str| -> Vec<String> {
        let found = entities(&[text]);
        found.into_iter().filter_map(|(.., code)| code).collect()
    };
    for (text, expected) in [
        ("Georgia and Estonia signed.", vec!["GEO", "EST"]),
        ("Chad welcomed the envoys.", vec!["TCD"]),
        ("- Jordan: two clinics", vec!["JOR"]),
        ("JORDAN AND CHAD SIGN ACCORD", vec!["JOR", "TCD"]),
        ("Netherlands Foreign Minister Stef Blok spoke.", vec!["NLD"]),
        ("They met in Savannah, Georgia.", vec![]),
        ("A team from Lebanon, Ohio, came.", vec![]),
        ("We thank Governor Deal of Georgia.", vec![]),
        ("Chad Wolf spoke.", vec![]),
        ("We thank Vernon and Barbara Jordan.", vec![]),
        ("LET US ACT NOW", vec![]),
        (
            "The Bank of China lent more to Air France and US Steel.",
            vec![],
        ),
    ] {
        assert_eq!(codes(text), expected, "{text}");
    }
    check("President Xi spoke.", &[("Xi", "PERSON")]);
}

#[test]
fn numbered_names_of_other_bodies_keep_their_words() {
    for (text, expected) in [
        ("We recall Arab League resolution 18 (2011).", false),
        (
            "We recall resolution 16/18 of the Human Rights Council.",
            false,
        ),
        ("We recall resolution 1701 (2006).", true),
        (
            "We recall UN Security Council resolution 1701 (2006).",
            true,
        ),
    ] {
        let found = entities(&[text]);
        let is_un = found.iter().any(|(_, entity_type, name, _)| {
            *entity_type == EntityType::Instrument && name.starts_with("UN ")
        });
        assert_eq!(is_un, expected, "{found:?}");
    }
    let found = entities(&["The Conference of the Parties (COP21) met in Paris."]);
    assert!(
        found.iter().any(|(_, _, name, _)| name == "COP21"),
        "{found:?}"
    );
}

#[test]
fn korea_is_the_republic_where_the_document_says_so() {
    let code = |sentences: &[&str]| {
        entities(sentences)
            .into_iter()
            .find(|(text, ..)| text == "Korea")
            .and_then(|(.., code)| code)
    };
    assert_eq!(code(&["Korea thanked its guests."]), None);
    assert_eq!(
        code(&[
            "The Republic of Korea was host.",
            "Korea thanked its guests."
        ])
        .as_deref(),
        Some("KOR")
    );
}

#[test]
fn the_council_is_the_one_council_of_the_document() {
    let found = entities(&[
        "The Arctic Council met in Tromsø.",
        "Ministers asked the Council to report.",
    ]);
    let short = found.iter().find(|(text, ..)| text == "Council");
    assert_eq!(
        short.map(|(_, entity_type, canonical, _)| (*entity_type, canonical.as_str())),
        Some((EntityType::Org, "Arctic Council"))
    );
}

#[test]
fn codes_are_three_capitals_and_no_form_has_two_meanings() {
    let places = data::places().unwrap();
    let mut seen = HashSet::new();
    for country in &places.country {
        assert!(
            country.code.len() == 3 && country.code.bytes().all(|byte| byte.is_ascii_uppercase())
        );
        for form in std::iter::once(&country.name)
            .chain(&country.names)
            .chain(&country.demonyms)
        {
            assert!(seen.insert(form.clone()), "{form}");
        }
    }
}

#[test]
fn cities_and_states_that_are_no_more_have_no_code() {
    for (text, _, _, code) in entities(&["They met in Geneva, then in the Soviet Union and Texas."])
    {
        assert_eq!(code, None, "{text}");
    }
}

#[test]
fn money_comes_first_and_mentions_of_a_model_are_welcome() {
    let text = "The Fund gave 5 million Swiss francs to Acme Relief.";
    let grammar = grammar();
    let mut mentions = grammar.find(&[text]);
    mentions[0].push(Mention {
        span: Span::new(40, 51),
        entity_type: EntityType::Org,
        score: 0.8,
        source: MentionSource::Pattern,
    });
    mentions[0].push(Mention::of_money(Span::new(14, 36)));
    let found = resolved(&grammar, &[text], mentions).remove(0);
    let found: Vec<_> = found
        .iter()
        .map(|entity| (entity.span.of(text), entity.entity_type))
        .collect();
    assert_eq!(
        found,
        [
            ("5 million Swiss francs", EntityType::Money),
            ("Acme Relief", EntityType::Org)
        ]
    );
}

#[test]
fn a_span_that_does_not_fit_is_dropped() {
    let mention = Mention {
        span: Span::new(1, 99),
        entity_type: EntityType::Org,
        score: 1.0,
        source: MentionSource::Pattern,
    };
    let found = resolved(&grammar(), &["é"], vec![vec![mention]]);
    assert!(found[0].is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_gives_ordered_spans_that_fit(
        sentences in prop::collection::vec(prop_oneof![
            any::<String>(),
            "([A-Z][a-z]{0,6}|of|and|the|\\(|\\)|[A-Z]{2,5}|President|Council|Treaty|[0-9]{1,4}|[,.’'-]| ){0,40}",
        ], 0..4)
    ) {
        thread_local! {
            static GRAMMAR: EntityGrammar = grammar();
        }
        let texts: Vec<&str> = sentences.iter().map(String::as_str).collect();
        GRAMMAR.with(|grammar| {
            let found = resolved(grammar, &texts, grammar.find(&texts));
            assert_eq!(found.len(), texts.len());
            for (entities, text) in found.iter().zip(&texts) {
                let mut end = 0;
                for entity in entities {
                    assert!(entity.span.start >= end && !entity.span.is_empty());
                    assert!(text.get(entity.span.start..entity.span.end).is_some());
                    end = entity.span.end;
                }
            }
        });
    }
}

#[test]
fn the_definition_of_the_document_goes_before_the_lists() {
    let read = |sentences: &[&str]| {
        let found = entities(sentences).into_iter();
        let called = found.map(|(text, entity_type, canonical, _)| (text, entity_type, canonical));
        called.collect::<Vec<_>>()
    };
    let academy = "Indian Education Academy";
    for definition in [
        "The Indian Education Academy (IEA) opened.",
        "The Indian Education Academy, hereinafter IEA, opened.",
        "The Indian Education Academy (hereinafter referred to as the “IEA”) opened.",
        "The IEA (Indian Education Academy) opened.",
    ] {
        let read = read(&[definition, "Fees at the IEA are low."]);
        let named = |text: &str| (text.to_string(), EntityType::Org, academy.to_string());
        assert!(read.contains(&named(academy)), "{definition} {read:?}");
        assert_eq!(read.last(), Some(&named("IEA")), "{definition}");
    }
    let read = read(&[
        "Under the Statute of the Lake Basin Council (LBC) and the Charter of the United Nations (UN) they met.",
    ]);
    let short = |text: &str| {
        read.iter()
            .find(|(words, ..)| words == text)
            .map(|(_, kind, _)| *kind)
    };
    assert_eq!(short("UN"), Some(EntityType::Org));
    assert_eq!(short("LBC"), Some(EntityType::Org));
}

/// The short form of a body inside the name of a paper is that of the body.
#[test]
fn a_short_form_of_the_last_words_is_theirs() {
    for (sentence, short) in [
        (
            "They cited the Charter of the Council of Europe (CoE).",
            "CoE",
        ),
        (
            "They cited the Convention of the Caribbean Community (CARICOM).",
            "CARICOM",
        ),
        (
            "They cited the Agreement of the Association of Southeast Asian Nations (ASEAN).",
            "ASEAN",
        ),
    ] {
        let found = marked(&[sentence, &format!("The {short} met.")]);
        let named = found.iter().filter(|(text, _)| text == short);
        let types: Vec<&str> = named.map(|(_, label)| *label).collect();
        assert!(
            types.iter().all(|label| *label == "ORG") && !types.is_empty(),
            "{found:?}"
        );
    }
}

#[test]
fn which_korea_is_told_by_both_capitals() {
    let codes = |sentence: &str| {
        let found = entities(&[sentence]).into_iter();
        let korea = found.filter(|(text, ..)| text == "Korea");
        korea.map(|(.., code)| code).collect::<Vec<_>>()
    };
    assert_eq!(
        codes("In Seoul the ministers spoke of trade with Korea."),
        [Some("KOR".into())]
    );
    assert_eq!(
        codes("Seoul and Pyongyang spoke of peace in Korea."),
        [None]
    );
}

#[test]
fn titles_stay_outside_and_given_names_inside() {
    let grammar = grammar();
    let marked = |text: &str, name: &str| {
        let start = text.find(name).unwrap();
        let span = Span::new(start, start + name.len());
        let marked = grammar.marked(text, span, EntityType::Person);
        marked
            .iter()
            .map(|span| span.of(text).to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        marked("They met Pope Francis.", "Pope Francis"),
        ["Francis"]
    );
    assert_eq!(
        marked("They met Minister Prince Okafor.", "Prince Okafor"),
        ["Prince Okafor"]
    );
}

#[test]
fn years_and_short_months_are_dates() {
    check(
        "They met in Baku/2024.",
        &[("Baku", "GPE"), ("2024", "DATE")],
    );
    check(
        "They met on 3 Jan and 4 Feb 2020.",
        &[("3 Jan", "DATE"), ("4 Feb 2020", "DATE")],
    );
}

#[test]
fn a_short_form_inside_a_name_is_part_of_it() {
    check(
        "They joined the Harbours and Rivers Renewal (HARR) Partnership.",
        &[(
            "Harbours and Rivers Renewal (HARR) Partnership",
            "INSTRUMENT",
        )],
    );
    check(
        "The Economic Community of West African States (ECOWAS) met.",
        &[
            ("Economic Community of West African States", "ORG"),
            ("ECOWAS", "ORG"),
        ],
    );
}

#[test]
fn dates_are_marked_without_the_words_before_them() {
    check(
        "It ends by the end of 2027, later this year or in the next five years.",
        &[
            ("end of 2027", "DATE"),
            ("this year", "DATE"),
            ("the next five years", "DATE"),
        ],
    );
    check(
        "Talks were held on 29 September and 1 October 1993, and on 3 and 4 May 1994.",
        &[
            ("29 September", "DATE"),
            ("1 October 1993", "DATE"),
            ("3 and 4 May 1994", "DATE"),
        ],
    );
}

/// A name broken over two lines is the same name: "People's / Republic of China" is not Taiwan.
#[test]
fn a_line_end_is_a_blank() {
    let grammar = grammar();
    let names = data::places().unwrap().country.into_iter();
    let names = names.flat_map(|country| std::iter::once(country.name).chain(country.names));
    for name in names.filter(|name| name.contains(' ')) {
        let whole = format!("They met in {name} on Monday.");
        let read = |text: &str| {
            let found = resolved(&grammar, &[text], grammar.find(&[text]));
            let named = found.into_iter().flatten();
            named
                .map(|entity| (entity.span, entity.entity_type, entity.code))
                .collect::<Vec<_>>()
        };
        let places = name.match_indices(' ');
        for (at, _) in places {
            let at = "They met in ".len() + at;
            let broken = format!("{}\n{}", &whole[..at], &whole[at + 1..]);
            assert_eq!(read(&whole), read(&broken), "{name}");
        }
    }
}

#[test]
fn what_is_certain_stands_alone() {
    let grammar = grammar();
    let certain = |text: &str, name: &str| {
        let found = resolved(&grammar, &[text], grammar.find(&[text])).remove(0);
        let at = found.iter().position(|entity| entity.span.of(text) == name);
        let at = at.unwrap_or_else(|| panic!("{name} in {found:?}"));
        grammar.is_certain(text, &found, at)
    };
    assert!(certain("Their stand on Palau has not changed.", "Palau"));
    assert!(certain("A Kenya-Uganda border post opened.", "Uganda"));
    assert!(certain("It has grown since the 1990s.", "1990s"));
    assert!(!certain("They saw a Greater Kenya.", "Kenya"));
    assert!(!certain("They read Samoa Tomorrow.", "Samoa"));
    assert!(!certain("They met a Kenya-Plus trade group.", "Kenya"));
}
