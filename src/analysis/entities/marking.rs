//! What the annotation guide marks of a name, and which names the rules are surer of than a network.

use super::grammar::EntityGrammar;
use super::mention::{Entity, EntityType, MentionSource};
use super::token::{TokenShape, TokenizedSentence, key};
use crate::document::Span;

impl EntityGrammar {
    /// What is marked of a name that covers `span`: a person without the title, a date without the article, each of two
    /// dates by itself. Empty where the words name nothing: "the Charter".
    pub fn marked(&self, text: &str, span: Span, entity_type: EntityType) -> Vec<Span> {
        let words = span.of(text);
        let marked = match entity_type {
            EntityType::Date => self.dates.marked(words),
            EntityType::Person if !self.people.follows_civil(text, span) => {
                vec![self.people.without_titles(words)]
            }
            EntityType::Person => vec![Span::new(0, words.len())],
            _ if self.points_back(words) => Vec::new(),
            _ => vec![Span::new(0, words.len())],
        };
        let marked = marked.into_iter();
        marked.map(|part| part.shifted(span.start)).collect()
    }

    /// Whether a single word says what a thing is, not which: "Charter", "Ministry", "Commissions". "Council" and its like
    /// may stand for one named body.
    fn points_back(&self, words: &str) -> bool {
        let sentence = TokenizedSentence::new(words);
        let [token] = sentence.tokens.as_slice() else {
            return false;
        };
        let role = self.roles.of(token.key);
        let is_plural_head = words
            .strip_suffix('s')
            .is_some_and(|one| self.roles.of(key(one)).head.is_some());
        token.shape == TokenShape::Capital
            && (role.head.is_some() && !role.is_short || is_plural_head && role.head.is_none())
            && EntityType::ALL
                .iter()
                .all(|known| self.gazetteer.get(words, *known).is_none())
    }

    /// Whether a name that the rules found stays, though a network leaves its words out: a known name that is no part of
    /// a longer one, a numbered resolution, a date with its month, a decade or a fiscal year, a further year of a list.
    pub fn is_certain(&self, text: &str, found: &[Entity], at: usize) -> bool {
        let Some(entity) = found.get(at) else {
            return false;
        };
        let words = entity.span.of(text);
        match (entity.source, entity.entity_type) {
            (MentionSource::Gazetteer, EntityType::Loc) => false,
            (MentionSource::Gazetteer, _) => self.stands_alone(text, found, at),
            (MentionSource::Date, _) => {
                self.dates.is_certain(words) || follows_date(text, found, at)
            }
            (MentionSource::Pattern, EntityType::Instrument) => self.is_numbered(entity, words),
            _ => false,
        }
    }

    /// Whether a name that the rules found has precedence over what a network makes of its words: a known name with a
    /// bracket in it, the name of a country in several words, or a numbered resolution of a list.
    pub fn has_precedence(&self, text: &str, entity: &Entity) -> bool {
        let words = entity.span.of(text);
        match (entity.source, entity.entity_type) {
            (MentionSource::Gazetteer, _) => {
                words.contains('(')
                    || entity.code.is_some()
                        && words.contains(|c: char| c == '-' || c.is_whitespace())
            }
            (MentionSource::Pattern, EntityType::Instrument) => self.is_numbered(entity, words),
            _ => false,
        }
    }

    /// Whether the words are a numbered name, or a further number of a list: "687 (1991)", "3281 (XXIX)".
    fn is_numbered(&self, entity: &Entity, words: &str) -> bool {
        let is_in_number = |c: char| c.is_ascii_digit() || " ()/XVILMC".contains(c);
        self.numbered.canonical(words, entity.entity_type).is_some()
            || words.chars().all(is_in_number)
    }

    /// Whether no capitalised word stands right beside a known name, or beside the known names that hyphens join to it:
    /// "the Kosovo crisis", but not "Kosovo Force".
    fn stands_alone(&self, text: &str, found: &[Entity], at: usize) -> bool {
        let joined = |a: &Entity, b: &Entity| {
            let between = text.get(a.span.end..b.span.start).unwrap_or_default();
            matches!(between.trim(), "-" | "–" | "/") && b.source == MentionSource::Gazetteer
        };
        let (mut first, mut last) = (at, at);
        while first > 0 && joined(&found[first - 1], &found[first]) {
            first -= 1;
        }
        while last + 1 < found.len() && joined(&found[last], &found[last + 1]) {
            last += 1;
        }
        let before = text.get(..found[first].span.start).unwrap_or_default();
        let after = text.get(found[last].span.end..).unwrap_or_default();
        !self.ends_in_name(before) && !begins_with_name(after)
    }

    /// Whether a text ends in a word that a name may go on after: capitalised, and not just because it opens the sentence.
    fn ends_in_name(&self, before: &str) -> bool {
        // More than the longest word.
        const REACH: usize = 64;
        let from = before.ceil_char_boundary(before.len().saturating_sub(REACH));
        let sentence = TokenizedSentence::new(&before[from..]);
        let is_first = |token: usize| from == 0 && sentence.is_first_word(token);
        let Some(last) = sentence.tokens.len().checked_sub(1) else {
            return false;
        };
        let is_hyphen = sentence.is_dash(last) && before.ends_with(sentence.word(last));
        let is_name = sentence.is_capitalised(last)
            && !self.roles.is_function(sentence.key(last))
            && !(is_first(last) && sentence.shape(last) == Some(TokenShape::Capital));
        is_hyphen || is_name
    }
}

/// Whether a text goes on with a word that may belong to the name before it.
fn begins_with_name(after: &str) -> bool {
    let after = after
        .strip_prefix("'s")
        .or_else(|| after.strip_prefix("’s"))
        .unwrap_or(after);
    let goes_on = after.strip_prefix(['-', '–', '/', '+', '&']).is_some();
    let next = after.trim_start_matches(|c: char| c.is_whitespace() || c == '&');
    goes_on || next.len() < after.len() && next.starts_with(char::is_uppercase)
}

/// Whether a bare year goes on a list of dates: the "2015" of "31 December 2016, 2015 and 2014".
fn follows_date(text: &str, found: &[Entity], at: usize) -> bool {
    let (Some(before), Some(year)) = (at.checked_sub(1).and_then(|i| found.get(i)), found.get(at))
    else {
        return false;
    };
    let between = text
        .get(before.span.end..year.span.start)
        .unwrap_or_default();
    before.entity_type == EntityType::Date
        && matches!(between.trim(), "," | "and" | ", and" | "&")
        && year.span.of(text).chars().all(|c| c.is_ascii_digit())
}
