//! Quantities: "1,250.5 million", "two and a half billion", "tens of billions".

use rust_decimal::Decimal;

use super::lexer::MoneyToken;
use super::lexicon::Lexicon;
use super::words::WordId;

/// A number, in figures or words, with its multipliers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quantity {
    /// The first token.
    pub first: usize,
    /// One past the last token.
    pub end: usize,
    /// The number before the multiplier; none when it is vague or does not fit a decimal.
    pub mantissa: Option<Decimal>,
    /// The multipliers, multiplied; none when there are none.
    pub magnitude: Option<Decimal>,
    /// "tens of billions".
    pub vague: bool,
    /// Written "1,000".
    pub grouped: bool,
    /// Written in figures.
    pub figures: bool,
    /// Could be a year.
    pub year: bool,
    /// "1.500" without a multiplier: may be meant as fifteen hundred.
    pub point_group: bool,
    /// Followed by a plus sign: "7.5+ million".
    pub plus: bool,
}

impl Quantity {
    /// A quantity in words that is not vague.
    pub fn exact(
        first: usize,
        end: usize,
        mantissa: Option<Decimal>,
        magnitude: Option<Decimal>,
    ) -> Self {
        Self {
            first,
            end,
            mantissa,
            magnitude,
            vague: false,
            grouped: false,
            figures: false,
            year: false,
            point_group: false,
            plus: false,
        }
    }

    /// The number, multiplied; none when it is vague or too large for a decimal.
    pub fn value(&self) -> Option<Decimal> {
        self.mantissa?
            .checked_mul(self.magnitude.unwrap_or(Decimal::ONE))
    }

    /// Whether it is as large as sums in statements are: what a doubtful currency needs beside it.
    pub fn is_sizeable(&self) -> bool {
        self.vague || self.grouped || self.magnitude.is_some()
    }
}

/// Reads quantities out of tokens.
pub(super) struct Numbers<'a> {
    pub lexicon: &'a Lexicon,
    pub tokens: &'a [MoneyToken],
}

impl Numbers<'_> {
    /// The quantity that begins at token `at`.
    pub fn at(&self, at: usize) -> Option<Quantity> {
        self.vague(at)
            .or_else(|| self.fraction(at))
            .or_else(|| self.in_figures(at))
            .or_else(|| self.in_words(at))
    }

    fn is(&self, at: usize, word: WordId) -> bool {
        self.tokens.get(at).is_some_and(|token| token.word == word)
    }

    fn is_article(&self, at: usize) -> bool {
        self.is(at, self.lexicon.keywords.a) || self.is(at, self.lexicon.keywords.an)
    }

    /// Past a hyphen that joins two words.
    fn past_hyphen(&self, at: usize) -> usize {
        let joined = self.is(at, self.lexicon.keywords.hyphen)
            && !self.tokens[at].spaced
            && self.tokens.get(at + 1).is_some_and(|next| !next.spaced);
        if joined { at + 1 } else { at }
    }

    fn magnitude(&self, at: usize) -> Option<Decimal> {
        let token = self.tokens.get(at)?;
        let roles = self.lexicon.roles(token);
        roles
            .magnitude
            .or(if token.spaced { None } else { roles.glued })
    }

    /// The multipliers from `at` on, and one past the last.
    fn magnitudes(&self, at: usize) -> (Option<Decimal>, usize) {
        let mut product: Option<Decimal> = None;
        let mut end = at;
        loop {
            let next = self.past_hyphen(end);
            let Some(value) = self.magnitude(next) else {
                break;
            };
            let Some(times) = product.unwrap_or(Decimal::ONE).checked_mul(value) else {
                break;
            };
            product = Some(times);
            end = next + 1;
        }
        (product, end)
    }

    /// "several hundred million", "a couple of billion", "tens of billions", "multi-billion".
    fn vague(&self, at: usize) -> Option<Quantity> {
        let keywords = &self.lexicon.keywords;
        let roles = self.lexicon.roles(self.tokens.get(at)?);
        let end = if roles.multi_glued {
            at + 1
        } else if roles.multi {
            let (magnitude, end) = self.magnitudes(self.past_hyphen(at + 1));
            magnitude?;
            end
        } else if roles.plural {
            let mut end = at + 1;
            while self.is(end, keywords.of)
                && self
                    .tokens
                    .get(end + 1)
                    .is_some_and(|next| self.lexicon.roles(next).plural)
            {
                end += 2;
            }
            end
        } else {
            let word = if self.is_article(at) { at + 1 } else { at };
            if !self
                .tokens
                .get(word)
                .is_some_and(|token| self.lexicon.roles(token).indefinite)
            {
                return None;
            }
            let counted = if self.is(word + 1, keywords.of) {
                word + 2
            } else {
                word + 1
            };
            let (magnitude, end) = self.magnitudes(counted);
            magnitude?;
            end
        };
        Some(Quantity {
            vague: true,
            ..Quantity::exact(at, end, None, None)
        })
    }

    /// "half a billion", "a quarter of a million", "three quarters of a billion", "half a euro".
    fn fraction(&self, at: usize) -> Option<Quantity> {
        let keywords = &self.lexicon.keywords;
        let mut next = at;
        let mut count = Decimal::ONE;
        if self.is_article(next) {
            next += 1;
        } else if let Some(unit) = self.lexicon.roles(self.tokens.get(next)?).unit {
            count = Decimal::from(unit);
            next = self.past_hyphen(next + 1);
        }
        let part = self.lexicon.roles(self.tokens.get(next)?).fraction?;
        next = self.past_hyphen(next + 1);
        if self.is(next, keywords.of) {
            next += 1;
        }
        let article = self.is_article(next);
        if article {
            next += 1;
        }
        let (magnitude, end) = self.magnitudes(next);
        if magnitude.is_none() && !article {
            return None;
        }
        // A third has no exact decimal.
        let exact = part.scale() < Decimal::MAX_SCALE;
        let mantissa = if exact { count.checked_mul(part) } else { None };
        Some(Quantity {
            vague: !exact,
            ..Quantity::exact(at, end, mantissa, magnitude)
        })
    }

    /// "1,250.5 million", "5-million", "2 and a half billion", "7.5+ million".
    fn in_figures(&self, at: usize) -> Option<Quantity> {
        let numeral = self.tokens.get(at)?.numeral?;
        if numeral.dotted {
            return None;
        }
        let keywords = &self.lexicon.keywords;
        let mut end = at + 1;
        let mut mantissa = numeral.value;
        if let Some(decimals) = self.spoken_decimals(end) {
            (mantissa, end) = (
                decimals.0.and_then(|part| mantissa?.checked_add(part)),
                decimals.1,
            );
        }
        let (half, after) = self.and_a_half(end);
        let (magnitude, past) = self.magnitudes(after);
        if half && magnitude.is_some() {
            mantissa = mantissa.and_then(|value| value.checked_add(Decimal::new(5, 1)));
            end = after;
        }
        let plus = self.is(end, keywords.plus);
        let (magnitude, past) = match (half, plus) {
            (true, _) if magnitude.is_some() => (magnitude, past),
            (_, true) => self.magnitudes(end + 1),
            _ => self.magnitudes(end),
        };
        Some(Quantity {
            end: past,
            grouped: numeral.grouped,
            figures: true,
            year: numeral.year && magnitude.is_none(),
            point_group: numeral.point_group && magnitude.is_none(),
            plus: plus && past > end,
            ..Quantity::exact(at, past, mantissa, magnitude)
        })
    }

    /// Whether "and a half" stands at `at`, and one past it.
    fn and_a_half(&self, at: usize) -> (bool, usize) {
        let keywords = &self.lexicon.keywords;
        if self.is(at, keywords.and)
            && self.is(at + 1, keywords.a)
            && self.is(at + 2, keywords.half)
        {
            (true, at + 3)
        } else {
            (false, at)
        }
    }

    /// "point five" or "point 5": the decimals, and one past them.
    fn spoken_decimals(&self, at: usize) -> Option<(Option<Decimal>, usize)> {
        if !self.is(at, self.lexicon.keywords.point) {
            return None;
        }
        let mut end = at + 1;
        let mut place = Decimal::ONE;
        let mut sum = Some(Decimal::ZERO);
        if let Some(numeral) = self.tokens.get(end).and_then(|token| token.numeral) {
            let value = numeral
                .value
                .filter(|value| *value < Decimal::TEN && value.is_integer())?;
            return Some((value.checked_div(Decimal::TEN), end + 1));
        }
        while let Some(unit) = self
            .tokens
            .get(end)
            .and_then(|token| self.lexicon.roles(token).unit)
            .filter(|unit| *unit < 10)
        {
            place = place.checked_div(Decimal::TEN)?;
            sum = sum.and_then(|sum| sum.checked_add(place.checked_mul(Decimal::from(unit))?));
            end += 1;
            if end > at + 12 {
                break;
            }
        }
        (end > at + 1).then_some((sum, end))
    }

    /// "one hundred and fifty million", "a million and a half", "two million five hundred thousand".
    fn in_words(&self, at: usize) -> Option<Quantity> {
        let keywords = &self.lexicon.keywords;
        let mut count = WordCount::default();
        let mut next = at;
        if self.is_article(at) {
            self.magnitude(at + 1)?;
            count.current = Some(1);
            next += 1;
        }
        let mut end = at;
        while let Some(token) = self.tokens.get(next) {
            let roles = self.lexicon.roles(token);
            let taken = if let Some(unit) = roles.unit {
                count.add_unit(unit)
            } else if let Some(tens) = roles.tens {
                count.add_tens(tens)
            } else if let Some(magnitude) = roles.magnitude {
                count.multiply(magnitude)
            } else {
                false
            };
            if !taken {
                break;
            }
            end = next + 1;
            next = self.past_hyphen(end);
            if self.is(next, keywords.and) && count.goes_on_after_and() {
                next += 1;
            }
            if let Some((decimals, past)) = self.spoken_decimals(end) {
                let (magnitude, past) = self.magnitudes(past);
                let whole = count.value();
                return Some(Quantity::exact(
                    at,
                    past,
                    decimals.and_then(|part| whole?.checked_add(part)),
                    magnitude,
                ));
            }
        }
        if end == at {
            return None;
        }
        let (half, past) = self.and_a_half(end);
        if half {
            // "two and a half million" or "a million and a half".
            let (magnitude, end) = match count.magnitude {
                None => self.magnitudes(past),
                Some(magnitude) => (Some(magnitude), past),
            };
            let whole = count.mantissa.or(count.current.map(Decimal::from));
            return Some(Quantity::exact(
                at,
                end,
                whole.and_then(|value| value.checked_add(Decimal::new(5, 1))),
                magnitude,
            ));
        }
        Some(match (count.current, count.mantissa, count.magnitude) {
            (None, Some(mantissa), Some(magnitude)) if count.is_simple => {
                Quantity::exact(at, end, Some(mantissa), Some(magnitude))
            }
            (_, _, Some(_)) => Quantity::exact(at, end, count.value(), Some(Decimal::ONE)),
            _ => Quantity::exact(at, end, count.value(), None),
        })
    }
}

/// A number in words, so far.
#[derive(Default)]
struct WordCount {
    /// Below the next multiplier: the "two hundred" of "one million two hundred".
    current: Option<u64>,
    /// Above it, already multiplied.
    total: Option<Decimal>,
    /// The count before the last multiplier and the multiplier, for numbers with one multiplier.
    mantissa: Option<Decimal>,
    magnitude: Option<Decimal>,
    is_simple: bool,
}

impl WordCount {
    fn add_unit(&mut self, unit: u32) -> bool {
        match self.current {
            None => self.current = Some(unit.into()),
            Some(current)
                if current > 0
                    && (current % 100 == 0
                        || (current % 100 >= 20
                            && current % 10 == 0
                            && (1..10).contains(&unit))) =>
            {
                self.current = Some(current + u64::from(unit));
            }
            _ => return false,
        }
        true
    }

    fn add_tens(&mut self, tens: u32) -> bool {
        match self.current {
            None => self.current = Some(tens.into()),
            Some(current) if current > 0 && current % 100 == 0 => {
                self.current = Some(current + u64::from(tens))
            }
            _ => return false,
        }
        true
    }

    fn multiply(&mut self, magnitude: Decimal) -> bool {
        if magnitude == Decimal::ONE_HUNDRED {
            return match self.current {
                Some(current @ 1..100) => {
                    self.current = Some(current * 100);
                    true
                }
                _ => false,
            };
        }
        let (mantissa, magnitude, before) = match (self.current.take(), self.magnitude) {
            (Some(current), last) if last.is_none_or(|last| magnitude < last) => {
                (Decimal::from(current), magnitude, self.total)
            }
            // "one lakh crore", "five thousand million"
            (None, Some(last)) if self.is_simple => {
                match (self.mantissa, last.checked_mul(magnitude)) {
                    (Some(mantissa), Some(product)) => (mantissa, product, None),
                    _ => return false,
                }
            }
            (current, _) => {
                self.current = current;
                return false;
            }
        };
        self.is_simple = before.is_none();
        self.total = mantissa
            .checked_mul(magnitude)
            .and_then(|value| value.checked_add(before.unwrap_or_default()));
        self.mantissa = Some(mantissa);
        self.magnitude = Some(magnitude);
        true
    }

    /// "one hundred and five", "one million and five thousand", but not "two and five".
    fn goes_on_after_and(&self) -> bool {
        self.current.map_or(self.magnitude.is_some(), |current| {
            current > 0 && current % 100 == 0
        })
    }

    fn value(&self) -> Option<Decimal> {
        let current = self.current.map(Decimal::from);
        match (self.total, current) {
            (Some(total), Some(current)) => total.checked_add(current),
            (total, current) => total.or(current),
        }
    }
}
