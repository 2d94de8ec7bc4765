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
            .find(|form| {
                WrittenForm::new(form, lexicon, text, tokens, at)
                    .is_some_and(|form| form.is_allowed())
                    // "USD M5": the letter multiplies.
                    && !(form.weak
                        && lexicon.roles(&tokens[at]).magnitude.is_some()
                        && found.last().is_some_and(|before: &CurrencyMention| before.end == at))
            });
        let prefix = UnknownPrefix {
            lexicon,
            text,
            tokens,
        };
        if let Some(end) = prefix.end(at, form) {
            found.push(CurrencyMention {
                first: at,
                end,
                kind: FormKind::Sign,
                reading: CurrencyReading::Shared(lexicon.unknown),
                per_unit: 1,
                scale: None,
                weak: false,
            });
            at = end;
            continue;
        }
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

/// The most letters, in bytes, that a sign may have before it.
const LONGEST_PREFIX: usize = 4;

/// Letters that touch a sign and that no form lists: "Kiri$5 million" is not in US dollars.
struct UnknownPrefix<'a> {
    lexicon: &'a Lexicon,
    text: &'a str,
    tokens: &'a [MoneyToken],
}

impl UnknownPrefix<'_> {
    /// One past the sign, if such letters begin at token `at`, where `form` is the longest form that does.
    fn end(&self, at: usize, form: Option<&Form>) -> Option<usize> {
        let first = self.tokens.get(at).filter(|token| token.is_word)?;
        let word = self.text.get(first.start..first.end)?;
        if !word.starts_with(char::is_uppercase) {
            return None;
        }
        let sign = self.past_letters(at);
        let mark = self.tokens.get(sign).filter(|token| !token.spaced)?;
        let is_known = form
            .is_some_and(|form| form.words.len() > sign - at || self.is_code_of_sign(form, mark));
        let roles = |at: usize| self.lexicon.roles(&self.tokens[at]);
        let after_figure = at.checked_sub(1).is_some_and(|before| {
            self.tokens[before].numeral.is_some() || roles(before).magnitude.is_some()
        });
        let before_figure = self
            .tokens
            .get(sign + 1)
            .is_some_and(|next| next.numeral.is_some());
        // "5B$", "6 M$"
        let multiplies =
            after_figure && (roles(at).magnitude.is_some() || roles(at).glued.is_some());
        // "Canadian$5 million" has an owner, and "Total$15" is two words that have come to touch.
        let is_word = first.end - first.start > LONGEST_PREFIX
            || self.lexicon.place_at_end(&self.text[..first.end]).is_some();
        let is_prefix = !is_word
            && self.lexicon.prefixed.contains(&mark.word)
            && (before_figure || after_figure)
            && !is_known
            && !multiplies;
        is_prefix.then_some(sign + 1)
    }

    /// One past the letters that begin at `at`: "Kiri", "N.Z.".
    fn past_letters(&self, at: usize) -> usize {
        let stop = self.lexicon.keywords.stop;
        let touches = |at: usize| self.tokens.get(at).is_some_and(|token| !token.spaced);
        let is_letter = |at: usize| {
            let token = self.tokens.get(at);
            token.is_some_and(|token| token.is_word && token.end - token.start == 1)
        };
        let mut end = at + 1;
        while is_letter(end - 1) && touches(end) && self.tokens[end].word == stop {
            end += 1;
            if !(touches(end) && is_letter(end)) {
                break;
            }
            end += 1;
        }
        end
    }

    /// "AUD$5": a code before its own sign.
    fn is_code_of_sign(&self, form: &Form, mark: &MoneyToken) -> bool {
        let signs = self.lexicon.forms_by_first.get(&mark.word);
        let sign = signs
            .into_iter()
            .flatten()
            .map(|&sign| &self.lexicon.forms[sign]);
        let mut alone = sign.filter(|sign| sign.words.len() == 1 && !sign.leads);
        let (CurrencyReading::Of(code), FormKind::Code) = (form.reading, form.kind) else {
            return false;
        };
        alone.any(|sign| match sign.reading {
            CurrencyReading::Of(only) => only == code,
            CurrencyReading::Shared(shared) => self.lexicon.shared[shared].users.contains(&code),
        })
    }
}

/// A form whose words stand in the text, with what stands beside them.
struct WrittenForm<'a> {
    form: &'a Form,
    lexicon: &'a Lexicon,
    text: &'a str,
    here: &'a [MoneyToken],
    before: Option<&'a MoneyToken>,
    next: Option<&'a MoneyToken>,
}

impl<'a> WrittenForm<'a> {
    /// The form at token `at`, if its words stand there.
    fn new(
        form: &'a Form,
        lexicon: &'a Lexicon,
        text: &'a str,
        tokens: &'a [MoneyToken],
        at: usize,
    ) -> Option<Self> {
        let end = at + form.words.len();
        let here = tokens.get(at..end)?;
        let words = here.iter().map(|token| &token.word);
        words.eq(&form.words).then(|| Self {
            form,
            lexicon,
            text,
            here,
            before: at.checked_sub(1).and_then(|before| tokens.get(before)),
            next: tokens.get(end),
        })
    }

    /// Whether the form may be written so.
    fn is_allowed(&self) -> bool {
        if self.form.leads && !self.leads() {
            return false;
        }
        match self.form.kind {
            FormKind::Name | FormKind::Subunit => true,
            FormKind::Code => self.has_case_of_form() || self.is_small_code(),
            FormKind::Sign if self.is_multiplier() => false,
            FormKind::Sign if self.has_case_of_form() => !self.has_gaps() || self.is_gap_allowed(),
            FormKind::Sign => self.is_small_sign(),
        }
    }

    /// Whether a figure follows, and none stands before.
    fn leads(&self) -> bool {
        let is_figure =
            |token: Option<&MoneyToken>| token.is_some_and(|token| token.numeral.is_some());
        is_figure(self.next) && !is_figure(self.before)
    }

    fn piece(&self, token: &MoneyToken) -> Option<&'a str> {
        self.text.get(token.start..token.end)
    }

    fn has_case_of_form(&self) -> bool {
        let mut pieces = self.form.text.iter().zip(self.here);
        pieces.all(|(piece, token)| self.piece(token) == Some(piece))
    }

    fn is_lower(&self) -> bool {
        self.here.iter().all(|token| {
            self.piece(token)
                .is_some_and(|piece| !piece.chars().any(char::is_uppercase))
        })
    }

    fn has_gaps(&self) -> bool {
        self.here[1..].iter().any(|token| token.spaced)
    }

    /// A code in lower case, beside a figure: "5 usd", "eur 3 million".
    fn is_small_code(&self) -> bool {
        let is_beside_figure = || {
            [self.before, self.next].into_iter().flatten().any(|token| {
                token.numeral.is_some()
                    || self.lexicon.roles(token).magnitude.is_some()
                    || is_sign(self.lexicon, token)
            })
        };
        !self.form.weak && self.form.scale.is_none() && self.is_lower() && is_beside_figure()
    }

    /// Whether a letter of the sign multiplies the figure before it.
    fn is_multiplier(&self) -> bool {
        let roles = self.lexicon.roles(&self.here[0]);
        let is_after_figure = self.before.is_some_and(|token| token.numeral.is_some());
        // "5B$" is five billion, not five Brunei dollars.
        let is_glued = !self.here[0].spaced
            && self.here.len() > 1
            && (roles.magnitude.is_some() || roles.glued.is_some());
        // "1.2 bn€": the multiplier goes with the figure.
        let is_scale = self.form.scale.is_some() && roles.magnitude.is_some();
        is_after_figure && (is_glued || is_scale)
    }

    /// "US $5 million" and "$ A12 million", but not "to annex A $5 million".
    fn is_gap_allowed(&self) -> bool {
        let Some(next) = self.next.filter(|next| next.numeral.is_some()) else {
            return false;
        };
        let last = self.here[self.here.len() - 1];
        if last.is_word {
            return !next.spaced;
        }
        let letters: usize = self
            .here
            .iter()
            .filter(|token| token.is_word)
            .map(|token| token.end - token.start)
            .sum();
        letters > 1
            && self.here[..self.here.len() - 1]
                .iter()
                .skip(1)
                .all(|token| !token.spaced)
    }

    /// A sign in lower case: glued ("nz$5"), with stops ("u.s.$ 5") or in text that a machine has cut into tokens ("c $ 3.5 million").
    fn is_small_sign(&self) -> bool {
        let Some(figure) = self.next.filter(|next| next.numeral.is_some()) else {
            return false;
        };
        let is_cut = || {
            let word = self.piece(&self.here[0]);
            self.has_gaps() && figure.spaced && !matches!(word, Some("a" | "d" | "m" | "s" | "t"))
        };
        let is_glued = || {
            let word = self.here[0];
            self.here.len() > 1 && word.is_word && word.end - word.start > 1 && !self.has_gaps()
        };
        self.is_lower() && (self.is_dotted() || is_cut() || is_glued())
    }

    fn is_dotted(&self) -> bool {
        matches!(self.here, [letter, stop, next, ..] if letter.is_word && !stop.is_word && next.is_word)
    }
}

/// Whether the token is a sign such as "$" that touches what stands before it.
fn is_sign(lexicon: &Lexicon, token: &MoneyToken) -> bool {
    !token.spaced
        && !token.is_word
        && token.numeral.is_none()
        && lexicon.forms_by_first.contains_key(&token.word)
}
