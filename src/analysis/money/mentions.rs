//! Where a text names a currency.

use rust_decimal::Decimal;

use super::forms::{CurrencyReading, Form, FormKind};
use super::lexer::MoneyToken;
use super::lexicon::Lexicon;

/// A currency named in the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct CurrencyMention {
    /// The first token.
    pub first: usize,
    /// One past the last token.
    pub end: usize,
    pub kind: FormKind,
    pub reading: CurrencyReading,
    /// How many make one unit.
    pub per_unit: u32,
    /// The multiplier that is part of the form.
    pub scale: Option<Decimal>,
    /// Whether the form is another word as well.
    pub weak: bool,
}

/// All currencies named, leftmost and longest first, not overlapping.
pub(super) fn mentions(
    text: &str,
    tokens: &[MoneyToken],
    lexicon: &Lexicon,
) -> Vec<CurrencyMention> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let forms = lexicon.forms_by_first.get(&tokens[at].word);
        let form = forms
            .into_iter()
            .flatten()
            .map(|&form| &lexicon.forms[form])
            .find(|form| is_written(form, lexicon, text, tokens, at));
        match form {
            Some(form) => {
                let end = at + form.words.len();
                found.push(CurrencyMention {
                    first: at,
                    end,
                    kind: form.kind,
                    reading: form.reading,
                    per_unit: form.per_unit,
                    scale: form.scale,
                    weak: form.weak,
                });
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

/// Whether the form stands at token `at` as it may be written.
fn is_written(
    form: &Form,
    lexicon: &Lexicon,
    text: &str,
    tokens: &[MoneyToken],
    at: usize,
) -> bool {
    let end = at + form.words.len();
    let Some(here) = tokens.get(at..end) else {
        return false;
    };
    if !form
        .words
        .iter()
        .zip(here)
        .all(|(word, token)| *word == token.word)
    {
        return false;
    }
    let next = tokens.get(end);
    let before = at.checked_sub(1).and_then(|before| tokens.get(before));
    let same_case = || {
        form.text
            .iter()
            .zip(here)
            .all(|(piece, token)| text.get(token.start..token.end) == Some(piece))
    };
    match form.kind {
        FormKind::Name | FormKind::Subunit => true,
        FormKind::Code => {
            let beside_figure = || {
                [before, next].into_iter().flatten().any(|token| {
                    token.numeral.is_some()
                        || lexicon.roles(token).magnitude.is_some()
                        || is_sign(lexicon, token)
                })
            };
            same_case()
                || (!form.weak && form.scale.is_none() && is_lower(text, here) && beside_figure())
        }
        FormKind::Sign => {
            let glued_to_figure =
                before.is_some_and(|token| token.numeral.is_some()) && !here[0].spaced;
            // "5B$" is five billion, not five Brunei dollars.
            let roles = lexicon.roles(&here[0]);
            if glued_to_figure
                && here.len() > 1
                && (roles.magnitude.is_some() || roles.glued.is_some())
            {
                return false;
            }
            // "1.2 bn€": the multiplier goes with the figure.
            if form.scale.is_some()
                && roles.magnitude.is_some()
                && before.is_some_and(|token| token.numeral.is_some())
            {
                return false;
            }
            let gaps = here[1..].iter().any(|token| token.spaced);
            let before_figure = next.is_some_and(|token| token.numeral.is_some());
            if same_case() {
                !gaps || is_gap_allowed(here, next)
            } else {
                // Text that was tokenised by a machine: "c $ 3.5 million", "hk $ 2.25 billion".
                before_figure
                    && gaps
                    && is_lower(text, here)
                    && next.is_some_and(|token| token.spaced)
                    && !text
                        .get(here[0].start..here[0].end)
                        .is_some_and(|word| matches!(word, "a" | "d" | "m" | "s" | "t"))
                    || (is_dotted(here) && is_lower(text, here) && before_figure)
            }
        }
    }
}

/// "US $5 million" and "$ A12 million", but not "to annex A $5 million".
fn is_gap_allowed(here: &[MoneyToken], next: Option<&MoneyToken>) -> bool {
    let Some(next) = next.filter(|next| next.numeral.is_some()) else {
        return false;
    };
    let last = here[here.len() - 1];
    if last.is_word {
        return !next.spaced;
    }
    let letters: usize = here
        .iter()
        .filter(|token| token.is_word)
        .map(|token| token.end - token.start)
        .sum();
    letters > 1
        && here[..here.len() - 1]
            .iter()
            .skip(1)
            .all(|token| !token.spaced)
}

fn is_dotted(here: &[MoneyToken]) -> bool {
    here.len() > 2 && here[0].is_word && !here[1].is_word && here[2].is_word
}

fn is_lower(text: &str, here: &[MoneyToken]) -> bool {
    here.iter().all(|token| {
        text.get(token.start..token.end)
            .is_some_and(|piece| !piece.chars().any(char::is_uppercase))
    })
}

/// Whether the token is a sign such as "$" that touches what stands before it.
fn is_sign(lexicon: &Lexicon, token: &MoneyToken) -> bool {
    !token.spaced
        && !token.is_word
        && token.numeral.is_none()
        && lexicon.forms_by_first.contains_key(&token.word)
}
