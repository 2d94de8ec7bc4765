//! Names that a head word makes: "Indo-Pacific Economic Framework", "Ministry of Foreign Affairs".

use std::collections::{HashMap, HashSet};

use super::data::Rules;
use super::gazetteer::{Gazetteer, Hit, Name};
use super::token::{Line, Shape, key};
use super::{EntityType, Mention, MentionSource};

/// How many words a name may have before and after its head, so that capitals without end cost no time without end.
const LONGEST: usize = 30;

/// What a word does in a name.
#[derive(Debug, Clone, Copy, Default)]
struct Role {
    head: Option<EntityType>,
    is_national: bool,
    is_generic: bool,
    is_function: bool,
    is_possessive: bool,
    is_no_acronym: bool,
    is_calendar: bool,
    is_opening: bool,
    is_short: bool,
}

/// The head words and the words around them.
#[derive(Debug)]
pub(super) struct NameGrammar {
    roles: HashMap<u64, Role>,
    after: HashMap<EntityType, HashSet<u64>>,
    joins: Joins,
}

/// The keys of the few words that the grammar itself knows.
#[derive(Debug)]
struct Joins {
    and: u64,
    inner: HashSet<u64>,
    r#in: u64,
}

/// A line with its known names looked up by token.
struct Scene<'a> {
    line: &'a Line<'a>,
    hits: &'a [Hit],
    types: Vec<EntityType>,
}

impl Scene<'_> {
    fn hit_at(&self, token: usize) -> Option<(Hit, EntityType)> {
        let index = self.hits.partition_point(|hit| hit.last < token);
        let hit = *self.hits.get(index)?;
        (hit.first <= token).then_some((hit, *self.types.get(index)?))
    }

    fn shape(&self, token: usize) -> Option<Shape> {
        self.line.tokens.get(token).map(|t| t.shape)
    }

    fn key(&self, token: usize) -> u64 {
        self.line.tokens.get(token).map_or(0, |t| t.key)
    }

    fn is_glued(&self, token: usize) -> bool {
        self.line.tokens.get(token).is_some_and(|t| t.glued)
    }

    fn is_dash(&self, token: usize) -> bool {
        self.shape(token) == Some(Shape::Mark)
            && matches!(self.line.word(token), "-" | "–" | "‑" | "‐" | "/" | "+")
    }
}

/// The words in lower case of a document, by key.
pub(super) fn lower_case_words<'a>(lines: impl Iterator<Item = &'a Line<'a>>) -> HashSet<u64> {
    lines
        .flat_map(|line| &line.tokens)
        .filter(|token| token.shape == Shape::Lower)
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

    fn role(&self, key: u64) -> Role {
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

    /// Adds the names that heads make in a line.
    pub fn find(
        &self,
        line: &Line<'_>,
        hits: &[Hit],
        gazetteer: &Gazetteer,
        mentions: &mut Vec<Mention>,
    ) {
        let mut scene: Option<Scene<'_>> = None;
        for (at, token) in line.tokens.iter().enumerate() {
            let Some(entity_type) = self.head_type(token.key) else {
                continue;
            };
            let is_small = token.shape == Shape::Lower;
            if is_small && !matches!(line.word(at), "summit" | "meeting") {
                continue;
            }
            let scene = scene.get_or_insert_with(|| Scene {
                line,
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
                    span: line.span(first, last),
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
        line: &Line<'_>,
        bodies: &HashMap<String, Option<String>>,
        mentions: &mut Vec<Mention>,
    ) {
        for (at, token) in line.tokens.iter().enumerate() {
            let stands_alone = token.shape == Shape::Capital
                && self.role(token.key).is_short
                && !line.is_title
                && at > 0
                && matches!(line.word(at - 1), "the" | "The")
                && !line.tokens.get(at + 1).is_some_and(|next| {
                    next.is_capitalised() || matches!(line.word(at + 1), "of" | "on" | "for")
                });
            if stands_alone && matches!(bodies.get(line.word(at)), Some(Some(_))) {
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
        let after_people = matches!(scene.line.word(before), "'" | "’")
            && matches!(
                scene.line.word(before.wrapping_sub(1)),
                "Ministers" | "Leaders"
            );
        let after_body = scene.hit_at(before).is_some_and(|(hit, hit_type)| {
            let is_city = hit_type == EntityType::Gpe
                && gazetteer.name(hit).is_some_and(|name| name.code.is_none());
            hit_type == EntityType::Org || is_city
        });
        let is_summit = scene.line.word(head) == "summit";
        after_people || scene.line.word(before) == "Ministerial" || (is_summit && after_body)
    }

    /// Tells the rest of the document the names of more than one word that a line holds.
    pub fn tell(&self, line: &Line<'_>, mentions: &[Mention], told: &mut Gazetteer) {
        for mention in mentions
            .iter()
            .filter(|mention| mention.source == MentionSource::Pattern)
        {
            let surface = mention.span.of(line.text);
            if !line.is_title && mention.entity_type != EntityType::Person && surface.contains(' ')
            {
                told.add(
                    Name {
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

    /// Whether a token can be a word of a name.
    fn is_part(&self, scene: &Scene<'_>, token: usize) -> bool {
        let role = self.role(scene.key(token));
        let is_opening = role.is_opening && scene.line.is_first_word(token);
        let is_barred = role.is_function || role.is_calendar || is_opening;
        !is_barred && matches!(scene.shape(token), Some(Shape::Capital | Shape::Acronym))
    }

    /// The first token of the name that ends with the head starting at `start`.
    fn extend_left(&self, scene: &Scene<'_>, start: usize, entity_type: EntityType) -> usize {
        let mut first = start;
        let mut at = start;
        let mut in_list = false;
        let place = matches!(entity_type, EntityType::Gpe | EntityType::Loc);
        while let Some(before) = at.checked_sub(1) {
            if start - first > LONGEST {
                break;
            }
            if let Some((hit, _)) = scene.hit_at(before) {
                first = hit.first;
                at = hit.first;
                continue;
            }
            match scene.shape(before) {
                Some(Shape::Capital | Shape::Acronym) if self.is_part(scene, before) => {
                    first = before;
                    at = before;
                }
                Some(Shape::Number)
                    if !place
                        && scene.is_dash(before.wrapping_sub(1))
                        && scene.is_glued(before) =>
                {
                    // "COVID-19"
                    first = before;
                    at = before;
                }
                Some(Shape::Number) => {
                    let digits = scene.line.word(before).len();
                    let fits = matches!(entity_type, EntityType::Event | EntityType::Instrument)
                        && at == first
                        && digits <= 4
                        && !scene.is_dash(before.wrapping_sub(1));
                    if fits {
                        first = before;
                    }
                    break;
                }
                Some(Shape::Mark) if !place => {
                    let word = scene.line.word(before);
                    let previous = before.wrapping_sub(1);
                    let joins = if scene.is_dash(before) {
                        let tight = scene.is_glued(before) && scene.is_glued(before + 1);
                        let pair =
                            scene.hit_at(previous).is_some() && scene.hit_at(before + 1).is_some();
                        (tight || pair)
                            && (self.is_part(scene, previous) || scene.hit_at(previous).is_some())
                    } else if matches!(word, "'" | "’") {
                        self.is_part(scene, previous)
                            && scene.line.word(previous).ends_with('s')
                            && scene.hit_at(previous).is_none()
                    } else if word.len() > 1 {
                        self.role(scene.key(previous)).is_possessive
                            && scene.hit_at(previous).is_none()
                    } else if word == "&" {
                        in_list |= self.is_part(scene, previous);
                        self.is_part(scene, previous)
                    } else if word == "," {
                        in_list && self.is_part(scene, previous) && scene.hit_at(previous).is_none()
                    } else if word == ")" {
                        // "International Technology Security and Innovation (ITSI) Fund"
                        let open = before.wrapping_sub(2);
                        if scene.line.word(open) == "(" && self.is_part(scene, open.wrapping_sub(1))
                        {
                            at = open;
                            continue;
                        }
                        false
                    } else {
                        false
                    };
                    if !joins {
                        break;
                    }
                    at = before;
                }
                Some(Shape::Lower) if !place && scene.key(before) == self.joins.and => {
                    let previous = before.wrapping_sub(1);
                    if !self.is_part(scene, previous)
                        || scene.hit_at(previous).is_some()
                        || self.head_type(scene.key(previous)).is_some()
                    {
                        break;
                    }
                    in_list = true;
                    at = before;
                }
                _ => break,
            }
        }
        first
    }

    /// The last token of the name whose head ends at `end`.
    fn extend_right(&self, scene: &Scene<'_>, end: usize, entity_type: EntityType) -> usize {
        let mut last = end;
        let is_year = |token: usize| {
            let word = scene.line.word(token);
            scene.shape(token) == Some(Shape::Number)
                && word.len() == 4
                && (word.starts_with("19") || word.starts_with("20"))
        };
        if entity_type == EntityType::Instrument && is_year(end + 1) {
            return end + 1;
        }
        if entity_type == EntityType::Instrument
            && scene.line.word(end + 1) == "of"
            && is_year(end + 2)
        {
            return end + 2;
        }
        loop {
            let at = last + 1;
            let is_inner = last > end;
            if last - end > LONGEST {
                return last;
            }
            let Some(shape) = scene.shape(at) else {
                return last;
            };
            let next = match shape {
                Shape::Lower if scene.key(at) == self.joins.and => {
                    let follows = is_inner && self.is_part(scene, at + 1);
                    let known = scene.hit_at(at + 1).is_some()
                        || scene
                            .hit_at(last)
                            .is_some_and(|(_, t)| t != EntityType::Instrument);
                    let new_head = self.head_type(scene.key(at + 1)).is_some()
                        && self.joins.inner.contains(&scene.key(at + 2));
                    if follows && !known && !new_head {
                        Some(at + 1)
                    } else {
                        None
                    }
                }
                Shape::Lower => self.after_preposition(scene, at, entity_type, is_inner),
                Shape::Capital | Shape::Acronym if is_inner && self.is_part(scene, at) => {
                    let is_person = scene
                        .hit_at(at)
                        .is_some_and(|(_, t)| t == EntityType::Person);
                    (!is_person).then_some(at)
                }
                Shape::Mark
                    if is_inner
                        && scene.is_dash(at)
                        && scene.is_glued(at)
                        && scene.is_glued(at + 1) =>
                {
                    (scene.hit_at(at + 1).is_none()
                        && matches!(
                            scene.shape(at + 1),
                            Some(Shape::Capital | Shape::Acronym | Shape::Lower)
                        ))
                    .then_some(at + 1)
                }
                Shape::Mark if is_inner && matches!(scene.line.word(at), "," | "&") => {
                    self.list_goes_on(scene, at)
                }
                _ => None,
            };
            match next {
                Some(token) => last = scene.hit_at(token).map_or(token, |(hit, _)| hit.last),
                None => return last,
            }
        }
    }

    /// The word that "of", "on the" and the like join to a name.
    fn after_preposition(
        &self,
        scene: &Scene<'_>,
        at: usize,
        entity_type: EntityType,
        is_inner: bool,
    ) -> Option<usize> {
        let preposition = scene.key(at);
        let joins = if is_inner {
            self.joins.inner.contains(&preposition) || preposition == self.joins.r#in
        } else {
            self.after
                .get(&entity_type)
                .is_some_and(|words| words.contains(&preposition))
        };
        if !joins {
            return None;
        }
        let mut next = at + 1;
        if matches!(scene.line.word(next), "the" | "an" | "a") {
            next += 1;
        }
        let known = scene.hit_at(next).map(|(_, t)| t);
        if preposition == self.joins.r#in {
            return (known == Some(EntityType::Loc)).then_some(next);
        }
        let is_to = scene.line.word(at) == "to";
        if is_to && known.is_some_and(|t| t != EntityType::Instrument) {
            return None;
        }
        // Who someone is is no part of a body's name: "Council on President Moon's proposal".
        let is_person = known == Some(EntityType::Person);
        (!is_person && (known.is_some() || self.is_part(scene, next))).then_some(next)
    }

    /// Past a comma, when what follows is the rest of a list that ends in "and": "Industry, Science and Resources".
    fn list_goes_on(&self, scene: &Scene<'_>, comma: usize) -> Option<usize> {
        if scene.hit_at(comma.wrapping_sub(1)).is_some() {
            return None;
        }
        let mut at = comma + 1;
        if scene.key(at) == self.joins.and {
            return (self.is_part(scene, at + 1) && scene.hit_at(at + 1).is_none())
                .then_some(at + 1);
        }
        if scene.line.word(at) == "the" {
            at += 1;
        }
        let next = at;
        for _ in 0..16 {
            if scene.hit_at(at).is_some() {
                return None;
            }
            let is_joint = matches!(scene.line.word(at), "," | "the");
            if scene.key(at) == self.joins.and && at > next {
                return self.is_part(scene, at + 1).then_some(next);
            }
            if !(self.is_part(scene, at) || (at > next && is_joint)) {
                return None;
            }
            at += 1;
        }
        None
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
