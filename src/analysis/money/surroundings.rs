//! What the words around a sum say about it: "up to", "per year", "over five years", "(KRW 80 billion)".

use rust_decimal::Decimal;

use super::expression::Qualifier;
use super::lexer::MoneyToken;
use super::lexicon::{Lexicon, Opener};
use super::numbers::Numbers;
use super::phrases::Phrases;
use super::sums::{Sum, Value};
use super::words::WordId;

/// How many tokens after a sum may stand before its period: "$5 million to the Fund for ... by 2030".
const REACH: usize = 32;

/// Reads the words around sums.
pub(super) struct Surroundings<'a> {
    pub lexicon: &'a Lexicon,
    pub text: &'a str,
    pub tokens: &'a [MoneyToken],
    pub sums: &'a [Sum],
}

impl Surroundings<'_> {
    fn is(&self, at: usize, word: WordId) -> bool {
        self.tokens.get(at).is_some_and(|token| token.word == word)
    }

    // --- qualifiers -----------------------------------------------------------------------------------------------------

    /// What the words just before or after the sum say about its amount.
    pub fn qualifier(&self, sum: &Sum) -> Qualifier {
        match sum.value {
            Value::Range(..) => return Qualifier::Range,
            Value::Vague => return Qualifier::Vague,
            Value::Amount(_) => {}
        }
        let mut end = sum.first;
        for _ in 0..4 {
            if let Some((_, qualifier)) = self.lexicon.qualifiers.ending_at(self.tokens, end) {
                return *qualifier;
            }
            match self.lexicon.between.ending_at(self.tokens, end) {
                Some((start, ())) => end = start,
                None => break,
            }
        }
        if sum.plus {
            return Qualifier::AtLeast;
        }
        match self.lexicon.after.starting_at(self.tokens, sum.end) {
            Some((end, qualifier)) if !self.goes_on(end) => *qualifier,
            _ => Qualifier::Exact,
        }
    }

    /// "$5 million or more than ...", "$5 million plus $2 million".
    fn goes_on(&self, at: usize) -> bool {
        self.is(at, self.lexicon.keywords.than)
            || self
                .tokens
                .get(at)
                .is_some_and(|token| token.numeral.is_some())
            || self.sums.binary_search_by_key(&at, |sum| sum.first).is_ok()
    }

    // --- equivalents ----------------------------------------------------------------------------------------------------

    /// Whether the sum `second` only restates the sum `first`, just before it, in another currency.
    pub fn is_equivalent(&self, first: &Sum, second: &Sum) -> bool {
        let keywords = &self.lexicon.keywords;
        let Some(between) = self.tokens.get(first.end..second.first) else {
            return false;
        };
        let (bracket, words) = match between.split_first() {
            Some((token, rest)) if token.word == keywords.open => (true, rest),
            _ => (false, between),
        };
        let words_from = second.first - words.len();
        let comma = usize::from(
            words
                .first()
                .is_some_and(|token| token.word == keywords.comma),
        );
        if !self.is_all_phrases(words_from + comma, second.first) {
            return false;
        }
        if bracket {
            let after = self.tokens.get(second.end);
            return after.is_none_or(|token| !token.is_word || token.word == keywords.or)
                || !self.is(second.end, keywords.of) && self.is_rate_note(second.end);
        }
        let before = first.first.checked_sub(1);
        self.says_the_same(words) && !before.is_some_and(|before| self.is(before, keywords.either))
    }

    /// Outside brackets a word must say so: "€10 million, or $11 million", but not "€10 million, nearly $4 million of it".
    fn says_the_same(&self, words: &[MoneyToken]) -> bool {
        words.iter().any(|token| {
            matches!(
                self.text.get(token.start..token.end),
                Some(
                    "or" | "equivalent"
                        | "equal"
                        | "i"
                        | "ie"
                        | "that"
                        | "="
                        | "/"
                        | "≈"
                        | "which"
                        | "being"
                        | "worth"
                        | "valued"
                )
            )
        })
    }

    /// "(KRW 80 billion at the current rate)", "(about C$2 million in 2024 prices)".
    fn is_rate_note(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| {
            matches!(
                self.text.get(token.start..token.end),
                Some("at" | "as" | "in" | "per" | "equivalent" | "based")
            )
        })
    }

    fn is_all_phrases(&self, from: usize, to: usize) -> bool {
        let mut at = from;
        while at < to {
            match self.lexicon.equivalents.starting_at(&self.tokens[..to], at) {
                Some((end, ())) => at = end,
                None => return false,
            }
        }
        at == to
    }

    /// Whether `second` stands in the same brackets as the equivalent before it: "(KRW 80 billion, EUR 55 million)".
    pub fn is_next_equivalent(&self, first: &Sum, second: &Sum) -> bool {
        let keywords = &self.lexicon.keywords;
        self.tokens
            .get(first.end..second.first)
            .is_some_and(|between| {
                between.iter().all(|token| {
                    [
                        keywords.comma,
                        keywords.slash,
                        keywords.semicolon,
                        keywords.or,
                        keywords.and,
                    ]
                    .contains(&token.word)
                }) && !between.is_empty()
            })
            && self.is(second.end, keywords.close)
    }

    // --- periods --------------------------------------------------------------------------------------------------------

    /// The period that the sum at `at` is for.
    pub fn period(&self, at: usize) -> Option<String> {
        let sum = &self.sums[at];
        let from = at.checked_sub(1).map_or(0, |before| self.sums[before].end);
        let to = self
            .sums
            .get(at + 1)
            .map_or(self.tokens.len(), |next| next.first);
        self.period_after(sum.end, to.min(sum.end + REACH))
            .or_else(|| self.period_just_before(from, sum.first, at > 0))
    }

    /// The period that opens the sentence, as in "Over the next five years, ...": it holds for every sum without its own.
    pub fn opening_period(&self) -> Option<String> {
        let keywords = &self.lexicon.keywords;
        let first_sum = self.sums.first()?.first;
        let comma = self.tokens[..first_sum.min(16)]
            .iter()
            .position(|token| token.word == keywords.comma)?;
        (0..comma.min(4)).find_map(|at| {
            let opens = self.lexicon.openers.starting_at(self.tokens, at).is_some()
                || self.lexicon.roles(&self.tokens[at]).span;
            let (period, end) = self.time_at(at, comma).filter(|_| opens)?;
            (end <= comma && comma - end <= 2).then_some(period)
        })
    }

    /// Whether the sum at `at` is for one year, as in "$62 billion in 2023", and so not for the period that opens the sentence.
    pub fn is_of_one_year(&self, at: usize) -> bool {
        let after = self.sums[at].end;
        let preposition = self
            .tokens
            .get(after)
            .is_some_and(|token| self.lexicon.roles(token).span);
        preposition
            && self
                .tokens
                .get(after + 1)
                .and_then(|token| token.numeral)
                .is_some_and(|numeral| numeral.year)
    }

    fn period_after(&self, from: usize, to: usize) -> Option<String> {
        let keywords = &self.lexicon.keywords;
        let mut infinitive = false;
        let mut at = from;
        while at < to {
            let token = &self.tokens[at];
            if self.ends_clause(at, from) {
                return None;
            }
            if let Some(period) = self.rate_at(&self.lexicon.rates, at) {
                // "a year" further on may belong to anything; "annually" belongs to the sum.
                let close =
                    at <= from + 1 || !(self.is(at, keywords.a) || self.is(at, keywords.hyphen));
                if close {
                    return Some(period);
                }
            }
            // "to support their path to net zero by 2050": the year belongs to the path.
            if token.word == keywords.to
                && self
                    .tokens
                    .get(at + 1)
                    .is_some_and(|next| self.is_verb_like(next))
                && at > from
            {
                infinitive = true;
            }
            if let Some((period, end)) = self.time_at(at, self.tokens.len()) {
                let dated = !period.starts_with("over");
                // "to students who pursue a four-year degree"
                let far = self.lexicon.openers.starting_at(self.tokens, at).is_none()
                    && !dated
                    && (at > from + 4
                        || self.tokens[from..at]
                            .iter()
                            .any(|token| token.word == keywords.and));
                let other = far || (infinitive && dated);
                if !other {
                    return Some(period);
                }
                at = end;
                continue;
            }
            at += 1;
        }
        None
    }

    /// Whether the word after "to" may be a verb: in lower case, and not an article or the like.
    fn is_verb_like(&self, token: &MoneyToken) -> bool {
        let word = self.text.get(token.start..token.end).unwrap_or_default();
        token.is_word
            && word.starts_with(char::is_lowercase)
            && !matches!(
                word,
                "the"
                    | "a"
                    | "an"
                    | "its"
                    | "their"
                    | "our"
                    | "this"
                    | "that"
                    | "these"
                    | "those"
                    | "be"
                    | "help"
            )
    }

    fn ends_clause(&self, at: usize, from: usize) -> bool {
        let keywords = &self.lexicon.keywords;
        let token = &self.tokens[at];
        if token.word == keywords.semicolon || token.word == keywords.colon {
            return true;
        }
        if token.word == keywords.stop {
            return self.tokens.get(at + 1).is_some_and(|next| {
                next.spaced && self.text[next.start..].starts_with(char::is_uppercase)
            }) && at > from;
        }
        let next_word = |ahead: usize| {
            self.tokens
                .get(at + ahead)
                .and_then(|token| self.text.get(token.start..token.end))
                .unwrap_or_default()
        };
        token.word == keywords.comma
            && matches!(
                next_word(1),
                "and"
                    | "which"
                    | "while"
                    | "as"
                    | "but"
                    | "whereas"
                    | "with"
                    | "who"
                    | "we"
                    | "adding"
                    | "bringing"
            )
    }

    /// The nearest few words before the sum: "an annual contribution of $5 million", "a five-year, $40 million programme".
    fn period_just_before(&self, from: usize, first: usize, after_sum: bool) -> Option<String> {
        let mut found = None;
        let mut at = first.saturating_sub(12).max(from);
        while at < first {
            if let Some((end, rate)) = self
                .lexicon
                .rates_before
                .starting_at(&self.tokens[..first], at)
                && first - at <= 7
                && self.leads_to(end, first, after_sum)
            {
                found = Some((*rate).to_owned());
            }
            match self.time_at(at, first) {
                Some((period, end)) => {
                    if (end..=end + 4).contains(&first)
                        && self.leads_to(end, first, after_sum)
                        && !self.is(end, self.lexicon.keywords.to)
                    {
                        found = Some(period);
                    }
                    at = end.max(at + 1);
                }
                None => at += 1,
            }
        }
        found
    }

    /// Whether no clause ends between a period and the sum after it; after another sum, a comma ends one.
    fn leads_to(&self, from: usize, to: usize, after_sum: bool) -> bool {
        let keywords = &self.lexicon.keywords;
        let between = &self.tokens[from.min(to)..to];
        let comma = after_sum
            && between.len() > 1
            && between.iter().any(|token| token.word == keywords.comma);
        let stops = [
            keywords.semicolon,
            keywords.stop,
            keywords.colon,
            keywords.and,
            keywords.close,
        ];
        !comma && !between.iter().any(|token| stops.contains(&token.word))
    }

    fn rate_at(&self, rates: &Phrases<&'static str>, at: usize) -> Option<String> {
        let (end, rate) = rates.starting_at(self.tokens, at)?;
        let follows = self
            .tokens
            .get(end)
            .is_some_and(|token| self.lexicon.roles(token).not_rate);
        (!follows).then(|| (*rate).to_owned())
    }

    /// The duration, deadline or span that begins at `at` and ends by `to`, and one past it.
    fn time_at(&self, at: usize, to: usize) -> Option<(String, usize)> {
        let tokens = &self.tokens[..to];
        if let Some((end, opener)) = self.lexicon.openers.starting_at(tokens, at) {
            let found = match opener {
                Opener::Over => self
                    .duration(end, to, false)
                    .map(|(months, end)| (over(months), end)),
                Opener::By => self
                    .year(end, to)
                    .map(|(year, end)| (format!("by:{year}"), end)),
                Opener::Through => self
                    .year(end, to)
                    .map(|(year, end)| (format!("through:{year}"), end)),
            };
            // "from 2022 through 2025" is read from its "from"; "up to 2027" is not "up to".
            if found.is_some() {
                return found.filter(|(_, end)| !self.is_part_of_number(*end));
            }
        }
        if self.lexicon.roles(tokens.get(at)?).span
            && let Some(found) = self.span(at + 1, to)
        {
            return Some(found);
        }
        // "a five-year programme", "2021-2024 period"
        self.duration(at, to, true)
            .map(|(months, end)| (over(months), end))
            .or_else(|| self.span(at, to))
    }

    fn is_part_of_number(&self, at: usize) -> bool {
        self.is(at, self.lexicon.keywords.percent)
    }

    /// "the next five years", "a five-year period", "18 months", "the coming decade": months, and one past the unit.
    /// `adjective` wants the unit joined to the count and in the singular: "five-year", "10 year".
    fn duration(&self, from: usize, to: usize, adjective: bool) -> Option<(u32, usize)> {
        let keywords = &self.lexicon.keywords;
        let mut at = from;
        while !adjective && at < to && at < from + 6 && self.lexicon.roles(&self.tokens[at]).of_time
        {
            at += 1;
        }
        let tokens = self.tokens.get(..to)?;
        let roles = self.lexicon.roles(tokens.get(at)?);
        let bare = self
            .text
            .get(tokens[at].start..tokens[at].end)
            .is_some_and(|unit| !unit.ends_with('s'));
        if !adjective && roles.decades && bare {
            return Some((120, at + 1));
        }
        let count = Numbers {
            lexicon: self.lexicon,
            tokens,
        }
        .at(at)
        .filter(|count| !count.vague && count.magnitude.is_none())?;
        let mut end = count.end;
        if self.is(end, keywords.hyphen) {
            end += 1;
        }
        let unit = tokens.get(end)?;
        let roles = self.lexicon.roles(unit);
        let plural = self
            .text
            .get(unit.start..unit.end)
            .is_some_and(|unit| unit.ends_with('s'));
        let one = count.mantissa == Some(Decimal::ONE);
        if adjective && (plural || (end == count.end && one)) {
            return None;
        }
        let months = match (roles.years, roles.months, roles.decades) {
            (true, ..) => 12,
            (_, true, _) => 1,
            (.., true) => 120,
            _ => return None,
        };
        let total = count.mantissa?.checked_mul(Decimal::from(months))?;
        let months = u32::try_from(total)
            .ok()
            .filter(|months| total.is_integer() && (1..=1800).contains(months))?;
        // "five years ago" is past, and "a five-year-old" is not a period.
        let after = tokens.get(end + 1).map(|token| self.lexicon.roles(token));
        (!after.is_some_and(|roles| roles.not_rate && !adjective)).then_some((months, end + 1))
    }

    /// "2030", "the end of 2027", "FY2027", "31 December 2026": the year, and one past it.
    fn year(&self, from: usize, to: usize) -> Option<(String, usize)> {
        let keywords = &self.lexicon.keywords;
        let mut at = from;
        while at < to && at < from + 8 {
            let token = &self.tokens[at];
            if let Some(numeral) = token.numeral {
                if numeral.year {
                    let year = self.text.get(token.start..token.end)?;
                    return Some((year.to_owned(), at + 1));
                }
                // A day of a month, or "FY27".
                let value = numeral.value.filter(|value| {
                    *value < Decimal::ONE_HUNDRED && value.is_integer() && !numeral.grouped
                })?;
                if at > from && self.tokens[at - 1].word == keywords.fy {
                    return Some((format!("20{value:0>2}"), at + 1));
                }
            } else if !self.lexicon.roles(token).year_filler
                && token.word != keywords.hyphen
                && token.word != keywords.comma
            {
                return None;
            }
            at += 1;
        }
        None
    }

    /// "2024-2026", "2012-13", "2022 and 2024", "FY2024 to FY2026": the span, and one past it.
    fn span(&self, from: usize, to: usize) -> Option<(String, usize)> {
        let keywords = &self.lexicon.keywords;
        let (first, end) = self.year(from, to)?;
        let joined = self.tokens.get(end)?.word;
        let dash = [
            keywords.hyphen,
            keywords.en_dash,
            keywords.em_dash,
            keywords.minus_sign,
            keywords.slash,
        ]
        .contains(&joined);
        let opened = from.checked_sub(1).map(|before| self.tokens[before].word);
        let through = |at: usize| {
            let opener = self
                .lexicon
                .openers
                .starting_at(&self.tokens[..to.max(at)], at);
            opener.is_some_and(|(_, opener)| *opener == Opener::Through)
        };
        let spoken = |at: usize| match self.tokens.get(at).map(|token| token.word) {
            Some(word) if word == keywords.and => opened == Some(keywords.between),
            Some(word) => {
                (word == keywords.to || through(at))
                    && opened.is_some_and(|opened| self.lexicon.vocabulary.roles(opened).span)
            }
            None => false,
        };
        if !dash && !spoken(end) {
            return None;
        }
        let (mut last, mut past) = self
            .year(end + 1, to.min(end + 4))
            .or_else(|| self.short_year(&first, end + 1))?;
        // "between 2021/22 and 2025/26"
        if dash
            && spoken(past)
            && let Some((second, after)) = self.year(past + 1, to.min(past + 4))
        {
            (last, past) = self
                .short_year(&second, after + 1)
                .unwrap_or((second, after));
        }
        (first < last).then(|| (format!("span:{first}-{last}"), past))
    }

    /// The "13" of "2012-13".
    fn short_year(&self, first: &str, at: usize) -> Option<(String, usize)> {
        let token = self
            .tokens
            .get(at)
            .filter(|token| token.numeral.is_some() && token.end - token.start == 2)?;
        let year = format!(
            "{}{}",
            first.get(..2)?,
            self.text.get(token.start..token.end)?
        );
        Some((year, at + 1))
    }
}

fn over(months: u32) -> String {
    if months.is_multiple_of(12) {
        format!("over:{}y", months / 12)
    } else {
        format!("over:{months}m")
    }
}
