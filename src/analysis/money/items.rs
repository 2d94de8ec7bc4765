//! Quantities with the currency beside each: "$5", "7 million euros", "4 dollars 20 cents".

use rust_decimal::Decimal;

use super::forms::{CurrencyReading, FormKind};
use super::mentions::CurrencyMention;
use super::numbers::{Numbers, Quantity};
use super::sentence::LexedSentence;

/// A quantity and the currency beside it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub first: usize,
    pub end: usize,
    pub quantity: Quantity,
    pub reading: Option<CurrencyReading>,
    /// Whether the currency stands before the figure.
    pub leads: bool,
    /// Whether it stands after the figure.
    pub trails: bool,
    pub per_unit: u32,
    /// Coins that follow: "and 50 cents".
    pub coins: Option<Decimal>,
    pub negative: bool,
}

impl Item {
    pub fn value(&self) -> Option<Decimal> {
        let units = self.quantity.value()?;
        let amount = if self.per_unit > 1 {
            units.checked_div(Decimal::from(self.per_unit))?
        } else {
            units
        };
        let amount = amount.checked_add(self.coins.unwrap_or_default())?;
        Some(if self.negative { -amount } else { amount })
    }

    /// Whether the multiplier of a later figure may be meant here too: the "10" of "$10 to $15 billion".
    pub fn may_share_magnitude(&self) -> bool {
        let small = self
            .quantity
            .mantissa
            .is_some_and(|value| value < Decimal::ONE_THOUSAND);
        small && !self.quantity.is_sizeable() && self.per_unit == 1 && self.coins.is_none()
    }
}

impl LexedSentence<'_> {
    pub fn items(&self) -> Vec<Item> {
        let numbers = Numbers {
            lexicon: self.lexicon,
            tokens: self.tokens,
        };
        let mut quantities = Vec::new();
        let mut at = 0;
        let mut next_mention = 0;
        while at < self.tokens.len() {
            next_mention = self.mention_past(next_mention, |mention| mention.end <= at);
            // A figure never begins inside a mention.
            if self
                .mentions
                .get(next_mention)
                .is_some_and(|mention| mention.first <= at)
            {
                at = self.mentions[next_mention].end;
                continue;
            }
            match numbers
                .at(at)
                .or_else(|| self.single(at, next_mention))
                .filter(|quantity| self.stands_alone(quantity, next_mention))
            {
                Some(quantity) => {
                    at = quantity.end;
                    quantities.push(quantity);
                }
                None => at += 1,
            }
        }
        self.attach(&quantities)
    }

    /// The position, from `at` on, of the first mention that is not past.
    fn mention_past(&self, at: usize, is_past: impl Fn(&CurrencyMention) -> bool) -> usize {
        let mentions = self.mentions[at..].iter();
        at + mentions.take_while(|mention| is_past(mention)).count()
    }

    /// "a dollar": the article, when what follows cannot be "a dollar peg".
    fn single(&self, at: usize, next_mention: usize) -> Option<Quantity> {
        let keywords = &self.lexicon.keywords;
        if !self.is(at, keywords.a) && !self.is(at, keywords.an) {
            return None;
        }
        let mention = self.mentions.get(next_mention).filter(|mention| {
            mention.first == at + 1 && mention.kind == FormKind::Name && !mention.weak
        })?;
        let weighs = self.lexicon.roles(&self.tokens[mention.end - 1]).weight;
        (self.is_closed_loosely(mention.end) && !(weighs && self.is(mention.end, keywords.of)))
            .then(|| Quantity::exact(at, at + 1, Some(Decimal::ONE), None))
    }

    /// Whether the figure is not part of a name or a reference: "G20", "A350", "F-16".
    fn stands_alone(&self, quantity: &Quantity, next_mention: usize) -> bool {
        let token = &self.tokens[quantity.first];
        if token.spaced || token.numeral.is_none() || quantity.first == 0 {
            return true;
        }
        let before = &self.tokens[quantity.first - 1];
        let after_mention =
            next_mention > 0 && self.mentions[next_mention - 1].end == quantity.first;
        let joined =
            before.word == self.lexicon.keywords.hyphen && !before.spaced && quantity.first > 1;
        let named = joined && {
            let word = &self.tokens[quantity.first - 2];
            let roles = self.lexicon.roles(word);
            word.is_word
                && roles.unit.or(roles.tens).is_none()
                && roles.magnitude.is_none()
                && !self.ends_mention(quantity.first - 1, next_mention)
        };
        after_mention || !(before.is_word || named)
    }

    /// Whether the mention before the one at `next_mention` ends at token `end`.
    fn ends_mention(&self, end: usize, next_mention: usize) -> bool {
        self.mentions[..next_mention]
            .last()
            .is_some_and(|mention| mention.end == end)
    }

    /// Gives each mention to the quantity before or after it.
    fn attach(&self, quantities: &[Quantity]) -> Vec<Item> {
        let mut items: Vec<Item> = Vec::with_capacity(quantities.len());
        let mut mention = 0;
        for (at, quantity) in quantities.iter().enumerate() {
            let mut item = Item {
                first: quantity.first,
                end: quantity.end,
                quantity: *quantity,
                reading: None,
                leads: false,
                trails: false,
                per_unit: 1,
                coins: None,
                negative: false,
            };
            let taken_to = items.last().map_or(0, |last| last.end);
            mention = self.mention_past(mention, |m| m.end <= taken_to);
            // Mentions that this figure cannot reach.
            mention = self.mention_past(mention, |m| {
                m.end < quantity.first && !self.reaches(m, quantity)
            });
            if let Some(lead) = self
                .mentions
                .get(mention)
                .filter(|m| m.first >= taken_to && m.end <= quantity.first)
            {
                if self.leads(lead, quantity, quantities.get(at + 1)) {
                    item.first = lead.first;
                    self.take(&mut item, lead);
                    item.leads = true;
                }
                mention += 1;
                // "USD $250 million", "AUD$500,000": a code before its own sign.
                if item.leads
                    && let Some(code) = self.mentions[..mention - 1].last().filter(|m| {
                        m.end == lead.first && m.first >= taken_to && m.kind != FormKind::Subunit
                    })
                    && let Some(reading) = self.merged(code.reading, lead.reading)
                {
                    item.first = code.first;
                    item.reading = Some(reading);
                }
            }
            self.trail(&mut item, quantities.get(at + 1));
            self.sign(&mut item);
            if let Some(main) = items.last_mut()
                && self.adds_coins(main, &item)
            {
                continue;
            }
            items.push(item);
        }
        items
    }

    /// "USD million 35": a multiplier may stand between the currency and the figure.
    fn reaches(&self, mention: &CurrencyMention, quantity: &Quantity) -> bool {
        self.minus_inside(mention, quantity)
            || mention.end + 1 == quantity.first
                && quantity.magnitude.is_none()
                && matches!(mention.kind, FormKind::Sign | FormKind::Code)
                && self
                    .lexicon
                    .roles(&self.tokens[mention.end])
                    .magnitude
                    .is_some_and(|value| value > Decimal::ONE_HUNDRED)
    }

    /// "€-3 billion": the minus may stand between the currency and the figure.
    fn minus_inside(&self, mention: &CurrencyMention, quantity: &Quantity) -> bool {
        let Some(minus) = self
            .tokens
            .get(mention.end)
            .filter(|_| mention.end + 1 == quantity.first)
        else {
            return false;
        };
        let apart = match mention.kind {
            FormKind::Sign => true,
            FormKind::Code => minus.spaced,
            FormKind::Name | FormKind::Subunit => false,
        };
        apart && self.is_minus(mention.end) && !self.tokens[quantity.first].spaced && !mention.weak
    }

    fn is_minus(&self, at: usize) -> bool {
        let keywords = &self.lexicon.keywords;
        [keywords.hyphen, keywords.minus_sign, keywords.en_dash]
            .iter()
            .any(|dash| self.is(at, *dash))
    }

    /// Whether a mention before a figure belongs to it.
    fn leads(
        &self,
        mention: &CurrencyMention,
        quantity: &Quantity,
        next: Option<&Quantity>,
    ) -> bool {
        if mention.end != quantity.first {
            return self.reaches(mention, quantity);
        }
        let glued = !self.tokens[quantity.first].spaced;
        let letters = self.tokens[mention.first].end - self.tokens[mention.first].start;
        if mention.weak && !(quantity.is_sizeable() && (glued || letters > 1)) {
            return false;
        }
        match mention.kind {
            FormKind::Sign => !quantity.vague,
            FormKind::Code => {
                !quantity.vague && (glued || quantity.figures || quantity.is_sizeable())
            }
            // "dollar 3.5 million", "ringgit 12", but not "in euros 5 years ago".
            FormKind::Name => {
                let own = self.trailing(quantity).is_some()
                    && next.is_none_or(|next| {
                        self.trailing(quantity).is_some_and(|m| m.end != next.first)
                    });
                quantity.figures
                    && !quantity.year
                    && !mention.weak
                    && !own
                    && (quantity.is_sizeable() || self.is_closed(quantity.end))
            }
            FormKind::Subunit => false,
        }
    }

    fn take(&self, item: &mut Item, mention: &CurrencyMention) {
        item.reading = Some(mention.reading);
        item.per_unit = mention.per_unit;
        let between = self
            .tokens
            .get(mention.end)
            .filter(|_| mention.end < item.quantity.first);
        let scale = mention
            .scale
            .or_else(|| self.lexicon.roles(between?).magnitude);
        if item.quantity.magnitude.is_none() {
            item.quantity.magnitude = scale;
        }
    }

    /// "1 million in US dollars", "200 million (EUR)", "2 million of US dollars": the currency, and where the sum ends.
    fn set_apart(&self, quantity: &Quantity) -> Option<(CurrencyMention, usize)> {
        let keywords = &self.lexicon.keywords;
        let open = usize::from(self.is(quantity.end, keywords.open));
        let joint = usize::from(
            self.is(quantity.end + open, keywords.in_)
                || (open == 0 && self.is(quantity.end, keywords.of)),
        );
        let first = quantity.end + open + joint;
        let mention = self.mention_at(first).filter(|mention| {
            quantity.is_sizeable()
                && !quantity.vague
                && open + joint > 0
                && !mention.weak
                && mention.scale.is_none()
                && matches!(mention.kind, FormKind::Name | FormKind::Code)
        })?;
        let closed = match open {
            0 => self.is_closed_loosely(mention.end),
            _ => self.is(mention.end, keywords.close),
        };
        closed.then_some((*mention, mention.end + open))
    }

    /// Where a currency that follows the quantity would begin.
    fn after(&self, quantity: &Quantity) -> usize {
        let keywords = &self.lexicon.keywords;
        let end = quantity.end;
        let joined = self.is(end, keywords.hyphen)
            && !self.tokens[end].spaced
            && self
                .tokens
                .get(end + 1)
                .is_some_and(|next| !next.spaced && next.is_word);
        // "300 mio. francs"
        let abbreviated = quantity.magnitude.is_some()
            && self.is(end, keywords.stop)
            && !self.tokens[end].spaced
            && self.tokens[end - 1].is_word
            && self.tokens[end - 1].end - self.tokens[end - 1].start <= 4;
        if joined || abbreviated || (quantity.vague && self.is(end, keywords.of)) {
            end + 1
        } else {
            end
        }
    }

    /// The mention right after the quantity.
    fn trailing(&self, quantity: &Quantity) -> Option<&CurrencyMention> {
        self.mention_at(self.after(quantity))
    }

    /// Takes the mention that follows the quantity, when it is its own.
    fn trail(&self, item: &mut Item, next: Option<&Quantity>) {
        let Some(mention) = self.trailing(&item.quantity).copied() else {
            if let Some((mention, end)) = self
                .set_apart(&item.quantity)
                .filter(|_| item.reading.is_none())
            {
                self.take(item, &mention);
                (item.trails, item.end) = (true, end);
            }
            return;
        };
        let before_next = next.filter(|next| next.first == mention.end);
        if let Some(reading) = item.reading {
            let own = before_next.is_none() || mention.kind == FormKind::Name;
            if own
                && mention.kind != FormKind::Subunit
                && mention.scale.is_none()
                && (mention.kind != FormKind::Sign || before_next.is_none())
                && let Some(merged) = self.merged(reading, mention.reading)
            {
                item.reading = Some(merged);
                item.end = mention.end;
            }
            return;
        }
        if before_next.is_some_and(|next| self.belongs_to_next(&item.quantity, &mention, next))
            || !self.may_trail(&item.quantity, &mention)
        {
            return;
        }
        self.take(item, &mention);
        item.trails = true;
        item.end = mention.end;
        // "35 USD million"
        if item.quantity.magnitude.is_none()
            && before_next.is_none()
            && mention.kind != FormKind::Subunit
            && let Some(token) = self.tokens.get(mention.end)
            && let Some(magnitude) = self
                .lexicon
                .roles(token)
                .magnitude
                .filter(|value| *value > Decimal::ONE_HUNDRED)
            && matches!(mention.kind, FormKind::Code | FormKind::Sign)
        {
            item.quantity.magnitude = Some(magnitude);
            item.end = mention.end + 1;
        }
        // "50 million dollars US", "20 pounds sterling": the code after the name.
        let past = self
            .mentions
            .partition_point(|other| other.first < item.end);
        if let Some(second) = self
            .mentions
            .get(past)
            .filter(|second| second.first == item.end && second.kind == FormKind::Code)
            && next.is_none_or(|next| next.first != second.end)
            && let Some(merged) = self.merged(mention.reading, second.reading)
        {
            item.reading = Some(merged);
            item.end = second.end;
        }
    }

    /// Whether a currency between two figures goes with the second.
    fn belongs_to_next(
        &self,
        quantity: &Quantity,
        mention: &CurrencyMention,
        next: &Quantity,
    ) -> bool {
        let first_glued = !self.tokens[mention.first].spaced;
        let second_glued = !self.tokens[next.first].spaced;
        if first_glued != second_glued {
            return second_glued;
        }
        match mention.kind {
            FormKind::Name | FormKind::Subunit => false,
            FormKind::Sign | FormKind::Code => {
                let followed = self.trailing(next).is_some_and(|other| {
                    other.kind == FormKind::Name
                        && self.merged(mention.reading, other.reading).is_some()
                });
                quantity.year
                    || (!quantity.is_sizeable() && next.is_sizeable())
                    || (followed && mention.kind == FormKind::Sign)
            }
        }
    }

    /// Whether a currency after a figure makes it a sum.
    fn may_trail(&self, quantity: &Quantity, mention: &CurrencyMention) -> bool {
        let keywords = &self.lexicon.keywords;
        let clear = mention.kind == FormKind::Code
            && quantity.figures
            && !quantity.year
            && self.is_closed(mention.end);
        let unit = mention.kind == FormKind::Sign && self.tokens[mention.first].is_word;
        if mention.weak && (unit || (!quantity.is_sizeable() && !clear)) {
            return false;
        }
        if quantity.vague
            && matches!(mention.kind, FormKind::Sign | FormKind::Code)
            && self.tokens[mention.first].is_word
        {
            return !self.is(mention.end, keywords.of);
        }
        // "in constant 2015 US dollars"
        let before = self.word_before(quantity.first);
        if quantity.year
            && before.is_some_and(|word| {
                word == keywords.in_ || word == keywords.constant || word == keywords.of
            })
        {
            return false;
        }
        self.is_money_not_weight(quantity, mention)
    }

    /// "15,000 pounds of fentanyl" and "a 500-pound bomb" are weights.
    fn is_money_not_weight(&self, quantity: &Quantity, mention: &CurrencyMention) -> bool {
        let keywords = &self.lexicon.keywords;
        let bare = mention.end == mention.first + 1
            && self.lexicon.roles(&self.tokens[mention.first]).weight;
        if !bare || mention.kind != FormKind::Name {
            return true;
        }
        let roles = |at: usize| self.tokens.get(at).map(|token| self.lexicon.roles(token));
        if roles(mention.end).is_some_and(|roles| roles.weight_head) {
            return false;
        }
        let hyphened = mention.first > quantity.end && !quantity.is_sizeable();
        let of_goods = self.is(mention.end, keywords.of)
            && !roles(mention.end + 1).is_some_and(|roles| roles.money_noun);
        !hyphened && !of_goods
    }

    /// "-$5 million" and "minus 5 million euros", where the dash is neither a bullet nor a range.
    fn sign(&self, item: &mut Item) {
        let keywords = &self.lexicon.keywords;
        if item.leads && item.quantity.first > item.first {
            item.negative = self.is_minus(item.quantity.first - 1);
        }
        let Some(before) = item.first.checked_sub(1) else {
            return;
        };
        let token = &self.tokens[before];
        let dash = self.is_minus(before)
            && !self.tokens[item.first].spaced
            && before > 0
            && (token.spaced || self.is(before - 1, keywords.open))
            && self.tokens[before - 1].numeral.is_none();
        // "a package –€3 billion– was agreed"
        let paired = self.is(before, keywords.en_dash) && self.is(item.end, keywords.en_dash);
        let dash = dash && !paired;
        if item.reading.is_some() && !item.quantity.vague && (dash || token.word == keywords.minus)
        {
            item.negative = true;
            item.first = before;
        }
    }

    /// Whether `coins` only continues the sum before it, as in "4 dollars and 20 cents"; if so, adds it.
    fn adds_coins(&self, main: &mut Item, coins: &Item) -> bool {
        let keywords = &self.lexicon.keywords;
        let (Some(reading), Some(value)) = (main.reading, coins.quantity.mantissa) else {
            return false;
        };
        let bare = main.quantity.magnitude.is_none()
            && main.per_unit == 1
            && main.coins.is_none()
            && !main.quantity.vague;
        if !bare
            || !main
                .quantity
                .mantissa
                .is_some_and(|value| value.is_integer())
            || coins.quantity.magnitude.is_some()
            || coins.leads
        {
            return false;
        }
        let joined = self.is(main.end, keywords.and);
        if coins.first != main.end + usize::from(joined) {
            return false;
        }
        let after = coins.quantity.end;
        let (per_unit, end) = match coins.reading {
            Some(small)
                if coins.per_unit > 1
                    && (self.merged(reading, small).is_some() || coins.per_unit == 100) =>
            {
                (coins.per_unit, coins.end)
            }
            Some(_) => return false,
            None if self.is(after, keywords.c) && self.is_closed(after + 1) => (100, after + 1),
            None => {
                let before = self.word_before(main.first);
                let range = before.is_some_and(|word| {
                    word == keywords.between || word == keywords.from || word == keywords.comma
                });
                let follows =
                    self.is(after, keywords.respectively) || self.is(after, keywords.close);
                if !self.is_closed(after) || follows || range || coins.quantity.vague {
                    return false;
                }
                (100, after)
            }
        };
        if !value.is_integer() || value.is_zero() || value >= Decimal::from(per_unit) {
            return false;
        }
        main.coins = value.checked_div(Decimal::from(per_unit));
        main.end = end;
        main.quantity.end = end;
        true
    }
}
