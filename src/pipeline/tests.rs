use super::*;
use crate::input::stdin;

/// Reads nothing into any sentence, but not what it cannot bear.
struct Delicate {
    /// A window with this word in it fails.
    fails: &'static str,
    /// A window with this word in it panics.
    panics: &'static str,
    windows: usize,
}

impl Engine for Delicate {
    fn read(&mut self, window: &[&UnreadDocument]) -> Result<Vec<Vec<Reading>>> {
        self.windows += 1;
        let has = |word: &str| window.iter().any(|one| one.document.text.contains(word));
        assert!(!has(self.panics));
        if has(self.fails) {
            return Err(Error::Engine {
                path: PathBuf::new(),
                reason: "it is delicate".into(),
            });
        }
        let readings = window.iter().map(|one| {
            let reading = Reading {
                theme_scores: vec![0.0; 5],
                mentions: Vec::new(),
            };
            vec![reading; one.sentences.len()]
        });
        Ok(readings.collect())
    }

    fn thresholds(&self) -> Vec<f32> {
        vec![0.5; 5]
    }
}

fn pipeline() -> Pipeline {
    let taxonomy = Taxonomy::embedded().unwrap();
    let mut pipeline = Pipeline::load(crate::engines::EngineKind::Rules, taxonomy, 20).unwrap();
    pipeline.engine = Box::new(Delicate {
        fails: "Atlantis",
        panics: "Utopia",
        windows: 0,
    });
    pipeline
}

/// Statements named by their numbers, about these places.
fn statements(places: &[&str]) -> Vec<Found> {
    let found = places.iter().enumerate().map(|(number, place)| {
        let mut found = stdin(format!("Samoa signed a treaty in {place}.").into());
        found.doc_id = format!("d{number}");
        found
    });
    found.collect()
}

/// The ids of what was analysed and the stages of what failed, in the order in which they came.
fn outcomes(pipeline: &mut Pipeline, statements: &[Found]) -> Vec<String> {
    let mut outcomes = Vec::new();
    let run = pipeline.run(statements, &mut |outcome| {
        outcomes.push(match outcome {
            Ok(analysis) => analysis.document.id,
            Err(failure) => failure.stage.name().to_owned(),
        });
        Ok(())
    });
    run.unwrap();
    outcomes
}

#[test]
fn an_engine_that_fails_on_a_batch_loses_the_guilty_alone() {
    let mut places = vec!["Apia"; 150];
    places[70] = "Atlantis";
    places[100] = "Utopia";
    let outcomes = outcomes(&mut pipeline(), &statements(&places));
    for (number, outcome) in outcomes.iter().enumerate() {
        match number {
            70 | 100 => assert_eq!(outcome, "engine"),
            _ => assert_eq!(*outcome, format!("d{number}")),
        }
    }
    assert_eq!(outcomes.len(), 150);
}

#[test]
fn a_step_that_panics_loses_the_guilty_alone() {
    let places = vec!["Apia"; 10];
    let is_third = |id: &str| assert_ne!(id, "d3");
    let mut outcomes = Vec::new();
    for stage in [Stage::Read, Stage::Finish] {
        let keeping = Keeping {
            known: &|found: &Found, _: &str| {
                if stage == Stage::Read {
                    is_third(&found.doc_id);
                }
                None
            },
            done: &|_: &Found, analysis: DocumentAnalysis| {
                if stage == Stage::Finish {
                    is_third(&analysis.document.id);
                }
                analysis.document.id
            },
        };
        let never = AtomicBool::new(false);
        let run = pipeline().run_keeping(&statements(&places), &keeping, &never, &mut |outcome| {
            outcomes.push(outcome.map_err(|failure| failure.stage));
            Ok(())
        });
        run.unwrap();
        assert_eq!(outcomes.len(), 10);
        assert_eq!(outcomes[3], Err(stage));
        assert_eq!(outcomes.drain(..).filter(Result::is_ok).count(), 9);
    }
}

#[test]
fn what_is_known_is_not_read_again() {
    let known = |found: &Found, sha256: &str| {
        assert_eq!(sha256.len(), 64);
        (found.doc_id != "d1").then(|| format!("{} known", found.doc_id))
    };
    let keeping = Keeping {
        known: &known,
        done: &|_: &Found, analysis: DocumentAnalysis| analysis.document.id,
    };
    // The engine would fail on them.
    let statements = statements(&["Atlantis", "Apia", "Utopia"]);
    let mut outcomes = Vec::new();
    let run = pipeline().run_keeping(
        &statements,
        &keeping,
        &AtomicBool::new(false),
        &mut |outcome| {
            outcomes.push(outcome.unwrap());
            Ok(())
        },
    );
    run.unwrap();
    assert_eq!(outcomes, ["d0 known", "d1", "d2 known"]);
}

#[test]
fn a_run_that_is_stopped_ends_after_the_window_that_the_engine_reads() {
    let statements = statements(&["Apia"; 4 * WINDOW]);
    let stop = AtomicBool::new(false);
    let keeping = Keeping {
        known: &|_: &Found, _: &str| None,
        done: &|_: &Found, analysis: DocumentAnalysis| analysis.document.id,
    };
    let mut outcomes = Vec::new();
    let run = pipeline().run_keeping(&statements, &keeping, &stop, &mut |outcome| {
        stop.store(true, Ordering::Relaxed);
        outcomes.push(outcome.unwrap());
        Ok(())
    });
    run.unwrap();
    // The first window was being written while the engine read the second.
    let wanted: Vec<String> = (0..2 * WINDOW).map(|number| format!("d{number}")).collect();
    assert_eq!(outcomes, wanted);
}

#[test]
fn a_sink_that_fails_ends_the_run() {
    let statements = statements(&["Apia"; 3 * WINDOW]);
    let mut written = 0;
    let run = pipeline().run(&statements, &mut |_| {
        written += 1;
        if written < 10 {
            return Ok(());
        }
        Err(Error::Write {
            path: "out".into(),
            source: std::io::ErrorKind::StorageFull.into(),
        })
    });
    assert!(matches!(run, Err(Error::Write { .. })));
    assert_eq!(written, 10);
}
