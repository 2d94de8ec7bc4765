//! Themes by cues: the engine without weights.

use std::cmp::Reverse;

use aho_corasick::AhoCorasick;

use super::cues::{collapsed, is_acronym};
use super::taxonomy::Taxonomy;
use crate::{Error, Result};

/// Scores sentences by the cues of a [`Taxonomy`].
///
/// The evidence for a theme is its bias plus the weights of the cues that the sentence has, each counted once however
/// often it occurs. From it the rivalry of the taxonomy, times the logistic function of the strongest evidence for
/// another theme, is subtracted: in a sentence that is certainly about one theme, the words of another are more often
/// said in passing. The score is the logistic function of the rest.
///
/// ```text
/// score(theme) = logistic(evidence(theme) - rivalry * logistic(max evidence(other theme)))
/// ```
///
/// The weights that are compiled in were fitted by logistic regression, and the biases so that, over annotated
/// sentences of documents left out of the fit, the scores of a theme add up to the number of its sentences. Scores can
/// be read as probabilities, though those from 0.2 to 0.6 are some 0.15 too low, which is why thresholds lie under 0.5.
/// Several themes may apply to a sentence, or none.
///
/// How cues match:
/// - whole words; a `*` at the end of a cue stands for the rest of the word ("sanction*": "sanctions", "sanctioned");
/// - letters A to Z in either case, but a single word all in capitals (at least two letters) is an acronym and matches
///   only so: "AI", "NPT", "MSME*";
/// - a space in a cue is any run of white space, line breaks, hyphens or dashes ("people to people", "people-to-people");
/// - from left to right, the longest cue or exception of the theme wins, and words are used once; an exception adds
///   nothing, and so hides the cues inside it. The cues and exceptions of one theme never hide those of another.
#[derive(Debug)]
pub struct ThemeScorer {
    automaton: AhoCorasick,
    /// The patterns of the automaton.
    patterns: Vec<String>,
    /// What each pattern stands for.
    phrases: Vec<Phrase>,
    biases: Vec<f32>,
    rivalry: f32,
}

/// What speaks for and against one theme in a sentence, in log-odds.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// Where a sentence without any cue stands.
    pub bias: f32,
    /// The cues found and what each adds; exceptions, which hide the cues inside them, add nothing.
    pub cues: Vec<(String, f32)>,
    /// What the strongest other theme takes away; 0 or less.
    pub rivalry: f32,
    /// The resulting score, 0 to 1.
    pub score: f32,
}

/// A cue or an exception.
#[derive(Debug)]
struct Phrase {
    theme: usize,
    /// What it adds to the log-odds; 0 for an exception.
    weight: f32,
    /// Whether only its capitals count.
    is_acronym: bool,
    /// Whether the rest of the word may follow.
    is_open: bool,
}

/// Where a phrase, by its position in the list, stands in a [`collapsed`] text, in bytes.
struct Occurrence {
    theme: usize,
    start: usize,
    end: usize,
    phrase: usize,
}

impl ThemeScorer {
    /// Compiles the cues of all themes into one automaton.
    ///
    /// # Errors
    /// [`Error::Data`] when there are more cues than the automaton can hold.
    pub fn new(taxonomy: &Taxonomy) -> Result<Self> {
        let mut patterns = Vec::new();
        let mut phrases = Vec::new();
        for (theme, entry) in taxonomy.themes().iter().enumerate() {
            let exceptions = entry.except.iter().map(|phrase| (phrase, 0.0));
            for (cue, weight) in
                exceptions.chain(entry.cues.iter().map(|(cue, weight)| (cue, *weight)))
            {
                let stem = collapsed(cue.trim_end_matches('*'));
                phrases.push(Phrase {
                    theme,
                    weight,
                    is_acronym: is_acronym(&stem),
                    is_open: cue.ends_with('*'),
                });
                patterns.push(stem);
            }
        }
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(&patterns)
            .map_err(|error| Error::data("the cues of the themes", error))?;
        let biases = taxonomy.themes().iter().map(|theme| theme.bias).collect();
        Ok(Self {
            automaton,
            patterns,
            phrases,
            biases,
            rivalry: taxonomy.rivalry,
        })
    }

    /// One score per theme, 0 to 1, in the order of the taxonomy.
    pub fn score(&self, sentence: &str) -> Vec<f32> {
        let text = collapsed(sentence);
        let mut evidence = self.biases.clone();
        for phrase in self.found(&text) {
            let Phrase { theme, weight, .. } = self.phrases[phrase];
            evidence[theme] += weight;
        }
        (evidence.iter().enumerate())
            .map(|(theme, own)| {
                let others = evidence
                    .iter()
                    .enumerate()
                    .filter(|(other, _)| *other != theme);
                let strongest = others
                    .map(|(_, evidence)| *evidence)
                    .fold(f32::NEG_INFINITY, f32::max);
                logistic(own - self.rivalry * logistic(strongest))
            })
            .collect()
    }

    /// What [`score`](Self::score) adds up for every theme.
    pub fn explain(&self, sentence: &str) -> Vec<Evidence> {
        let text = collapsed(sentence);
        let found = self.found(&text);
        let scores = self.score(sentence);
        let themes = self.biases.iter().zip(scores).enumerate();
        themes
            .map(|(theme, (bias, score))| {
                let of_theme = found
                    .iter()
                    .filter(|phrase| self.phrases[**phrase].theme == theme);
                let cues: Vec<(String, f32)> = of_theme
                    .map(|phrase| {
                        let Phrase {
                            weight, is_open, ..
                        } = self.phrases[*phrase];
                        let star = if is_open { "*" } else { "" };
                        (format!("{}{star}", self.patterns[*phrase]), weight)
                    })
                    .collect();
                let sum = bias + cues.iter().map(|(_, weight)| weight).sum::<f32>();
                Evidence {
                    bias: *bias,
                    cues,
                    rivalry: (score / (1.0 - score)).ln() - sum,
                    score,
                }
            })
            .collect()
    }

    /// The phrases that count in a [`collapsed`] text, each once.
    fn found(&self, text: &str) -> Vec<usize> {
        let mut occurrences: Vec<Occurrence> = (self.automaton.find_overlapping_iter(text))
            .filter_map(|hit| {
                self.occurrence(text, hit.pattern().as_usize(), hit.start(), hit.end())
            })
            .collect();
        occurrences.sort_unstable_by_key(|o| {
            (
                o.theme,
                o.start,
                Reverse((o.end, self.patterns[o.phrase].len())),
                o.phrase,
            )
        });
        let mut found = Vec::with_capacity(occurrences.len());
        let mut free_from = (0, 0);
        for Occurrence {
            theme,
            start,
            end,
            phrase,
        } in occurrences
        {
            if free_from.0 != theme {
                free_from = (theme, 0);
            }
            if start >= free_from.1 {
                free_from = (theme, end);
                found.push(phrase);
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// A hit of the automaton, if it is whole words in the right letters.
    fn occurrence(
        &self,
        text: &str,
        pattern: usize,
        start: usize,
        end: usize,
    ) -> Option<Occurrence> {
        let phrase = &self.phrases[pattern];
        if phrase.is_acronym && text.get(start..end) != Some(self.patterns[pattern].as_str()) {
            return None;
        }
        let (before, after) = (text.get(..start)?, text.get(end..)?);
        let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        if is_word(before.chars().next_back()) && is_word(text[start..].chars().next()) {
            return None;
        }
        let rest: usize = after
            .chars()
            .take_while(|c| c.is_alphanumeric())
            .map(char::len_utf8)
            .sum();
        if rest > 0 && !phrase.is_open && is_word(text[..end].chars().next_back()) {
            return None;
        }
        let end = if phrase.is_open { end + rest } else { end };
        Some(Occurrence {
            theme: phrase.theme,
            start,
            end,
            phrase: pattern,
        })
    }
}

impl Taxonomy {
    /// The `examples` and `not` sentences of the file that its own cues get wrong, as messages; empty when all is well.
    ///
    /// # Errors
    /// As [`ThemeScorer::new`].
    pub fn misread_examples(&self) -> Result<Vec<String>> {
        let scorer = ThemeScorer::new(self)?;
        let mut misread = Vec::new();
        for (position, theme) in self.themes().iter().enumerate() {
            let examples = theme.examples.iter().map(|sentence| (sentence, true));
            let not = theme
                .counterexamples
                .iter()
                .map(|sentence| (sentence, false));
            for (sentence, expected) in examples.chain(not) {
                let scores = scorer.score(sentence);
                if self.assign(&scores).contains(&position) != expected {
                    let (score, id) = (scores[position], &theme.id);
                    let verb = if expected {
                        "should be"
                    } else {
                        "should not be"
                    };
                    misread.push(format!("{verb} `{id}` but scores {score:.2}: {sentence}"));
                }
            }
        }
        Ok(misread)
    }
}

/// The probability of the given log-odds.
fn logistic(log_odds: f32) -> f32 {
    1.0 / (1.0 + (-log_odds).exp())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The log-odds, over the bias of -4, of a theme with the given cues and exceptions.
    fn weight(cues: &str, except: &str, sentence: &str) -> f32 {
        let toml = format!(
            "[[theme]]\nid = 'x'\ncode = 'X'\ntitle = 'X'\ndescription = 'X'\nthreshold = 0.5\nbias = -4\n\
             cues = {cues}\nexcept = {except}\n"
        );
        let taxonomy = Taxonomy::from_toml(&toml, "test").unwrap();
        let score = ThemeScorer::new(&taxonomy).unwrap().score(sentence)[0];
        ((score / (1.0 - score)).ln() + 4.0).round()
    }

    #[test]
    fn whole_words_in_either_case_each_counted_once() {
        let cues = "[{ weight = 2, words = ['trade', 'sanction*'] }]";
        assert_eq!(weight(cues, "[]", "TRADE, trade and Trade."), 2.0);
        assert_eq!(weight(cues, "[]", "Traders trade-offs? trademark"), 2.0);
        assert_eq!(weight(cues, "[]", "sanctions, sanctioned"), 2.0);
        assert_eq!(weight(cues, "[]", "unsanctioned trades"), 0.0);
        assert_eq!(weight(cues, "[]", ""), 0.0);
    }

    #[test]
    fn acronyms_need_their_capitals() {
        let cues = "[{ weight = 3, words = ['AI', 'MSME*'] }]";
        assert_eq!(weight(cues, "[]", "Safe AI for all"), 3.0);
        assert_eq!(weight(cues, "[]", "ai, Ai, AID"), 0.0);
        assert_eq!(weight(cues, "[]", "support for MSMEs"), 3.0);
    }

    #[test]
    fn phrases_run_over_line_breaks_and_hyphens_but_not_over_commas() {
        let cues = "[{ weight = 3, words = ['people-to-people tie*'] }]";
        for sentence in [
            "people to people ties",
            "People-to-people\u{a0}ties",
            "people\u{2010}to \u{2013} people\r\n  ties",
        ] {
            assert_eq!(weight(cues, "[]", sentence), 3.0, "{sentence}");
        }
        assert_eq!(weight(cues, "[]", "people to people, ties"), 0.0);
    }

    #[test]
    fn the_longest_wins_and_an_exception_hides_what_is_inside() {
        let cues = "[{ weight = 1, words = ['security', 'maritime security', 'peace'] }, { weight = 5, words = ['peace and security'] }]";
        let except = "['food security', 'security council']";
        assert_eq!(weight(cues, except, "maritime security"), 1.0);
        assert_eq!(weight(cues, except, "peace and security"), 5.0);
        assert_eq!(
            weight(cues, except, "food security before the Security Council"),
            0.0
        );
        assert_eq!(
            weight(cues, except, "food security and maritime security"),
            1.0
        );
    }

    #[test]
    fn a_certain_theme_makes_others_less_likely() {
        let theme = |id: &str, cue: &str, weight: u32| {
            format!(
                "[[theme]]\nid = '{id}'\ncode = '{id}X'\ntitle = 'X'\ndescription = 'X'\nthreshold = 0.5\nbias = 0\n\
                 cues = [{{ weight = {weight}, words = ['{cue}'] }}]\n"
            )
        };
        let toml = format!(
            "rivalry = 2\n{}{}",
            theme("a", "trade", 20),
            theme("b", "music", 1)
        );
        let scorer = ThemeScorer::new(&Taxonomy::from_toml(&toml, "test").unwrap()).unwrap();
        let near = |scores: Vec<f32>, expected: [f32; 2]| {
            assert!(
                scores
                    .iter()
                    .zip(expected)
                    .all(|(a, b)| (a - b).abs() < 1e-4),
                "{scores:?}"
            );
        };
        near(
            scorer.score("music"),
            [logistic(-2.0 * logistic(1.0)), logistic(1.0 - 2.0 * 0.5)],
        );
        near(scorer.score("trade in music"), [1.0, logistic(1.0 - 2.0)]);
    }

    #[test]
    fn any_text_is_scored_within_0_and_1() {
        let taxonomy = Taxonomy::embedded().unwrap();
        let scorer = ThemeScorer::new(&taxonomy).unwrap();
        let check = |text: &str| {
            let scores = scorer.score(text);
            scores.len() == taxonomy.themes().len()
                && scores.iter().all(|score| (0.0..=1.0).contains(score))
        };
        assert!(check(&"security ".repeat(200_000)));
        assert!(check(&"\u{301}\u{200F}\u{1F1EA}\u{1F1FA}-".repeat(1000)));
        let words = prop::collection::vec(
            ".{0,8}|security|Council|climate-|\u{2019}s|AI|\u{AD}",
            0..40,
        );
        proptest!(|(text in ".{0,300}", words in words)| {
            prop_assert!(check(&text));
            prop_assert!(check(&words.join(" ")));
        });
    }
}
