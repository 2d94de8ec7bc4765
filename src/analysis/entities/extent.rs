//! How far a name reaches to the left and to the right of its head.

use super::gazetteer::SentenceHits;
use super::mention::EntityType;
use super::roles::WordRoles;
use super::token::{TokenShape, TokenizedSentence};

/// How many words a name may have on either side of its head, so that a run of capitals does not take quadratic time.
const LONGEST: usize = 30;

/// The search for the names that head words make in a sentence.
pub(super) struct NameSearch<'a> {
    pub sentence: &'a TokenizedSentence<'a>,
    pub hits: SentenceHits<'a>,
    pub roles: &'a WordRoles,
}

impl NameSearch<'_> {
    /// Whether a token can be a word of a name.
    pub fn is_part(&self, token: usize) -> bool {
        let role = self.roles.of(self.sentence.key(token));
        let is_opening = role.is_opening && self.sentence.is_first_word(token);
        let is_barred = role.is_function || role.is_calendar || is_opening;
        !is_barred
            && matches!(
                self.sentence.shape(token),
                Some(TokenShape::Capital | TokenShape::Acronym)
            )
    }

    fn is_known(&self, token: usize) -> bool {
        self.hits.at(token).is_some()
    }

    fn is_and(&self, token: usize) -> bool {
        self.sentence.key(token) == self.roles.and
    }

    /// The first token of the name that ends with the head starting at `start`.
    pub fn extend_left(&self, start: usize, entity_type: EntityType) -> usize {
        let is_place = matches!(entity_type, EntityType::Gpe | EntityType::Loc);
        let mut first = start;
        // Lies before `first` while words are passed that only join parts of a name.
        let mut at = start;
        let mut in_list = false;
        while let Some(before) = at.checked_sub(1)
            && start - first <= LONGEST
        {
            if let Some((hit, _)) = self.hits.at(before) {
                (first, at) = (hit.first, hit.first);
                continue;
            }
            match self.sentence.shape(before) {
                Some(TokenShape::Capital | TokenShape::Acronym) if self.is_part(before) => {
                    (first, at) = (before, before);
                }
                Some(TokenShape::Number) if !is_place && self.ends_compound(before) => {
                    (first, at) = (before, before);
                }
                Some(TokenShape::Number) => {
                    if at == first && self.may_begin_name(before, entity_type) {
                        first = before;
                    }
                    break;
                }
                Some(TokenShape::Mark) if !is_place => {
                    let Some(joined) = self.before_mark(before, &mut in_list) else {
                        break;
                    };
                    at = joined;
                }
                Some(TokenShape::Lower) if !is_place && self.and_ends_list(before) => {
                    in_list = true;
                    at = before;
                }
                _ => break,
            }
        }
        first
    }

    /// Whether a number is joined to the word before it: "COVID-19".
    fn ends_compound(&self, number: usize) -> bool {
        self.sentence.is_dash(number.wrapping_sub(1)) && self.sentence.is_glued(number)
    }

    /// Whether a number can be the first word of a name: "2030 Agenda".
    fn may_begin_name(&self, number: usize, entity_type: EntityType) -> bool {
        matches!(entity_type, EntityType::Event | EntityType::Instrument)
            && self.sentence.word(number).len() <= 4
            && !self.sentence.is_dash(number.wrapping_sub(1))
    }

    /// Where a name goes on to the left of a mark, if the mark may stand inside a name.
    fn before_mark(&self, mark: usize, in_list: &mut bool) -> Option<usize> {
        let previous = mark.wrapping_sub(1);
        let follows_part = self.is_part(previous);
        let joins = match self.sentence.word(mark) {
            _ if self.sentence.is_dash(mark) => {
                let is_tight = self.sentence.is_glued(mark) && self.sentence.is_glued(mark + 1);
                let is_pair = self.is_known(previous) && self.is_known(mark + 1);
                (is_tight || is_pair) && (follows_part || self.is_known(previous))
            }
            "'" | "’" => {
                follows_part
                    && self.sentence.word(previous).ends_with('s')
                    && !self.is_known(previous)
            }
            "&" => {
                *in_list |= follows_part;
                follows_part
            }
            "," => *in_list && follows_part && !self.is_known(previous),
            ")" => {
                // "International Technology Security and Innovation (ITSI) Fund"
                let open = mark.wrapping_sub(2);
                let is_short_form =
                    self.sentence.word(open) == "(" && self.is_part(open.wrapping_sub(1));
                return is_short_form.then_some(open);
            }
            // A possessive "'s".
            word => {
                word.len() > 1
                    && self.roles.of(self.sentence.key(previous)).is_possessive
                    && !self.is_known(previous)
            }
        };
        joins.then_some(mark)
    }

    /// Whether an "and" joins the last word of a list to the words before it: "Trade and Investment Agreement".
    fn and_ends_list(&self, token: usize) -> bool {
        let previous = token.wrapping_sub(1);
        self.is_and(token)
            && self.is_part(previous)
            && !self.is_known(previous)
            && self.roles.head_type(self.sentence.key(previous)).is_none()
    }

    /// The last token of the name whose head ends at `end`.
    pub fn extend_right(&self, end: usize, entity_type: EntityType) -> usize {
        if entity_type == EntityType::Instrument
            && let Some(year) = self.year_after(end)
        {
            return year;
        }
        let mut last = end;
        while last - end <= LONGEST
            && let Some(token) = self.next_part(last, last > end, entity_type)
        {
            last = self.hits.at(token).map_or(token, |(hit, _)| hit.last);
        }
        last
    }

    /// The year of an instrument: "Convention of 1951".
    fn year_after(&self, end: usize) -> Option<usize> {
        let year = end + 1 + usize::from(self.sentence.word(end + 1) == "of");
        let word = self.sentence.word(year);
        let is_year = self.sentence.shape(year) == Some(TokenShape::Number)
            && word.len() == 4
            && (word.starts_with("19") || word.starts_with("20"));
        is_year.then_some(year)
    }

    /// The next word of a name that goes on after `last`; `is_inner` where `last` is no longer the head.
    fn next_part(&self, last: usize, is_inner: bool, entity_type: EntityType) -> Option<usize> {
        let at = last + 1;
        match self.sentence.shape(at)? {
            TokenShape::Lower if self.is_and(at) => {
                (is_inner && self.goes_on_after_and(last)).then_some(at + 1)
            }
            TokenShape::Lower => self.after_preposition(at, entity_type, is_inner),
            _ if !is_inner => None,
            TokenShape::Capital | TokenShape::Acronym => {
                let is_person = self.hits.type_at(at) == Some(EntityType::Person);
                (self.is_part(at) && !is_person).then_some(at)
            }
            TokenShape::Mark
                if self.sentence.is_dash(at)
                    && self.sentence.is_glued(at)
                    && self.sentence.is_glued(at + 1) =>
            {
                let is_word = !matches!(
                    self.sentence.shape(at + 1),
                    Some(TokenShape::Number | TokenShape::Mark)
                );
                (is_word && !self.is_known(at + 1)).then_some(at + 1)
            }
            TokenShape::Mark if matches!(self.sentence.word(at), "," | "&") => {
                self.list_goes_on(at)
            }
            _ => None,
        }
    }

    /// Whether the name that has come to `last` goes on after an "and", which neither follows nor opens another name.
    fn goes_on_after_and(&self, last: usize) -> bool {
        let next = last + 2;
        let follows_name = self
            .hits
            .type_at(last)
            .is_some_and(|known| known != EntityType::Instrument);
        let opens_name = self.is_known(next)
            || self.roles.head_type(self.sentence.key(next)).is_some()
                && self.roles.inner.contains(&self.sentence.key(next + 1));
        self.is_part(next) && !follows_name && !opens_name
    }

    /// The word that "of", "on the" and the like join to a name.
    fn after_preposition(
        &self,
        at: usize,
        entity_type: EntityType,
        is_inner: bool,
    ) -> Option<usize> {
        let preposition = self.sentence.key(at);
        let joins = if is_inner {
            self.roles.inner.contains(&preposition) || preposition == self.roles.r#in
        } else {
            let after_head = self.roles.after.get(&entity_type);
            after_head.is_some_and(|words| words.contains(&preposition))
        };
        if !joins {
            return None;
        }
        let has_article = matches!(self.sentence.word(at + 1), "the" | "an" | "a");
        let next = at + 1 + usize::from(has_article);
        let known = self.hits.type_at(next);
        if preposition == self.roles.r#in {
            return (known == Some(EntityType::Loc)).then_some(next);
        }
        let is_to = self.sentence.word(at) == "to";
        if is_to && known.is_some_and(|known| known != EntityType::Instrument) {
            return None;
        }
        // A person is not part of a body's name: "Council on President Moon's proposal".
        let is_person = known == Some(EntityType::Person);
        (!is_person && (known.is_some() || self.is_part(next))).then_some(next)
    }

    /// Past a comma, when what follows is the rest of a list that ends in "and": "Industry, Science and Resources".
    fn list_goes_on(&self, comma: usize) -> Option<usize> {
        if self.is_known(comma.wrapping_sub(1)) {
            return None;
        }
        let mut at = comma + 1;
        if self.is_and(at) {
            return (self.is_part(at + 1) && !self.is_known(at + 1)).then_some(at + 1);
        }
        if self.sentence.word(at) == "the" {
            at += 1;
        }
        let next = at;
        for _ in 0..16 {
            if self.is_known(at) {
                return None;
            }
            let is_joint = matches!(self.sentence.word(at), "," | "the");
            if self.is_and(at) && at > next {
                return self.is_part(at + 1).then_some(next);
            }
            if !(self.is_part(at) || (at > next && is_joint)) {
                return None;
            }
            at += 1;
        }
        None
    }
}
