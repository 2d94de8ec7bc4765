//! Calendar dates and bounded periods.

use std::collections::HashSet;

use regex::Regex;

use super::data::DateRules;
use super::token::{TokenShape, TokenizedSentence, key, keys};
use crate::document::Span;
use crate::{Error, Result};

/// The patterns of `models/dates.toml`, as one regular expression.
#[derive(Debug)]
pub(super) struct DateGrammar {
    regex: Regex,
    months_and_weekdays: HashSet<u64>,
    months: HashSet<u64>,
    outside: HashSet<u64>,
    inside_before: HashSet<u64>,
    and: u64,
    doubtful: HashSet<u64>,
    before: HashSet<u64>,
    not_after: HashSet<u64>,
    counted: HashSet<u64>,
}

impl DateGrammar {
    pub fn new(rules: &DateRules) -> Result<Self> {
        let patterns: Vec<String> = rules
            .pattern
            .iter()
            .map(|pattern| format!("(?:{})", expand(&pattern.regex, rules)))
            .collect();
        // Word boundaries are those of ASCII: Unicode ones would take the regex engine off its fast path.
        let source = format!(r"(?i)(?-u:\b)(?:{})(?-u:\b)", patterns.join("|"));
        let regex = Regex::new(&source).map_err(|error| Error::data("models/dates.toml", error))?;
        Ok(Self {
            regex,
            months_and_weekdays: keys(&rules.calendar()),
            months: keys(&rules.months()),
            outside: keys(&rules.outside.words),
            inside_before: keys(&rules.outside.unless_before),
            and: key("and"),
            doubtful: keys(&rules.context.doubtful),
            before: keys(&rules.context.before),
            not_after: keys(&rules.context.not_after),
            counted: keys(&rules.context.counted),
        })
    }

    /// The dates of a sentence, in order.
    pub fn find(&self, sentence: &TokenizedSentence<'_>) -> Vec<Span> {
        let mut dates = Vec::new();
        let mut at = 0;
        while let Some(found) = self.regex.find_at(sentence.text, at) {
            let span = Span::new(found.start(), found.end());
            if self.is_date(sentence, span) {
                let marked = self.marked(span.of(sentence.text)).into_iter();
                dates.extend(marked.map(|part| part.shifted(span.start)));
                at = span.end;
            } else {
                // A longer reading failed; a shorter one may begin at the next word inside it.
                let next = sentence.token_at(span.start + 1);
                at = sentence
                    .tokens
                    .get(next)
                    .map_or(sentence.text.len(), |token| token.span.start);
            }
        }
        dates
    }

    /// What is marked of a date: it without the words before it that are no part of it; of two dates with a month each,
    /// either by itself.
    pub fn marked(&self, date: &str) -> Vec<Span> {
        let sentence = TokenizedSentence::new(date);
        let Some(last) = sentence.tokens.len().checked_sub(1) else {
            return Vec::new();
        };
        let mut first = 0;
        while first < last
            && self.outside.contains(&sentence.key(first))
            && !self.inside_before.contains(&sentence.key(first + 1))
        {
            first += 1;
        }
        let has_month = |mut tokens: std::ops::Range<usize>| {
            tokens.any(|token| self.months.contains(&sentence.key(token)))
        };
        let and = (first..last).find(|&token| sentence.key(token) == self.and);
        match and {
            Some(and) if has_month(first..and) && has_month(and..last + 1) && and > first => {
                let comma = usize::from(sentence.word(and - 1) == ",");
                vec![
                    sentence.span(first, and - 1 - comma),
                    sentence.span(and + 1, last),
                ]
            }
            _ => vec![sentence.span(first, last)],
        }
    }

    /// Whether the words can hardly be anything but a date: with the name of a month, a decade, a fiscal year.
    pub fn is_certain(&self, date: &str) -> bool {
        let sentence = TokenizedSentence::new(date);
        let is_decade = |word: &str| {
            let digits = word.strip_suffix("0s").unwrap_or_default();
            digits.len() == 3 && digits.chars().all(|c| c.is_ascii_digit())
        };
        let has_number = date.contains(|c: char| c.is_ascii_digit());
        (0..sentence.tokens.len()).any(|token| {
            let word = sentence.word(token);
            has_number && self.months.contains(&sentence.key(token))
                || is_decade(word)
                || has_number && (word.starts_with("FY") || word.eq_ignore_ascii_case("fiscal"))
        })
    }

    fn is_date(&self, sentence: &TokenizedSentence<'_>, span: Span) -> bool {
        let first = sentence.token_at(span.start);
        let tokens = sentence.tokens_of(span);
        // The match must be whole tokens, which the ASCII boundaries of the pattern do not ensure.
        let is_whole = tokens
            .first()
            .is_some_and(|token| token.span.start == span.start)
            && tokens.last().is_some_and(|token| {
                token.span.end == span.end
                    || token.span.end == span.end + 1
                        && sentence.text.as_bytes().get(span.end) == Some(&b'.')
            });
        if !is_whole
            || tokens.iter().any(|token| {
                token.shape == TokenShape::Lower && self.months_and_weekdays.contains(&token.key)
            })
        {
            return false;
        }
        if tokens.windows(2).any(|pair| match pair {
            [a, b] => is_past_month_end(a.span.of(sentence.text), b.span.of(sentence.text)),
            _ => false,
        }) {
            return false;
        }
        let previous = first.checked_sub(1).and_then(|i| sentence.tokens.get(i));
        let next = sentence.tokens.get(first + tokens.len());
        if let [only] = tokens {
            if self.doubtful.contains(&only.key) {
                return previous.is_some_and(|token| self.before.contains(&token.key))
                    && next.is_none_or(|token| !token.is_capitalised());
            }
            if only.shape == TokenShape::Number {
                let after_sign = previous.is_some_and(|token| {
                    self.not_after.contains(&token.key)
                        || (token.shape == TokenShape::Mark
                            && token.span.end == only.span.start
                            && !sentence.word(first - 1).starts_with([
                                '(', '"', '“', '[', '-', '–', '—', '\'', '‘', '’', '/',
                            ]))
                });
                let counts = next.is_some_and(|token| {
                    self.counted.contains(&token.key) || token.span.of(sentence.text) == "%"
                });
                return !after_sign && !counts && !is_in_symbol(sentence, first);
            }
        }
        true
    }
}

/// Whether a number is part of the symbol of a document: the "2018" of "S/2018/776" or "A/77/2025".
fn is_in_symbol(sentence: &TokenizedSentence<'_>, token: usize) -> bool {
    let Some(slash) = token.checked_sub(1) else {
        return false;
    };
    let is_capital = |at: usize| {
        let word = sentence.word(at);
        !word.is_empty() && word.chars().all(|c| c.is_ascii_uppercase())
    };
    // A part stands before or after the number too: "COP/2024" is no symbol.
    let is_symbol = |before: usize| {
        is_capital(before) && sentence.word(token + 1) == "/" && sentence.is_glued(token + 1)
            || sentence.word(before.wrapping_sub(1)) == "/" && is_capital(before.wrapping_sub(2))
    };
    sentence.word(slash) == "/"
        && sentence.is_glued(token)
        && sentence.is_glued(slash)
        && slash > 0
        && is_symbol(slash - 1)
}

/// Whether a day, right before or after its month, is one the month never has: "31 April", "February 30".
fn is_past_month_end(first: &str, second: &str) -> bool {
    let last_day = |month: &str| match month.get(..3)?.to_ascii_lowercase().as_str() {
        "feb" => Some(29),
        "apr" | "jun" | "sep" | "nov" => Some(30),
        _ => None,
    };
    let day = |word: &str| {
        word.trim_end_matches(char::is_alphabetic)
            .parse::<u32>()
            .ok()
    };
    let is_past = |word: &str, month: &str| matches!((day(word), last_day(month)), (Some(day), Some(last)) if day > last && day <= 31);
    is_past(first, second) || is_past(second, first)
}

/// Puts the words of each list in place of its `{name}`.
fn expand(pattern: &str, rules: &DateRules) -> String {
    let mut expanded = pattern.to_string();
    // Twice: a word may stand for others itself.
    for (name, words) in rules.words.iter().chain(&rules.words) {
        expanded = expanded.replace(&format!("{{{name}}}"), &format!("(?:{})", words.join("|")));
    }
    expanded
}

#[cfg(test)]
mod tests {
    use super::super::data;
    use super::*;

    #[test]
    fn patterns_find_their_examples_and_no_more() {
        let rules = data::dates().unwrap();
        let grammar = DateGrammar::new(&rules).unwrap();
        let found = |text: &str| -> Vec<String> {
            let spans = grammar.find(&TokenizedSentence::new(text)).into_iter();
            spans.map(|span| span.of(text).to_string()).collect()
        };
        for pattern in &rules.pattern {
            for example in &pattern.examples {
                let dates = found(&format!("in {example} they met"));
                assert_eq!(dates, [example.as_str()]);
            }
            for example in &pattern.not {
                let dates = found(&format!("They saw {example} there"));
                assert!(!dates.contains(example), "{example}");
            }
        }
    }

    #[test]
    fn numbers_that_are_not_years() {
        let grammar = DateGrammar::new(&data::dates().unwrap()).unwrap();
        for text in [
            "Resolution 1970 was cited",
            "some 2000 people came",
            "a loan of $1950 each",
            "contained in document S/2018/776 and A/77/2025",
        ] {
            assert!(
                grammar.find(&TokenizedSentence::new(text)).is_empty(),
                "{text}"
            );
        }
    }
}
