//! Short cases of hard language, each for a class: what careful readers expect, and what both engines still read wrongly.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr)]

mod desk;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use desk::{Desk, stdout};

const CASES: &str = include_str!("cases/cases.jsonl");
const ENGINES: [&str; 2] = ["minilm", "rules"];

/// The cases that an engine gets wrong are those that say so, no more and no fewer. `DEMARCHE_RENEW=1` writes the
/// file as it should be.
#[test]
fn an_engine_fails_on_the_cases_that_say_so() {
    let mut cases: Vec<Value> = CASES.lines().map(parsed).collect();
    let mut fails: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for engine in ENGINES {
        for (case, read) in cases.iter().zip(read(&cases, engine)) {
            let wrong = wrong(&case["expect"], &read);
            let known = case["fails"].as_array().unwrap().contains(&json!(engine));
            if wrong.is_empty() == known {
                eprintln!(
                    "{} with {engine}: {wrong:?} in {}",
                    case["id"], case["text"]
                );
            }
            if !wrong.is_empty() {
                fails
                    .entry(text(&case["id"]).into())
                    .or_default()
                    .push(engine);
            }
        }
    }
    let known = cases.clone();
    for case in &mut cases {
        case["fails"] = json!(fails.get(text(&case["id"])).cloned().unwrap_or_default());
    }
    for engine in ENGINES {
        let failed = cases
            .iter()
            .filter(|case| case["fails"].as_array().unwrap().contains(&json!(engine)))
            .count();
        eprintln!(
            "{engine}: {} of {} right",
            cases.len() - failed,
            cases.len()
        );
    }
    if std::env::var_os("DEMARCHE_RENEW").is_some() {
        let lines: Vec<String> = cases.iter().map(Value::to_string).collect();
        let place = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/cases.jsonl");
        std::fs::write(place, lines.join("\n") + "\n").unwrap();
        return;
    }
    assert!(
        cases == known,
        "see above; DEMARCHE_RENEW=1 writes the cases anew, once you have read what changed"
    );
}

fn parsed(line: &str) -> Value {
    serde_json::from_str(line).unwrap()
}

/// The rows of every case, in order.
fn read(cases: &[Value], engine: &str) -> Vec<Value> {
    let lines: Vec<String> = cases
        .iter()
        .map(|case| json!({"id": case["id"], "text": case["text"]}).to_string())
        .collect();
    let arguments = format!("analyze - -o - --engine {engine} --format json-lines");
    let output = Desk::new().answer(&arguments, lines.join("\n"));
    let rows: Vec<Value> = stdout(&output).lines().map(parsed).collect();
    assert_eq!(rows.len(), cases.len(), "an answer per case, with {engine}");
    rows
}

fn object(value: &Value) -> &serde_json::Map<String, Value> {
    value.as_object().unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Whether a cell is what is expected, or one of several things that are.
fn is(cell: &Value, expected: &Value) -> bool {
    match (cell, expected) {
        (_, Value::Array(several)) => several.iter().any(|one| is(cell, one)),
        (Value::Null, Value::Null) => true,
        (_, Value::Number(number)) => {
            cell.as_f64() == number.as_f64() || text(cell).parse().ok() == number.as_f64()
        }
        (_, Value::String(one)) => text(cell) == one,
        _ => false,
    }
}

/// Whether the type of an entity is one of those in "GPE|LOC".
fn of_type(entity: &Value, types: &Value) -> bool {
    text(types).split('|').any(|one| entity["type"] == one)
}

/// What was read of a case.
struct Reading<'a> {
    document: &'a Value,
    sentences: &'a [Value],
    entities: &'a [Value],
    sums: &'a [Value],
}

impl<'a> Reading<'a> {
    fn new(line: &'a Value) -> Self {
        Self {
            document: &line["document"],
            sentences: list(&line["sentences"]),
            entities: list(&line["entities"]),
            sums: list(&line["money"]),
        }
    }

    /// The mentions of a name, or of one of several names.
    fn named(&self, name: &Value) -> Vec<&'a Value> {
        let named = self
            .entities
            .iter()
            .filter(|entity| is(&entity["text"], name));
        named.collect()
    }

    /// The mentions of a type.
    fn typed(&self, types: &Value) -> Vec<&'a Value> {
        let typed = self.entities.iter().filter(|entity| of_type(entity, types));
        typed.collect()
    }

    fn sentence(&self, start: &Value) -> &'a Value {
        let mut sentences = self.sentences.iter();
        let found = sentences.find(|row| text(&row["text"]).starts_with(text(start)));
        found.unwrap_or(&Value::Null)
    }

    fn is_mentioned(&self, pair: &Value) -> bool {
        let mut named = self.named(&pair[1]).into_iter();
        named.any(|entity| of_type(entity, &pair[0]))
    }

    fn has_code(&self, pair: &Value) -> bool {
        match self.named(&pair[0]).as_slice() {
            [] => is(&Value::Null, &pair[1]),
            named => named.iter().all(|entity| is(&entity["code"], &pair[1])),
        }
    }

    /// The canonical names of all mentions of a name.
    fn canonical(&self, name: &Value) -> BTreeSet<&'a str> {
        let named = self.named(name).into_iter();
        named.map(|entity| text(&entity["canonical"])).collect()
    }

    /// Whether two names are of one thing, everywhere.
    fn is_one(&self, pair: &Value) -> bool {
        let canonical = self.canonical(&pair[0]);
        canonical.len() == 1 && canonical == self.canonical(&pair[1])
    }

    /// Whether the sentences are those of a list, or of one of several lists, white space aside.
    fn divided_as(&self, expected: &Value) -> bool {
        let one_line = |row: &Value| -> Vec<String> {
            text(row).split_whitespace().map(String::from).collect()
        };
        let read = || self.sentences.iter().map(|row| one_line(&row["text"]));
        let divided_as = |expected: &Value| read().eq(list(expected).iter().map(one_line));
        divided_as(expected) || list(expected).iter().any(divided_as)
    }

    /// Whether the mentions of a type are those of a list, or of one of several lists.
    fn are(&self, types: &str, names: &Value) -> bool {
        let typed = self.typed(&json!(types));
        let are = |names: &Value| typed.iter().map(|entity| &entity["text"]).eq(list(names));
        are(names) || list(names).iter().any(are)
    }

    /// Whether a question has the answer that is expected, and what the answer was.
    fn answers(&self, question: &str, expected: &Value) -> (bool, Value) {
        let all = |right: &dyn Fn(&Value) -> bool| list(expected).iter().all(right);
        let columns = |rows: &[Value], columns: [&str; 3]| {
            json!(
                rows.iter()
                    .map(|row| columns.map(|column| &row[column]))
                    .collect::<Vec<_>>()
            )
        };
        let sentences = || columns(self.sentences, ["text", "kind", "themes"]);
        let entities = || columns(self.entities, ["type", "text", "canonical"]);
        match question {
            "nsents" => (is(&json!(self.sentences.len()), expected), sentences()),
            "sents" => (self.divided_as(expected), sentences()),
            "kinds" => (
                all(&|pair| is(&self.sentence(&pair[0])["kind"], &pair[1])),
                sentences(),
            ),
            "themes" => (
                all(&|pair| themes_are(self.sentence(&pair[0]), &pair[1])),
                sentences(),
            ),
            "ents" => (all(&|pair| self.is_mentioned(pair)), entities()),
            "noents" => (all(&|pair| !self.is_mentioned(pair)), entities()),
            "none" => (all(&|types| self.typed(types).is_empty()), entities()),
            "all" => (
                object(expected)
                    .iter()
                    .all(|(types, names)| self.are(types, names)),
                entities(),
            ),
            "codes" => (
                all(&|pair| self.has_code(pair)),
                columns(self.entities, ["type", "text", "code"]),
            ),
            "canonical" => (
                all(&|pair| self.canonical(&pair[0]).contains(text(&pair[1]))),
                entities(),
            ),
            "same" => (all(&|pair| self.is_one(pair)), entities()),
            "doc" => {
                let right = object(expected)
                    .iter()
                    .all(|(column, value)| is(&self.document[column], value));
                (right, self.document.clone())
            }
            "money" => (sums_are(self.sums, list(expected)), json!(self.sums)),
            other => panic!("{other}: no such question"),
        }
    }
}

/// What is expected and was not read.
fn wrong(expected: &Value, line: &Value) -> Vec<String> {
    let reading = Reading::new(line);
    let mut wrong = Vec::new();
    for (question, expected) in object(expected) {
        let (right, answer) = reading.answers(question, expected);
        if !right {
            wrong.push(format!("{question} are {answer}"));
        }
    }
    wrong
}

/// Whether the themes of a sentence are those expected, the main one first, or one of several lists of them.
fn themes_are(sentence: &Value, expected: &Value) -> bool {
    match list(expected) {
        [Value::Array(_), ..] => list(expected)
            .iter()
            .any(|themes| themes_are(sentence, themes)),
        themes => {
            let themes: Vec<&str> = themes
                .iter()
                .map(text)
                .filter(|theme| *theme != "none")
                .collect();
            text(&sentence["themes"])
                .split(';')
                .filter(|theme| !theme.is_empty())
                .eq(themes)
        }
    }
}

/// Whether the sums are those expected, in order.
fn sums_are(sums: &[Value], expected: &[Value]) -> bool {
    sums.len() == expected.len()
        && sums.iter().zip(expected).all(|(sum, expected)| {
            expected
                .as_object()
                .unwrap()
                .iter()
                .all(|(part, value)| match part.as_str() {
                    "amount" => is(&sum["amount"], value),
                    "min" => is(&sum["amount_min"], value),
                    "max" => is(&sum["amount_max"], value),
                    "cur" => is(&sum["currency"], value),
                    "q" => is(&sum["qualifier"], value),
                    "p" => is(&sum["period"], value),
                    "text" => is(&sum["text"], value),
                    "eq" => sum["equivalent_of"].is_string() == (*value == json!(true)),
                    other => panic!("{other}: no such part of a sum"),
                })
        })
}
