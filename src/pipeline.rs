//! The verb: statements in, analyses out, one window of documents at a time.
//!
//! A window of 64 documents (or 16 MB) is read and split in parallel, read by the engine in one place, finished in
//! parallel, written and dropped. While the engine reads one window, the next is prepared and the one before is written,
//! so memory stays flat: beyond three windows, some hundred bytes per statement are held for names. A document that fails
//! or panics becomes a failure; a window in which the engine fails is read again document by document.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use crate::analysis::entities::{EntityGrammar, Mention};
use crate::analysis::money::MoneyGrammar;
use crate::analysis::sentences::SentenceSplitter;
use crate::analysis::themes::{Taxonomy, assign};
use crate::analysis::weighting;
use crate::analysis::{
    DocumentAnalysis, Failure, SentenceAnalysis, Stage, UnreadDocument, UnreadSentence,
};
use crate::document::{Document, Kind, Sentence, StructureRules};
use crate::engines::{Engine, EngineSettings, Reading};
use crate::error::{Error, Result};
use crate::input::{Fetched, Found, Limits};
use crate::text::{count_words, counted};

/// How many documents are in memory at a time.
pub(crate) const WINDOW: usize = 64;

/// How much text is in memory at a time, in bytes of the files: a window of huge files is cut shorter.
pub(crate) const WINDOW_BYTES: u64 = 16_000_000;

/// What happens to one statement, reported in the order of the ids.
pub type Outcome = Result<DocumentAnalysis, Failure>;

/// Everything that a run needs, loaded and checked before the first sentence is read.
pub struct Pipeline {
    steps: Steps,
    engine: Box<dyn Engine>,
}

/// The steps before and after the engine; shared by all threads.
struct Steps {
    structure: StructureRules,
    splitter: SentenceSplitter,
    money: MoneyGrammar,
    entities: Arc<EntityGrammar>,
    taxonomy: Taxonomy,
    /// The score from which a sentence is about each theme, by the engine in use.
    thresholds: Vec<f32>,
    limits: Limits,
}

impl Pipeline {
    /// Loads the data and the engine.
    ///
    /// # Errors
    /// When any of it is missing or wrong.
    pub fn load(
        engine: impl Into<EngineSettings>,
        taxonomy: Taxonomy,
        max_megabytes: u64,
    ) -> Result<Self> {
        let engine: EngineSettings = engine.into();
        let entities = Arc::new(EntityGrammar::embedded()?);
        let engine = engine.load(&taxonomy, &entities)?;
        Ok(Self {
            steps: Steps {
                structure: StructureRules::embedded()?,
                splitter: SentenceSplitter::embedded()?,
                money: MoneyGrammar::embedded()?,
                entities,
                taxonomy,
                thresholds: engine.thresholds(),
                limits: Limits::new(max_megabytes),
            },
            engine,
        })
    }

    /// Has web pages, PDF and Word documents read by `helper`, this program as a rule, each in a process of its own.
    #[must_use]
    pub fn with_helper(mut self, helper: Option<PathBuf>) -> Self {
        self.steps.limits.helper = helper;
        self
    }

    /// The themes in force.
    pub fn taxonomy(&self) -> &Taxonomy {
        &self.steps.taxonomy
    }

    /// What the user should know of how the engine reads the themes in force.
    pub fn notes(&self) -> Vec<String> {
        self.engine.notes()
    }

    /// Analyses every statement and hands each outcome to `sink`, in order, as soon as its window is done.
    ///
    /// # Errors
    /// Only those of `sink`: a statement that fails is an outcome, not an error.
    pub fn run(
        &mut self,
        statements: &[Found],
        sink: &mut (dyn FnMut(Outcome) -> Result<()> + Send),
    ) -> Result<()> {
        let all = Keeping {
            known: &|_, _| None,
            done: &|_, analysis| analysis,
        };
        self.run_keeping(statements, &all, &AtomicBool::new(false), sink)
    }

    /// As [`run`](Self::run), for a caller who keeps results: what is known already is not analysed again. While the
    /// engine reads one window, the next is prepared and the one before is written. Once `stop` is true, the window that
    /// the engine is reading is the last.
    ///
    /// # Errors
    /// Only those of `sink`.
    pub fn run_keeping<T: Send>(
        &mut self,
        statements: &[Found],
        keeping: &Keeping<'_, T>,
        stop: &AtomicBool,
        sink: &mut (dyn FnMut(Result<T, Failure>) -> Result<()> + Send),
    ) -> Result<()> {
        let steps = &self.steps;
        let engine = &mut self.engine;
        let mut rest = statements;
        let mut begun: Option<Vec<Result<Begun<'_, T>, Failure>>> = None;
        let mut finished: Vec<Result<T, Failure>> = Vec::new();
        loop {
            if stop.load(Ordering::Relaxed) {
                rest = &[];
                begun = None;
            }
            let (window, after) = rest.split_at(window_length(rest));
            rest = after;
            if window.is_empty() && begun.is_none() && finished.is_empty() {
                return Ok(());
            }
            let before = std::mem::take(&mut finished);
            let (read, (next, written)) = rayon::join(
                || begun.map_or_else(Vec::new, |begun| analyse(engine, steps, begun, keeping)),
                || {
                    rayon::join(
                        || (!window.is_empty()).then(|| steps.begin(window, keeping)),
                        || before.into_iter().try_for_each(&mut *sink),
                    )
                },
            );
            written?;
            (finished, begun) = (read, next);
        }
    }

    /// Analyses sentences that are already split, e.g. annotated ones.
    ///
    /// # Errors
    /// When the engine fails.
    pub fn analyse_sentences(
        &mut self,
        documents: Vec<(Document, Vec<Sentence>)>,
    ) -> Result<Vec<DocumentAnalysis>> {
        let steps = &self.steps;
        let unread: Vec<UnreadDocument> = documents
            .into_par_iter()
            .map(|(document, sentences)| steps.prepare(document, sentences))
            .collect();
        let readings = self.engine.read(&unread.iter().collect::<Vec<_>>())?;
        Ok(unread
            .into_par_iter()
            .zip(readings)
            .map(|(unread, readings)| steps.finish(unread, readings))
            .collect())
    }

    /// Which sentences of an analysed document the engine read together with this one; itself included.
    ///
    /// # Errors
    /// When the engine fails.
    pub fn together(&self, analysis: &DocumentAnalysis, sentence: usize) -> Result<Range<usize>> {
        self.engine.together(&analysis.to_unread(), sentence)
    }

    /// The score from which a sentence is about each theme, by the engine in use.
    pub fn thresholds(&self) -> &[f32] {
        &self.steps.thresholds
    }
}

/// What a caller keeps of a run.
pub struct Keeping<'a, T> {
    /// The result that is known for a statement whose bytes have this SHA-256.
    pub known: &'a (dyn Fn(&Found, &str) -> Option<T> + Sync),
    /// The result of a new analysis. Called by many threads at once.
    pub done: &'a (dyn Fn(&Found, DocumentAnalysis) -> T + Sync),
}

/// A statement before the engine.
enum Begun<'a, T> {
    /// There is nothing left to do.
    Known(T),
    Unread(&'a Found, Box<UnreadDocument>),
}

/// The engine's part of a window, and what follows it.
fn analyse<T: Send>(
    engine: &mut Box<dyn Engine>,
    steps: &Steps,
    begun: Vec<Result<Begun<'_, T>, Failure>>,
    keeping: &Keeping<'_, T>,
) -> Vec<Result<T, Failure>> {
    let unread = begun.iter().filter_map(|begun| match begun {
        Ok(Begun::Unread(_, unread)) => Some(unread.as_ref()),
        _ => None,
    });
    let mut readings = read_all(engine.as_mut(), &unread.collect::<Vec<_>>()).into_iter();
    let with_readings: Vec<_> = begun
        .into_iter()
        .map(|begun| {
            let readings = match &begun {
                Ok(Begun::Unread(..)) => readings.next(),
                _ => None,
            };
            (begun, readings.unwrap_or_else(|| Ok(Vec::new())))
        })
        .collect();
    with_readings
        .into_par_iter()
        .map(|(begun, readings)| {
            let (found, unread) = match begun? {
                Begun::Known(known) => return Ok(known),
                Begun::Unread(found, unread) => (found, *unread),
            };
            let readings = readings?;
            guarded(found.path(), Stage::Finish, || {
                Ok((keeping.done)(found, steps.finish(unread, readings)))
            })
        })
        .collect()
}

impl Steps {
    /// Everything that comes before the engine, for a window.
    fn begin<'a, T: Send>(
        &self,
        window: &'a [Found],
        keeping: &Keeping<'_, T>,
    ) -> Vec<Result<Begun<'a, T>, Failure>> {
        window
            .par_iter()
            .map(|found| {
                guarded(found.path(), Stage::Read, || {
                    let fetched = found.fetch(&self.limits)?;
                    if let Some(known) = (keeping.known)(found, &fetched.sha256) {
                        return Ok(Begun::Known(known));
                    }
                    let unread = self.read(found, fetched)?;
                    Ok(Begun::Unread(found, Box::new(unread)))
                })
            })
            .collect()
    }

    fn read(&self, found: &Found, fetched: Fetched) -> Result<UnreadDocument> {
        let source = found.decode(fetched, &self.limits)?;
        let document = Document::parse(source, &self.structure);
        let sentences = self.splitter.split(&document.text, &document.blocks);
        Ok(self.prepare(document, sentences))
    }

    /// What needs no engine: the sums of money.
    fn prepare(&self, document: Document, sentences: Vec<Sentence>) -> UnreadDocument {
        let context = self.money.context(&document.text);
        let sentences = sentences.into_iter().map(|sentence| UnreadSentence {
            money: match sentence.kind {
                Kind::Boilerplate => Vec::new(),
                _ => self.money.find(sentence.span.of(&document.text), &context),
            },
            sentence,
        });
        UnreadDocument {
            sentences: sentences.collect(),
            document,
        }
    }

    fn finish(&self, unread: UnreadDocument, readings: Vec<Reading>) -> DocumentAnalysis {
        let UnreadDocument {
            mut document,
            sentences,
        } = unread;
        document.warnings.extend(warnings(&document, &sentences));
        let text = &document.text;
        let no_theme = vec![0.0; self.taxonomy.themes().len()];
        let mut mentions = Vec::new();
        let read: Vec<(UnreadSentence, Vec<f32>)> = sentences
            .into_iter()
            .zip(readings)
            .map(|(unread, reading)| {
                let kind = unread.sentence.kind;
                let mut found = match kind {
                    Kind::Boilerplate => Vec::new(),
                    _ => reading.mentions,
                };
                found.extend(unread.money.iter().map(|sum| Mention::of_money(sum.span)));
                mentions.push((unread.sentence.span.of(text), found));
                let theme_scores = match kind {
                    Kind::Boilerplate | Kind::Dateline => no_theme.clone(),
                    _ => reading.theme_scores,
                };
                (unread, theme_scores)
            })
            .collect();
        let sentences: Vec<SentenceAnalysis> = read
            .into_iter()
            .zip(self.entities.resolve(mentions))
            .map(
                |((UnreadSentence { sentence, money }, theme_scores), entities)| SentenceAnalysis {
                    words: count_words(sentence.span.of(text)),
                    themes: assign(&theme_scores, &self.thresholds),
                    sentence,
                    theme_scores,
                    entities,
                    money,
                },
            )
            .collect();
        let weighed = sentences.iter().filter(|s| s.sentence.is_weighed());
        let weights = weighting::weigh(
            self.taxonomy.themes().len(),
            weighed.map(|s| (s.words, s.themes.as_slice())),
        );
        let said = sentences
            .iter()
            .filter(|s| s.sentence.kind != Kind::Boilerplate);
        DocumentAnalysis {
            words: said.map(|s| s.words).sum(),
            document,
            sentences,
            weights,
        }
    }
}

/// One list of readings per document. A window that fails is read again document by document, so that only the guilty
/// one is lost.
fn read_all(
    engine: &mut dyn Engine,
    unread: &[&UnreadDocument],
) -> Vec<Result<Vec<Reading>, Failure>> {
    let mut at_once = catch_unwind(AssertUnwindSafe(|| engine.read(unread)))
        .ok()
        .and_then(Result::ok)
        .map(Vec::into_iter);
    unread
        .iter()
        .map(|one| {
            if let Some(readings) = at_once.as_mut().and_then(Iterator::next) {
                return Ok(readings);
            }
            let path = &one.document.path;
            guarded(path, Stage::Engine, || {
                let readings = engine.read(&[one])?;
                readings.into_iter().next().ok_or_else(|| Error::Engine {
                    path: path.clone(),
                    reason: "it returned nothing".into(),
                })
            })
        })
        .collect()
}

/// What a careful reader of the tables should know of this document.
fn warnings(document: &Document, sentences: &[UnreadSentence]) -> Vec<String> {
    let mut warnings = Vec::new();
    if let Some(language) = document.language.as_deref().filter(|code| *code != "en") {
        warnings.push(format!(
            "the text seems to be in another language than English ({language})"
        ));
    }
    let mut foreign: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
    for UnreadSentence { sentence, .. } in sentences {
        if let Some(language) = &sentence.language {
            foreign
                .entry(language)
                .or_default()
                .insert(sentence.paragraph);
        }
    }
    for (language, paragraphs) in foreign {
        warnings.push(format!(
            "{} in another language ({language}): kept, without weight",
            counted(paragraphs.len(), "paragraph")
        ));
    }
    let is_weighed = |unread: &UnreadSentence| unread.sentence.kind.is_weighed();
    if document.needs_ocr.is_none() && !sentences.iter().any(is_weighed) {
        warnings.push("no running text: headings, datelines or boilerplate only".into());
    }
    warnings
}

/// How many of the next statements are read together; at least one, where there is one.
fn window_length(statements: &[Found]) -> usize {
    let mut bytes = 0;
    let fits = statements
        .iter()
        .take(WINDOW)
        .take_while(|found| {
            bytes += found.size();
            bytes <= WINDOW_BYTES
        })
        .count();
    fits.max(1).min(statements.len())
}

/// Runs one step on one document; an error or a panic becomes a failure of that document alone.
fn guarded<T>(path: &Path, stage: Stage, step: impl FnOnce() -> Result<T>) -> Result<T, Failure> {
    match catch_unwind(AssertUnwindSafe(step)) {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(Failure::new(path, stage, &error)),
        Err(_) => Err(Failure::panicked(path, stage)),
    }
}

#[cfg(test)]
mod tests;
