//! Why is a sentence about its themes? The cues found in it and, for a model, what happens to the probabilities when
//! a word or a neighbouring sentence is left out (occlusion: Zeiler and Fergus 2014, "Visualizing and understanding
//! convolutional networks", ECCV, p. 818-833).

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::ops::Range;

use serde::Serialize;
use unicode_segmentation::UnicodeSegmentation;

use crate::analysis::DocumentAnalysis;
use crate::analysis::themes::ThemeScorer;
use crate::document::{Document, Kind, Sentence};
use crate::engines::EngineKind;
use crate::error::Result;
use crate::pipeline::Pipeline;
use crate::text::{escape_controls, one_line, rounded};

/// Rows shown per list in the table; JSON has all.
const SHOWN: usize = 8;

/// Effects smaller than this, in log-odds, are not worth a line.
const LEAST_EFFECT: f64 = 0.05;

/// What carried the decision on one sentence.
#[derive(Debug, Clone, Serialize)]
pub struct Explanation {
    /// The engine that read it.
    pub engine: EngineKind,
    /// The id of the sentence.
    pub sent_id: String,
    /// Its words.
    pub text: String,
    /// One entry per theme, in the order of the taxonomy.
    pub themes: Vec<ThemeExplanation>,
    /// The words, in order, and what would be without each; empty for an engine that adds up cues alone.
    pub words: Vec<Occlusion>,
    /// The sentences that were read together with it, and what would be without each.
    pub neighbours: Vec<Occlusion>,
}

/// One theme.
#[derive(Debug, Clone, Serialize)]
pub struct ThemeExplanation {
    /// The theme's id.
    pub theme: String,
    /// The probability that the sentence is about it.
    pub probability: f64,
    /// The probability from which it is.
    pub threshold: f64,
    /// Whether it is.
    pub is_assigned: bool,
    /// Log-odds, by the cues, of a sentence without any cue.
    pub cue_bias: f64,
    /// The cues found, and what each adds to the log-odds.
    pub cues: Vec<Cue>,
    /// What the strongest other theme takes off the log-odds.
    pub cue_rivalry: f64,
    /// The probability by the cues alone: all there is for `rules`, a hint for the model.
    pub cue_probability: f64,
}

/// A cue of the taxonomy.
#[derive(Debug, Clone, Serialize)]
pub struct Cue {
    /// The words; a `*` stands for the rest of a word.
    pub cue: String,
    /// What it adds to the log-odds; 0 for an exception, which hides the cues inside it.
    pub weight: f64,
}

/// What would be without a word or a sentence.
#[derive(Debug, Clone, Serialize)]
pub struct Occlusion {
    /// The id of the sentence that is left out, or of the one that the word is left out of.
    pub sent_id: String,
    /// The words left out.
    pub text: String,
    /// The probability of each theme without them.
    pub without: BTreeMap<String, f64>,
    /// By how much they raise the log-odds of each theme; under 0 they speak against it.
    pub effect: BTreeMap<String, f64>,
}

/// Explains sentence `place` of an analysed document; `engine` is that of the pipeline.
///
/// The words are left out one by one, and so are the sentences that the engine reads together with this one; what is
/// read each time is no more than these. Of the engine `rules` the cues tell all, and nothing is left out.
///
/// # Errors
/// When the engine fails, or the cues cannot be compiled.
pub fn explain(
    pipeline: &mut Pipeline,
    engine: EngineKind,
    analysis: &DocumentAnalysis,
    place: usize,
) -> Result<Explanation> {
    let text = text_of(analysis, place);
    let mut explanation = Explanation {
        engine,
        sent_id: format!("{}.{}", analysis.document.id, place + 1),
        text: one_line(text).into_owned(),
        themes: theme_explanations(pipeline, analysis, place, text)?,
        words: Vec::new(),
        neighbours: Vec::new(),
    };
    match engine {
        EngineKind::Rules => return Ok(explanation),
        EngineKind::Minilm | EngineKind::RustBert => {}
    }
    let together = pipeline.together(analysis, place)?;
    let Some(context) = Context::new(analysis, together, place) else {
        return Ok(explanation);
    };
    let mut variants = context.without_each_word();
    let words = variants.len();
    variants.extend(context.without_each_neighbour());
    explanation.words = occlusions(pipeline, &context, variants, &explanation.themes)?;
    explanation.neighbours = explanation.words.split_off(words);
    Ok(explanation)
}

/// The words of a sentence of a document.
fn text_of(analysis: &DocumentAnalysis, place: usize) -> &str {
    let sentence = analysis.sentences.get(place);
    sentence.map_or("", |s| s.sentence.span.of(&analysis.document.text))
}

/// The sentences that an engine reads together.
struct Context {
    /// The document's id.
    doc_id: String,
    /// Each with its id.
    sentences: Vec<(String, SentenceText)>,
    /// The place among them of the one that is explained.
    own: usize,
}

/// The words of a sentence, and what it is.
type SentenceText = (String, Kind);

/// The context with something left out.
struct Variant {
    /// The id of the sentence that is left out, or of the one that a word is left out of.
    sent_id: String,
    left_out: String,
    sentences: Vec<SentenceText>,
    /// The place among them of the sentence that is explained.
    own: usize,
}

impl Context {
    fn new(analysis: &DocumentAnalysis, together: Range<usize>, place: usize) -> Option<Self> {
        let doc_id = analysis.document.id.clone();
        let own = together.clone().position(|other| other == place)?;
        let sentence = |other: usize| {
            let kind = analysis.sentences.get(other)?.sentence.kind;
            let text = text_of(analysis, other).to_owned();
            Some((format!("{doc_id}.{}", other + 1), (text, kind)))
        };
        Some(Self {
            sentences: together.map(sentence).collect::<Option<_>>()?,
            doc_id,
            own,
        })
    }

    fn texts(&self) -> Vec<SentenceText> {
        let sentences = self.sentences.iter();
        sentences.map(|(_, sentence)| sentence.clone()).collect()
    }

    fn without_each_word(&self) -> Vec<Variant> {
        let (sent_id, (text, _)) = &self.sentences[self.own];
        let without = |(start, word): (usize, &str)| {
            let (before, after) = (&text[..start], &text[start + word.len()..]);
            let rest = format!("{}{after}", before.trim_end());
            let mut sentences = self.texts();
            sentences[self.own].0 = rest.trim().to_owned();
            (!rest.trim().is_empty()).then(|| Variant {
                sent_id: sent_id.clone(),
                left_out: word.to_owned(),
                sentences,
                own: self.own,
            })
        };
        text.unicode_word_indices().filter_map(without).collect()
    }

    fn without_each_neighbour(&self) -> Vec<Variant> {
        let neighbours = self.sentences.iter().enumerate();
        neighbours
            .filter(|(at, _)| *at != self.own)
            .map(|(at, (sent_id, (text, _)))| {
                let mut sentences = self.texts();
                sentences.remove(at);
                Variant {
                    sent_id: sent_id.clone(),
                    left_out: one_line(text).into_owned(),
                    sentences,
                    own: self.own - usize::from(at < self.own),
                }
            })
            .collect()
    }
}

/// Reads the whole context and every variant of it, and compares.
fn occlusions(
    pipeline: &mut Pipeline,
    context: &Context,
    variants: Vec<Variant>,
    themes: &[ThemeExplanation],
) -> Result<Vec<Occlusion>> {
    let id = &context.doc_id;
    let mut documents = vec![document_of(id, &context.texts())];
    documents.extend(
        variants
            .iter()
            .map(|variant| document_of(id, &variant.sentences)),
    );
    let mut analyses = pipeline.analyse_sentences(documents)?.into_iter();
    let scores = |analysis: Option<DocumentAnalysis>, own: usize| {
        let sentences = analysis.map_or_else(Vec::new, |analysis| analysis.sentences);
        let sentence = sentences.into_iter().nth(own);
        sentence.map_or_else(Vec::new, |sentence| sentence.theme_scores)
    };
    let base = scores(analyses.next(), context.own);
    let compared = variants.into_iter().map(|variant| {
        let without = scores(analyses.next(), variant.own);
        let by_theme = |of: &dyn Fn(f32, f32) -> f64| -> BTreeMap<String, f64> {
            let pairs = base.iter().zip(&without);
            let figures = themes.iter().zip(pairs);
            figures
                .map(|(theme, (with, without))| {
                    (theme.theme.clone(), rounded(of(*with, *without), 4))
                })
                .collect()
        };
        Occlusion {
            sent_id: variant.sent_id,
            text: variant.left_out,
            without: by_theme(&|_, without| without.into()),
            effect: by_theme(&|with, without| log_odds(with) - log_odds(without)),
        }
    });
    Ok(compared.collect())
}

fn theme_explanations(
    pipeline: &Pipeline,
    analysis: &DocumentAnalysis,
    place: usize,
    text: &str,
) -> Result<Vec<ThemeExplanation>> {
    let taxonomy = pipeline.taxonomy();
    let evidence = ThemeScorer::new(taxonomy)?.explain(text);
    let Some(sentence) = analysis.sentences.get(place) else {
        return Ok(Vec::new());
    };
    let figures = sentence
        .theme_scores
        .iter()
        .zip(pipeline.thresholds())
        .zip(evidence);
    let themes = taxonomy.themes().iter().zip(figures).enumerate();
    Ok(themes
        .map(
            |(position, (theme, ((probability, threshold), evidence)))| ThemeExplanation {
                theme: theme.id.clone(),
                probability: rounded((*probability).into(), 4),
                threshold: rounded((*threshold).into(), 4),
                is_assigned: sentence.themes.contains(&position),
                cue_bias: rounded(evidence.bias.into(), 3),
                cues: evidence
                    .cues
                    .into_iter()
                    .map(|(cue, weight)| Cue {
                        cue,
                        weight: rounded(weight.into(), 3),
                    })
                    .collect(),
                cue_rivalry: rounded(evidence.rivalry.into(), 3),
                cue_probability: rounded(evidence.score.into(), 4),
            },
        )
        .collect())
}

/// A document of these sentences, one per line, each of its kind.
fn document_of(id: &str, sentences: &[SentenceText]) -> (Document, Vec<Sentence>) {
    let texts = sentences.iter().map(|(text, _)| text.as_str());
    let (document, mut split) = Document::of_sentences(id, texts);
    for (sentence, (_, kind)) in split.iter_mut().zip(sentences) {
        sentence.kind = *kind;
    }
    (document, split)
}

fn log_odds(probability: f32) -> f64 {
    let p = f64::from(probability).clamp(1e-6, 1.0 - 1e-6);
    (p / (1.0 - p)).ln()
}

/// The explanation as a table for people.
impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}, engine {}",
            escape_controls(&self.sent_id),
            self.engine
        )?;
        writeln!(f, "{}\n", escape_controls(&self.text))?;
        writeln!(f, "{:<18}{:>12}{:>11}", "theme", "probability", "threshold")?;
        for theme in &self.themes {
            let mark = if theme.is_assigned { "  assigned" } else { "" };
            writeln!(
                f,
                "{:<18}{:>12.3}{:>11.3}{mark}",
                theme.theme, theme.probability, theme.threshold
            )?;
        }
        let assigned: Vec<&ThemeExplanation> = self
            .themes
            .iter()
            .filter(|theme| theme.is_assigned)
            .collect();
        let likeliest = || {
            self.themes
                .iter()
                .max_by(|a, b| a.probability.total_cmp(&b.probability))
        };
        let told = match assigned.is_empty() {
            true => likeliest().into_iter().collect(),
            false => assigned,
        };
        for theme in told {
            self.write_theme(f, theme)?;
        }
        Ok(())
    }
}

impl Explanation {
    fn write_theme(&self, f: &mut fmt::Formatter<'_>, theme: &ThemeExplanation) -> fmt::Result {
        writeln!(f, "\n{}, in log-odds", theme.theme)?;
        let alone = if self.words.is_empty() && self.neighbours.is_empty() {
            "cues"
        } else {
            "cues, which are a hint to the model"
        };
        let mut cues: Vec<String> = vec![format!("{:+.1} to begin with", theme.cue_bias)];
        for cue in &theme.cues {
            cues.push(match cue.weight > 0.0 {
                true => format!("{:+.1} \"{}\"", cue.weight, cue.cue),
                false => format!("\"{}\" hides other cues", cue.cue),
            });
        }
        if theme.cue_rivalry < -0.005 {
            cues.push(format!("{:+.1} for another theme", theme.cue_rivalry));
        }
        writeln!(
            f,
            "  {alone}: {} = {:.3}",
            cues.join(", "),
            theme.cue_probability
        )?;
        for (what, occlusions) in [("words", &self.words), ("neighbours", &self.neighbours)] {
            let effect = |of: &Occlusion| of.effect.get(&theme.theme).copied().unwrap_or_default();
            let mut told: Vec<&Occlusion> = occlusions
                .iter()
                .filter(|of| effect(of).abs() >= LEAST_EFFECT)
                .collect();
            if occlusions.is_empty() {
                continue;
            }
            told.sort_by(|a, b| effect(b).abs().total_cmp(&effect(a).abs()));
            if told.is_empty() {
                writeln!(f, "  {what}: none that matters by itself")?;
                continue;
            }
            writeln!(f, "  {what}: effect, probability without")?;
            for of in told.into_iter().take(SHOWN) {
                let without = of.without.get(&theme.theme).copied().unwrap_or_default();
                let mut label = String::new();
                if what == "neighbours" {
                    write!(label, "{}: ", of.sent_id)?;
                }
                label.extend(of.text.chars().take(60));
                writeln!(
                    f,
                    "    {:+.2}  {without:.3}  {}",
                    effect(of),
                    escape_controls(&label)
                )?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::themes::Taxonomy;

    fn explained(kind: EngineKind, sentences: &[&str], place: usize) -> Explanation {
        let mut pipeline = Pipeline::load(kind, Taxonomy::embedded().unwrap(), 1).unwrap();
        let document = Document::of_sentences("doc", sentences.iter().copied());
        let analyses = pipeline.analyse_sentences(vec![document]).unwrap();
        explain(&mut pipeline, kind, &analyses[0], place).unwrap()
    }

    #[test]
    fn the_cues_add_up_to_the_probability_of_the_rules() {
        let text = "The ministers agreed to cut methane emissions and to protect coral reefs.";
        let told = explained(EngineKind::Rules, &[text], 0);
        assert!(told.words.is_empty());
        for theme in &told.themes {
            let weights: f64 = theme.cues.iter().map(|cue| cue.weight).sum();
            let sum = theme.cue_bias + weights + theme.cue_rivalry;
            let probability = 1.0 / (1.0 + (-sum).exp());
            assert!((probability - theme.probability).abs() < 0.002, "{theme:?}");
        }
        let climate = told
            .themes
            .iter()
            .find(|theme| theme.theme == "climate")
            .unwrap();
        assert!(climate.is_assigned && climate.cues.iter().any(|cue| cue.cue.contains("emission")));
        assert!(told.to_string().contains("\"emission"), "{told}");
    }

    #[test]
    fn without_the_word_that_carries_it_the_network_is_less_sure() {
        let told = explained(
            EngineKind::Minilm,
            &[
                "The leaders met in Suva.",
                "They discussed emissions and the school year.",
                "They thanked the hosts.",
            ],
            1,
        );
        assert_eq!(told.sent_id, "doc.2");
        let words: Vec<&str> = told.words.iter().map(|word| word.text.as_str()).collect();
        assert_eq!(
            words,
            [
                "They",
                "discussed",
                "emissions",
                "and",
                "the",
                "school",
                "year"
            ]
        );
        let effect = |word: &Occlusion| word.effect["climate"];
        let carrier = told
            .words
            .iter()
            .max_by(|a, b| effect(a).total_cmp(&effect(b)))
            .unwrap();
        assert_eq!(carrier.text, "emissions");
        assert!(effect(carrier) > 0.5, "{told}");
        let ids: Vec<&str> = told.neighbours.iter().map(|n| n.sent_id.as_str()).collect();
        assert_eq!(ids, ["doc.1", "doc.3"]);
    }
}
