//! Names that a head word makes: "Indo-Pacific Economic Framework", "Ministry of Foreign Affairs".

use std::collections::HashMap;

use super::extent::NameSearch;
use super::gazetteer::{Gazetteer, KnownName, SentenceHits};
use super::mention::{EntityType, Mention, MentionSource};
use super::roles::WordRoles;
use super::token::{TokenShape, TokenizedSentence, normalized};

/// Adds the names that heads make in a sentence.
pub(super) fn find(hits: SentenceHits<'_>, roles: &WordRoles, mentions: &mut Vec<Mention>) {
    let sentence = hits.sentence;
    let search = NameSearch {
        sentence,
        hits,
        roles,
    };
    for (at, token) in sentence.tokens.iter().enumerate() {
        let Some(entity_type) = roles.head_type(token.key) else {
            continue;
        };
        let is_in_compound =
            sentence.is_dash(at + 1) && sentence.is_glued(at + 1) && sentence.is_glued(at + 2);
        if is_in_compound || token.shape == TokenShape::Lower && !search.heads_though_small(at) {
            continue;
        }
        let (start, end) = hits
            .at(at)
            .map_or((at, at), |(hit, _)| (hit.first, hit.last));
        let first = search.extend_left(start, entity_type);
        // "the Security Council on Libya": a body that is known by its name is named in full.
        let is_whole = start < end
            && hits.type_at(at) == Some(EntityType::Org)
            && matches!(sentence.word(end + 1), "on" | "against");
        let last = match is_whole {
            true => end,
            false => search.extend_right(end, entity_type),
        };
        if (first, last) != (start, end) && search.is_name(first, at, last, entity_type) {
            let span = sentence.span(first, last);
            mentions.push(Mention::by_pattern(span, entity_type, 0.7));
        }
    }
}

/// Adds "the Council" where the document names one Council.
pub(super) fn find_short(
    sentence: &TokenizedSentence<'_>,
    roles: &WordRoles,
    bodies: &HashMap<String, Option<String>>,
    mentions: &mut Vec<Mention>,
) {
    if sentence.is_title {
        return;
    }
    for (at, token) in sentence.tokens.iter().enumerate().skip(1) {
        let stands_alone = token.shape == TokenShape::Capital
            && roles.of(token.key).is_short
            && matches!(sentence.word(at - 1), "the" | "The")
            && !sentence.is_capitalised(at + 1)
            && !matches!(sentence.word(at + 1), "of" | "on" | "for");
        if stands_alone && matches!(bodies.get(sentence.word(at)), Some(Some(_))) {
            mentions.push(Mention::by_pattern(token.span, EntityType::Org, 0.6));
        }
    }
}

/// Tells the rest of the document the names of more than one word that a sentence holds.
pub(super) fn tell(sentence: &TokenizedSentence<'_>, mentions: &[Mention], told: &mut Gazetteer) {
    for mention in mentions {
        let surface = mention.span.of(sentence.text);
        if mention.source == MentionSource::Pattern
            && mention.entity_type != EntityType::Person
            && !sentence.is_title
            && surface.contains(' ')
        {
            told.add(KnownName::new(mention.entity_type, surface), [surface]);
        }
    }
}

/// The names of bodies by their last word, where only one body of a document ends in it: what "the Council" stands for.
pub(super) fn sole_bodies<'a>(
    sentences: impl Iterator<Item = (&'a str, &'a [Mention])>,
    gazetteer: &Gazetteer,
) -> HashMap<String, Option<String>> {
    let mut bodies: HashMap<String, Option<String>> = HashMap::new();
    for (text, mentions) in sentences {
        for mention in mentions {
            let surface = mention.span.of(text);
            let (EntityType::Org, Some((_, last))) = (
                mention.entity_type,
                surface.rsplit_once(char::is_whitespace),
            ) else {
                continue;
            };
            let name = gazetteer
                .get(surface, EntityType::Org)
                .map_or_else(|| normalized(surface), |name| name.canonical.clone());
            bodies
                .entry(last.to_string())
                .and_modify(|sole| {
                    if sole.as_ref() != Some(&name) {
                        *sole = None;
                    }
                })
                .or_insert(Some(name));
        }
    }
    bodies
}

impl NameSearch<'_> {
    /// Whether "summit" or "meeting" in lower case heads a name: "G20 summit", "Foreign Ministers’ meeting".
    fn heads_though_small(&self, head: usize) -> bool {
        let word = self.sentence.word(head);
        let Some(before) = head.checked_sub(1) else {
            return false;
        };
        if !matches!(word, "summit" | "meeting") {
            return false;
        }
        let after_people = matches!(self.sentence.word(before), "'" | "’")
            && matches!(
                self.sentence.word(before.wrapping_sub(1)),
                "Ministers" | "Leaders"
            );
        let after_body = self.hits.at(before).is_some_and(|(_, known)| {
            let is_city = known.entity_type == EntityType::Gpe && known.code.is_none();
            known.entity_type == EntityType::Org || is_city
        });
        after_people
            || self.sentence.word(before) == "Ministerial"
            || (word == "summit" && after_body)
    }

    /// Whether the words say which agreement or body it is, not just that it is one.
    fn is_name(&self, first: usize, head: usize, last: usize, entity_type: EntityType) -> bool {
        let is_national = self.roles.of(self.sentence.key(head)).is_national;
        let mut has_substance = false;
        let mut places = 0;
        let mut generic = 0;
        let mut at = first;
        while at <= last {
            if at == head {
                at += 1;
                continue;
            }
            if let Some((hit, known)) = self.hits.at(at) {
                let is_place = matches!(
                    known.entity_type,
                    EntityType::Gpe | EntityType::Norp | EntityType::Loc
                );
                let holds_head = hit.first <= head && head <= hit.last;
                has_substance |= !is_place;
                places += usize::from(is_place && !holds_head);
                at = hit.last + 1;
                continue;
            }
            if self.is_part(at) {
                let is_generic = self.roles.is_generic(self.sentence.key(at));
                generic += usize::from(is_generic);
                has_substance |= !is_generic;
            }
            at += 1;
        }
        let has_place = places > 0;
        let goes_on = last > head;
        match entity_type {
            EntityType::Gpe if goes_on => self.hits.type_at(last) == Some(EntityType::Gpe),
            EntityType::Gpe | EntityType::Loc => has_substance || has_place,
            EntityType::Org => {
                has_substance
                    || (has_place && is_national)
                    || (goes_on && !has_place && generic > 0)
            }
            EntityType::Instrument | EntityType::Event if !goes_on && !has_place && generic > 1 => {
                true
            }
            _ => {
                has_substance
                    || (has_place && (is_national || generic > 0))
                    || (goes_on && places > 1)
            }
        }
    }
}
