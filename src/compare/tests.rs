use super::*;
use serde_json::json;

const THEMES: [&str; 2] = ["security", "climate"];

/// A statement of paragraphs, each a list of the themes of its sentences.
fn statement(id: &str, date: &str, paragraphs: &[&[&str]]) -> Statement {
    let mut sentences = Vec::new();
    for (number, paragraph) in paragraphs.iter().enumerate() {
        for themes in *paragraph {
            let themes = (!themes.is_empty()).then_some(*themes);
            sentences.push(json!({
                "doc_id": id, "paragraph": number + 1, "kind": "sentence", "themes": themes,
                "text": format!("The parties spoke of {}.", themes.unwrap_or("nothing")),
            }));
        }
    }
    sentences.push(json!({
        "doc_id": id, "paragraph": 99, "kind": "heading", "themes": "climate", "text": "Climate",
    }));
    let document = json!({
        "doc_id": id, "date": date, "place": null, "language": "en", "sha256": id,
        "metadata": {"country": id.get(..3)},
    });
    serde_json::from_value(json!({"document": document, "sentences": sentences})).unwrap()
}

fn run(statements: &[Statement], by: Option<&str>, baseline: &[Statement]) -> Result<Comparison> {
    let themes = THEMES.map(String::from);
    let request = ComparisonRequest {
        statements,
        arguments: &[],
        themes: &themes,
        made_from: Vec::new(),
        by,
        baseline: (!baseline.is_empty()).then(|| baseline_of(baseline, &themes)),
        failures: Vec::new(),
    };
    compare(request).map(|(comparison, _)| comparison)
}

/// Sentences of this many paragraphs of one theme and that many of the other.
fn of_two(id: &str, security: usize, climate: usize) -> Statement {
    let mut paragraphs: Vec<&[&str]> = vec![&["security", "security"]; security];
    paragraphs.resize(security + climate, &["climate"]);
    statement(id, "2024-01-01", &paragraphs)
}

#[test]
fn headings_do_not_count_and_divided_sentences_do() {
    let one = statement(
        "one",
        "2024-01-01",
        &[&["security;climate", ""], &["security"]],
    );
    let other = statement("other", "2024-01-01", &[&["climate"]]);
    let comparison = run(&[one, other], None, &[]).unwrap();
    let shares: Vec<f64> = comparison.shares.iter().map(|row| row.sentences).collect();
    assert_eq!(shares, [1.5, 0.5, 1.0, 0.0, 1.0, 0.0]);
    assert_eq!(comparison.sides[0].sentences, 3);
    assert_eq!(comparison.sides[0].clusters, 2);
    assert_eq!(comparison.differences.len(), 3);
}

#[test]
fn what_differs_is_said_and_what_does_not_is_not() {
    let differ = run(&[of_two("a", 15, 1), of_two("b", 2, 16)], None, &[]).unwrap();
    let security = &differ.differences[0];
    assert!(
        security.test.is_clear && security.low_points > 0.0,
        "{security:?}"
    );
    assert_eq!(differ.divergences[0].is_above_chance, Some(true));
    let alike = run(&[of_two("a", 8, 6), of_two("b", 7, 7)], None, &[]).unwrap();
    assert!(alike.differences.iter().all(|row| !row.test.is_clear));
    assert_eq!(alike.divergences[0].is_above_chance, Some(false));
}

#[test]
fn a_statement_and_its_copy_do_not_differ() {
    let copy = run(&[of_two("a", 8, 6), of_two("b", 8, 6)], None, &[]).unwrap();
    assert_eq!(copy.divergences[0].divergence, Some(0.0));
    assert_eq!(copy.divergences[0].is_above_chance, Some(false));
    assert!(
        copy.differences
            .iter()
            .all(|row| row.difference_points == 0.0 && row.test.p == 1.0)
    );
    assert!(copy.words.is_empty());
}

#[test]
fn groups_are_made_by_metadata_and_by_year() {
    let mut statements = vec![
        of_two("fra1", 5, 5),
        of_two("deu1", 2, 9),
        of_two("fra2", 6, 4),
    ];
    let comparison = run(&statements, Some("country"), &[]).unwrap();
    let sides: Vec<(&str, usize)> = comparison
        .sides
        .iter()
        .map(|row| (row.side.as_str(), row.documents))
        .collect();
    assert_eq!(sides, [("deu", 1), ("fra", 2)]);
    for (statement, year) in statements.iter_mut().zip([2021, 2023, 2022]) {
        statement.document.date = Some(format!("{year}-05-01"));
    }
    let comparison = run(&statements, Some("year"), &[]).unwrap();
    let sides: Vec<&str> = comparison
        .sides
        .iter()
        .map(|row| row.side.as_str())
        .collect();
    assert_eq!(sides, ["2021", "2022", "2023"]);
    assert_eq!(comparison.trends.len(), 3);
    assert!(
        (comparison.trends[0].points_per_year - -18.046).abs() < 1.0,
        "{:?}",
        comparison.trends[0]
    );
    let error = run(&statements, Some("contry"), &[]).unwrap_err();
    assert_eq!(error.hint(), "did you mean `country`?");
    assert_eq!(
        run(&statements, Some("language"), &[])
            .unwrap_err()
            .to_string(),
        "nothing to compare: the language of all statements is en"
    );
}

#[test]
fn shares_stand_beside_the_usual_ones() {
    let usual: Vec<Statement> = (0..20).map(|n| of_two(&format!("u{n}"), 5, 10)).collect();
    let statements = [of_two("a", 0, 12), of_two("b", 5, 10)];
    let comparison = run(&statements, None, &usual).unwrap();
    let row = |place: usize| &comparison.baseline[place];
    assert_eq!((row(0).ratio, row(0).low), (Some(0.0), Some(0.0)));
    assert_eq!(row(1).ratio, Some(2.0));
    assert!(row(1).low.unwrap() > 1.0 && row(1).high.unwrap() >= 2.0);
    assert_eq!((row(2).ratio, row(2).high), (None, None));
    assert_eq!(row(3).ratio, Some(1.0));
    assert!(row(3).low.unwrap() < 1.0 && row(3).high.unwrap() > 1.0);
}

#[test]
fn large_groups_are_judged_by_drawing_documents() {
    let statements: Vec<Statement> = (0..24)
        .map(|n| of_two(&format!("{}{n}", ["fra", "deu"][n % 2]), 3, 4))
        .collect();
    let comparison = run(&statements, Some("country"), &[]).unwrap();
    assert_eq!(comparison.method.cluster, "document");
    assert_eq!(comparison.sides[0].clusters, 12);
}

#[test]
fn the_figures_do_not_depend_on_the_number_of_threads() {
    let statements: Vec<Statement> = (0..5).map(|n| of_two(&format!("d{n}"), 2 + n, 6)).collect();
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        serde_json::to_string(&pool.install(|| run(&statements, None, &[])).unwrap()).unwrap()
    };
    assert_eq!(on(1), on(4));
}
