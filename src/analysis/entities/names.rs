//! Names that a head word makes: "Indo-Pacific Economic Framework", "Ministry of Foreign Affairs".

use std::collections::{HashMap, HashSet};

use super::data::Rules;
use super::extent::Scene;
use super::gazetteer::{Gazetteer, Hit, KnownName};
use super::token::{TokenShape, TokenizedSentence, key};
use super::{EntityType, Mention, MentionSource};

/// What a word does in a name.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Role {
    pub head: Option<EntityType>,
    pub is_national: bool,
    pub is_generic: bool,
    pub is_function: bool,
    pub is_possessive: bool,
    pub is_no_acronym: bool,
    pub is_calendar: bool,
    pub is_opening: bool,
    pub is_short: bool,
}

/// The head words and the words around them.
#[derive(Debug)]
pub(super) struct NameGrammar {
    roles: HashMap<u64, Role>,
    pub(super) after: HashMap<EntityType, HashSet<u64>>,
    pub(super) joins: Joins,
}

/// The keys of the few words that the grammar itself knows.
#[derive(Debug)]
pub(super) struct Joins {
    pub and: u64,
    pub inner: HashSet<u64>,
    pub r#in: u64,
}

/// The words in lower case of a document, by key.
pub(super) fn lower_case_words<'a>(
    lines: impl Iterator<Item = &'a TokenizedSentence<'a>>,
) -> HashSet<u64> {
    lines
        .flat_map(|sentence| &sentence.tokens)
        .filter(|token| token.shape == TokenShape::Lower)
        .map(|token| token.key)
        .collect()
}

impl NameGrammar {
    pub fn new(rules: &Rules, calendar: &[String]) -> Self {
        let mut roles: HashMap<u64, Role> = HashMap::new();
        let mut after = HashMap::new();
        for rule in &rules.head {
            for word in &rule.words {
                roles
                    .entry(key(word))
                    .or_default()
                    .head
                    .get_or_insert(rule.entity_type);
            }
            for word in &rule.national {
                roles.entry(key(word)).or_default().is_national = true;
            }
            after.insert(
                rule.entity_type,
                rule.after.iter().map(|word| key(word)).collect(),
            );
        }
        for word in &rules.words.generic {
            roles.entry(key(word)).or_default().is_generic = true;
        }
        for word in &rules.words.function {
            roles.entry(key(word)).or_default().is_function = true;
        }
        for word in &rules.words.possessive {
            roles.entry(key(word)).or_default().is_possessive = true;
        }
        for word in &rules.acronyms.not {
            roles.entry(key(word)).or_default().is_no_acronym = true;
        }
        for word in &rules.words.opening {
            roles.entry(key(word)).or_default().is_opening = true;
        }
        for word in &rules.words.short {
            roles.entry(key(word)).or_default().is_short = true;
        }
        for word in calendar {
            roles.entry(key(word)).or_default().is_calendar = true;
        }
        let joins = Joins {
            and: key("and"),
            inner: ["of", "for", "on", "to", "against"]
                .iter()
                .map(|word| key(word))
                .collect(),
            r#in: key("in"),
        };
        Self {
            roles,
            after,
            joins,
        }
    }

    pub(super) fn role(&self, key: u64) -> Role {
        self.roles.get(&key).copied().unwrap_or_default()
    }

    /// The type that a word makes of the name it heads.
    pub fn head_type(&self, key: u64) -> Option<EntityType> {
        self.role(key).head
    }

    /// Whether the word may not begin or end a name.
    pub fn is_function(&self, key: u64) -> bool {
        self.role(key).is_function
    }

    /// Whether the word says nothing of whose or which: "Joint", "Minister".
    pub fn is_generic(&self, key: u64) -> bool {
        let role = self.role(key);
        role.is_generic || role.head.is_some()
    }

    /// Whether the capitals name no body, treaty or place: "GDP".
    pub fn is_no_acronym(&self, key: u64) -> bool {
        self.role(key).is_no_acronym
    }

    /// Adds the names that heads make in a sentence.
    pub fn find(
        &self,
        sentence: &TokenizedSentence<'_>,
        hits: &[Hit],
        gazetteer: &Gazetteer,
        mentions: &mut Vec<Mention>,
    ) {
        let mut scene: Option<Scene<'_>> = None;
        for (at, token) in sentence.tokens.iter().enumerate() {
            let Some(entity_type) = self.head_type(token.key) else {
                continue;
            };
            let is_small = token.shape == TokenShape::Lower;
            if is_small && !matches!(sentence.word(at), "summit" | "meeting") {
                continue;
            }
            let scene = scene.get_or_insert_with(|| Scene {
                sentence,
                hits,
                types: hits
                    .iter()
                    .map(|hit| {
                        gazetteer
                            .name(*hit)
                            .map_or(EntityType::Org, |name| name.entity_type)
                    })
                    .collect(),
            });
            let (start, end) = scene
                .hit_at(at)
                .map_or((at, at), |(hit, _)| (hit.first, hit.last));
            if scene.is_dash(at + 1) && scene.is_glued(at + 1) && scene.is_glued(at + 2) {
                continue;
            }
            if is_small && !self.heads_though_small(scene, at, gazetteer) {
                continue;
            }
            let first = self.extend_left(scene, start, entity_type);
            let last = self.extend_right(scene, end, entity_type);
            if (first, last) != (start, end) && self.is_name(scene, first, at, last, entity_type) {
                mentions.push(Mention {
                    span: sentence.span(first, last),
                    entity_type,
                    score: 0.7,
                    source: MentionSource::Pattern,
                });
            }
        }
    }

    /// Adds "the Council" where the document names one Council.
    pub fn find_short(
        &self,
        sentence: &TokenizedSentence<'_>,
        bodies: &HashMap<String, Option<String>>,
        mentions: &mut Vec<Mention>,
    ) {
        for (at, token) in sentence.tokens.iter().enumerate() {
            let stands_alone = token.shape == TokenShape::Capital
                && self.role(token.key).is_short
                && !sentence.is_title
                && at > 0
                && matches!(sentence.word(at - 1), "the" | "The")
                && !sentence.tokens.get(at + 1).is_some_and(|next| {
                    next.is_capitalised() || matches!(sentence.word(at + 1), "of" | "on" | "for")
                });
            if stands_alone && matches!(bodies.get(sentence.word(at)), Some(Some(_))) {
                mentions.push(Mention {
                    span: token.span,
                    entity_type: EntityType::Org,
                    score: 0.6,
                    source: MentionSource::Pattern,
                });
            }
        }
    }

    /// Whether "summit" or "meeting" in lower case heads a name: "G20 summit", "Foreign Ministers’ meeting".
    fn heads_though_small(&self, scene: &Scene<'_>, head: usize, gazetteer: &Gazetteer) -> bool {
        let Some(before) = head.checked_sub(1) else {
            return false;
        };
        let after_people = matches!(scene.sentence.word(before), "'" | "’")
            && matches!(
                scene.sentence.word(before.wrapping_sub(1)),
                "Ministers" | "Leaders"
            );
        let after_body = scene.hit_at(before).is_some_and(|(hit, hit_type)| {
            let is_city = hit_type == EntityType::Gpe
                && gazetteer.name(hit).is_some_and(|name| name.code.is_none());
            hit_type == EntityType::Org || is_city
        });
        let is_summit = scene.sentence.word(head) == "summit";
        after_people || scene.sentence.word(before) == "Ministerial" || (is_summit && after_body)
    }

    /// Tells the rest of the document the names of more than one word that a sentence holds.
    pub fn tell(
        &self,
        sentence: &TokenizedSentence<'_>,
        mentions: &[Mention],
        told: &mut Gazetteer,
    ) {
        for mention in mentions
            .iter()
            .filter(|mention| mention.source == MentionSource::Pattern)
        {
            let surface = mention.span.of(sentence.text);
            if !sentence.is_title
                && mention.entity_type != EntityType::Person
                && surface.contains(' ')
            {
                told.add(
                    KnownName {
                        entity_type: mention.entity_type,
                        canonical: surface.to_string(),
                        code: None,
                        is_weak: false,
                    },
                    [surface],
                );
            }
        }
    }

    /// Whether the words say which agreement or body it is, not just that it is one.
    fn is_name(
        &self,
        scene: &Scene<'_>,
        first: usize,
        head: usize,
        last: usize,
        entity_type: EntityType,
    ) -> bool {
        let role = self.role(scene.key(head));
        let mut substance = false;
        let mut country = false;
        let mut places = 0;
        let mut generic = 0;
        let mut at = first;
        while at <= last {
            if at == head {
                at += 1;
                continue;
            }
            if let Some((hit, hit_type)) = scene.hit_at(at) {
                let place = matches!(
                    hit_type,
                    EntityType::Gpe | EntityType::Norp | EntityType::Loc
                );
                if hit.first <= head && head <= hit.last {
                    substance |= !place;
                } else if place {
                    country = true;
                    places += 1;
                } else {
                    substance = true;
                }
                at = hit.last + 1;
                continue;
            }
            if self.is_part(scene, at) {
                if self.is_generic(scene.key(at)) {
                    generic += 1;
                } else {
                    substance = true;
                }
            }
            at += 1;
        }
        let after = last > head;
        match entity_type {
            EntityType::Gpe if after => scene
                .hit_at(last)
                .is_some_and(|(_, t)| t == EntityType::Gpe),
            EntityType::Gpe | EntityType::Loc => substance || country,
            EntityType::Org => {
                substance || (country && role.is_national) || (after && !country && generic > 0)
            }
            EntityType::Instrument | EntityType::Event if !after && !country && generic > 1 => true,
            _ => {
                substance || (country && (role.is_national || generic > 0)) || (after && places > 1)
            }
        }
    }
}
