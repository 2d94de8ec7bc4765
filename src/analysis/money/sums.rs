//! Items into sums: ranges and lists share currency and multiplier: "$10-15 billion", "5, 6 and 7 million euros".

use rust_decimal::Decimal;

use super::forms::CurrencyReading;
use super::items::Item;
use super::sentence::LexedSentence;
use super::words::WordId;

/// A sum, in tokens.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sum {
    /// The first token.
    pub first: usize,
    /// One past the last token.
    pub end: usize,
    pub value: Value,
    pub reading: CurrencyReading,
    /// Whether it is written with a plus sign: "$5+ million".
    pub plus: bool,
    /// Whether it is in one list with the sum before it.
    pub listed: bool,
}

/// What a sum is worth, in major units; none when no decimal holds it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value {
    Amount(Option<Decimal>),
    Range(Option<Decimal>, Option<Decimal>),
    Vague,
}

/// What stands between two quantities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joint {
    Dash { spaced: bool, em: bool },
    To,
    And,
    Or,
    Comma,
}

impl LexedSentence<'_> {
    /// All sums, in order, not overlapping.
    pub fn sums(&self) -> Vec<Sum> {
        let mut items = self.items();
        let mut joints: Vec<Option<Joint>> = items
            .windows(2)
            .map(|pair| self.joint(&pair[0], &pair[1]))
            .collect();
        joints.push(None);
        let ranges = self.ranges(&mut items, &joints);
        self.share_in_lists(&mut items, &joints, &ranges);
        items
            .iter_mut()
            .for_each(|item| self.read_point_group(item));
        let mut sums: Vec<Sum> = Vec::new();
        let mut at = 0;
        while at < items.len() {
            let item = items[at];
            let listed = at > 0
                && joints[at - 1].is_some()
                && sums
                    .last()
                    .is_some_and(|last| last.end == items[at - 1].end);
            let (end, value, step) = match items.get(at + 1).filter(|_| ranges[at]) {
                Some(upper) => (upper.end, Value::Range(item.value(), upper.value()), 2),
                None if item.quantity.vague => (item.end, Value::Vague, 1),
                None => (item.end, Value::Amount(item.value()), 1),
            };
            if let Some(reading) = item.reading {
                sums.push(Sum {
                    first: item.first,
                    end,
                    value,
                    reading,
                    plus: item.quantity.plus,
                    listed,
                });
            }
            at += step;
        }
        sums
    }

    /// "3.000 euros" is three thousand, "€1.125 per litre" a price.
    fn read_point_group(&self, item: &mut Item) {
        let groups_by_points = matches!(
            item.reading, Some(CurrencyReading::Of(code)) if self.lexicon.point_groups.contains(&code)
        );
        let is_price = self.is(item.end, self.lexicon.keywords.per)
            && (self.tokens.get(item.end + 1))
                .is_some_and(|token| self.lexicon.roles(token).measure);
        let quantity = &mut item.quantity;
        if quantity.point_group && groups_by_points && quantity.magnitude.is_none() && !is_price {
            quantity.magnitude = Some(Decimal::ONE_THOUSAND);
        }
    }

    /// What joins two items, if nothing else stands between them.
    fn joint(&self, one: &Item, other: &Item) -> Option<Joint> {
        let keywords = &self.lexicon.keywords;
        let between = self.tokens.get(one.end..other.first)?;
        let simple = |word: WordId| match word {
            _ if word == keywords.to => Some(Joint::To),
            _ if word == keywords.and || word == keywords.ampersand => Some(Joint::And),
            _ if word == keywords.or => Some(Joint::Or),
            _ if word == keywords.comma => Some(Joint::Comma),
            _ => None,
        };
        match between {
            [token]
                if [
                    keywords.hyphen,
                    keywords.en_dash,
                    keywords.em_dash,
                    keywords.minus_sign,
                ]
                .contains(&token.word) =>
            {
                let spaced = token.spaced || self.tokens[other.first].spaced;
                Some(Joint::Dash {
                    spaced,
                    em: token.word == keywords.em_dash,
                })
            }
            [token] => simple(token.word),
            [comma, token] if comma.word == keywords.comma => {
                simple(token.word).filter(|joint| matches!(joint, Joint::And | Joint::Or))
            }
            _ => None,
        }
    }

    /// Finds the ranges; the answer says for each item whether it is the lower bound of a range with the next.
    fn ranges(&self, items: &mut [Item], joints: &[Option<Joint>]) -> Vec<bool> {
        let mut ranges = vec![false; items.len()];
        let mut at = 0;
        while at + 1 < items.len() {
            if let Some(joint) = joints[at]
                && let Some((lower, upper)) = self.range(&items[at], &items[at + 1], joint)
            {
                // "from $5 million to $8 million" after "rose" is two sums, which share what a range would.
                let change = matches!(joint, Joint::To) && self.is_change(items[at].first);
                items[at] = lower;
                items[at + 1] = upper;
                ranges[at] = !change;
                at += 1;
            }
            at += 1;
        }
        ranges
    }

    /// The two bounds, each with the currency and the multiplier that it shares with the other.
    fn range(&self, one: &Item, other: &Item, joint: Joint) -> Option<(Item, Item)> {
        let keywords = &self.lexicon.keywords;
        let (mut lower, mut upper) = (*one, *other);
        if lower.quantity.vague
            || upper.quantity.vague
            || lower.negative
            || upper.negative
            || lower.per_unit != upper.per_unit
                && lower.reading.is_some()
                && upper.reading.is_some()
        {
            return None;
        }
        let reading = match (lower.reading, upper.reading) {
            (Some(one), Some(other)) => self.merged(one, other)?,
            (Some(one), None) => one,
            (None, Some(other)) if upper.trails => other,
            _ => return None,
        };
        let before = self.word_before(lower.first);
        match joint {
            Joint::And if before != Some(keywords.between) => return None,
            Joint::Comma => return None,
            Joint::Or if lower.reading.is_some() || upper.leads => return None,
            Joint::Dash {
                spaced: true,
                em: true,
            } => return None,
            _ => {}
        }
        if upper.reading.is_none() && !self.may_close_range(&lower, &upper, joint) {
            return None;
        }
        if lower.reading.is_none() {
            lower.per_unit = upper.per_unit;
            let referred = joint != Joint::And
                && before.is_some_and(|word| self.lexicon.vocabulary.roles(word).reference);
            if lower.quantity.year
                || referred
                || lower.quantity.first > 0 && self.is_reference(lower.first)
            {
                return None;
            }
        } else if upper.reading.is_none() {
            upper.per_unit = lower.per_unit;
        }
        let change = matches!(joint, Joint::To) && self.is_change(lower.first);
        if lower.quantity.magnitude.is_none()
            && upper.quantity.magnitude.is_some()
            && lower.may_share_magnitude()
            && (change || lower.quantity.mantissa <= upper.quantity.mantissa)
        {
            lower.quantity.magnitude = upper.quantity.magnitude;
        }
        if matches!(joint, Joint::Dash { spaced: false, .. })
            && !upper.leads
            && let Some(scale) = shared_groups(&lower, &upper)
        {
            lower.quantity.magnitude = Some(scale);
        }
        (lower.reading, upper.reading) = (Some(reading), Some(reading));
        match (lower.value(), upper.value()) {
            (Some(low), Some(high)) if low >= high && !change => None,
            (Some(_), Some(_)) => Some((lower, upper)),
            _ => None,
        }
    }

    /// Whether an item without a currency closes a range: "$10-15", "$5 million to 7 million in grants", but not "$5
    /// million to 7 million people".
    fn may_close_range(&self, lower: &Item, upper: &Item, joint: Joint) -> bool {
        if matches!(joint, Joint::Dash { .. }) {
            return upper.quantity.magnitude.is_some() || lower.quantity.magnitude.is_none();
        }
        if lower.quantity.magnitude.is_none() && upper.quantity.magnitude.is_some() {
            return true;
        }
        (upper.quantity.magnitude.is_some() || lower.quantity.magnitude.is_none())
            && self.is_closed_loosely(upper.quantity.end)
    }

    /// Whether the item at `first` is the number of a reference: "Article 5 to 7 million" is not a range.
    fn is_reference(&self, first: usize) -> bool {
        self.word_before(first)
            .is_some_and(|word| self.lexicon.vocabulary.roles(word).reference)
    }

    /// Whether "X to Y" describes a change from one sum to the other.
    fn is_change(&self, first: usize) -> bool {
        let keywords = &self.lexicon.keywords;
        let before = &self.tokens[first.saturating_sub(14)..first];
        let stop = before
            .iter()
            .rposition(|token| token.word == keywords.semicolon || token.word == keywords.stop)
            .map_or(0, |at| at + 1);
        let by = before.last().is_some_and(|token| token.word == keywords.by);
        by || before[stop..]
            .iter()
            .any(|token| self.lexicon.roles(token).change)
            && before
                .last()
                .is_some_and(|token| token.word == keywords.from)
    }

    /// "5, 6 and 7 million euros" and "€5, €6 and €7 million": the items of a list share currency and multiplier.
    fn share_in_lists(&self, items: &mut [Item], joints: &[Option<Joint>], ranges: &[bool]) {
        for last in 1..items.len() {
            let joined = matches!(joints[last - 1], Some(Joint::And | Joint::Or));
            if !joined || ranges[last] || ranges[last - 1] || (last > 1 && ranges[last - 2]) {
                continue;
            }
            let mut first = last - 1;
            while first > 0
                && joints[first - 1] == Some(Joint::Comma)
                && !ranges[first - 1]
                && (first < 2 || !ranges[first - 2])
            {
                first -= 1;
            }
            let end = items[last];
            if end.trails {
                self.share_backwards(items, first, last);
            } else if end.reading.is_none() {
                self.share_forwards(items, first, last);
            } else {
                Self::share_magnitude(&mut items[first..=last]);
            }
        }
    }

    fn is_dash_or_slash(&self, word: WordId) -> bool {
        let keywords = &self.lexicon.keywords;
        [
            keywords.hyphen,
            keywords.en_dash,
            keywords.em_dash,
            keywords.slash,
        ]
        .contains(&word)
    }

    fn share_backwards(&self, items: &mut [Item], first: usize, last: usize) {
        let end = items[last];
        for at in (first..last).rev() {
            let before = self.word_before(items[at].first);
            let touches_another = (at > 0 && items[at - 1].end == items[at].first)
                || before.is_some_and(|word| self.is_dash_or_slash(word));
            let item = &mut items[at];
            let countable = item.reading.is_none()
                && !touches_another
                && !item.quantity.vague
                && !item.quantity.year
                && !self.is_reference(item.first)
                && before != Some(self.lexicon.keywords.the);
            let shares = end.quantity.magnitude.is_some() && item.may_share_magnitude();
            if !countable
                || end.quantity.vague
                || (item.quantity.magnitude.is_none()
                    && end.quantity.magnitude.is_some()
                    && !shares
                    && !item.quantity.grouped)
            {
                return;
            }
            if item.quantity.magnitude.is_none() && shares {
                item.quantity.magnitude = end.quantity.magnitude;
            }
            item.reading = end.reading;
            item.per_unit = end.per_unit;
        }
    }

    /// "$5, 6 and 7 million" before a mark; "$5 million and 7 million doses" is one sum.
    fn share_forwards(&self, items: &mut [Item], first: usize, last: usize) {
        let bare_end = items[last].quantity.magnitude.is_some() && self.is_closed(items[last].end);
        let Some(lead) = (first..last)
            .rev()
            .find(|&at| items[at].reading.is_some())
            .filter(|&at| items[at].leads)
        else {
            return;
        };
        if !bare_end || items[last].quantity.vague || items[lead].per_unit != 1 {
            return;
        }
        for at in lead + 1..=last {
            items[at].reading = items[lead].reading;
        }
        Self::share_magnitude(&mut items[first..=last]);
    }

    fn share_magnitude(list: &mut [Item]) {
        let Some((end, rest)) = list.split_last_mut() else {
            return;
        };
        let Some(magnitude) = end
            .quantity
            .magnitude
            .filter(|value| *value >= Decimal::ONE_THOUSAND)
        else {
            return;
        };
        if rest
            .iter()
            .all(|item| item.reading == end.reading && !item.trails && item.may_share_magnitude())
        {
            for item in rest {
                item.quantity.magnitude = Some(magnitude);
            }
        }
    }
}

/// What the lower bound of "$3-4,500" is multiplied by: the groups of the upper bound, where it counts as many of them.
fn shared_groups(lower: &Item, upper: &Item) -> Option<Decimal> {
    let (low, high) = (lower.quantity.mantissa?, upper.quantity.mantissa?);
    if !upper.quantity.grouped || upper.quantity.magnitude.is_some() || !lower.may_share_magnitude()
    {
        return None;
    }
    let mut scale = Decimal::ONE_THOUSAND;
    while high >= scale.checked_mul(Decimal::ONE_THOUSAND)? {
        scale = scale.checked_mul(Decimal::ONE_THOUSAND)?;
    }
    let fits = low.is_integer() && low <= high.checked_div(scale)?;
    fits.then_some(scale)
}
