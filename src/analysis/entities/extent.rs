//! How far a name reaches to the left and to the right of its head.

use super::EntityType;
use super::gazetteer::Hit;
use super::names::NameGrammar;
use super::token::{TokenShape, TokenizedSentence};

/// How many words a name may have before and after its head, so that capitals without end cost no time without end.
const LONGEST: usize = 30;

/// A sentence with its known names looked up by token.
pub(super) struct Scene<'a> {
    pub sentence: &'a TokenizedSentence<'a>,
    pub hits: &'a [Hit],
    pub types: Vec<EntityType>,
}

impl Scene<'_> {
    pub fn hit_at(&self, token: usize) -> Option<(Hit, EntityType)> {
        let index = self.hits.partition_point(|hit| hit.last < token);
        let hit = *self.hits.get(index)?;
        (hit.first <= token).then_some((hit, *self.types.get(index)?))
    }

    pub fn shape(&self, token: usize) -> Option<TokenShape> {
        self.sentence.tokens.get(token).map(|t| t.shape)
    }

    pub fn key(&self, token: usize) -> u64 {
        self.sentence.tokens.get(token).map_or(0, |t| t.key)
    }

    pub fn is_glued(&self, token: usize) -> bool {
        self.sentence.tokens.get(token).is_some_and(|t| t.glued)
    }

    pub fn is_dash(&self, token: usize) -> bool {
        self.shape(token) == Some(TokenShape::Mark)
            && matches!(self.sentence.word(token), "-" | "–" | "‑" | "‐" | "/" | "+")
    }
}

impl NameGrammar {
    /// Whether a token can be a word of a name.
    pub(super) fn is_part(&self, scene: &Scene<'_>, token: usize) -> bool {
        let role = self.role(scene.key(token));
        let is_opening = role.is_opening && scene.sentence.is_first_word(token);
        let is_barred = role.is_function || role.is_calendar || is_opening;
        !is_barred
            && matches!(
                scene.shape(token),
                Some(TokenShape::Capital | TokenShape::Acronym)
            )
    }

    /// The first token of the name that ends with the head starting at `start`.
    pub(super) fn extend_left(
        &self,
        scene: &Scene<'_>,
        start: usize,
        entity_type: EntityType,
    ) -> usize {
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
                Some(TokenShape::Capital | TokenShape::Acronym) if self.is_part(scene, before) => {
                    first = before;
                    at = before;
                }
                Some(TokenShape::Number)
                    if !place
                        && scene.is_dash(before.wrapping_sub(1))
                        && scene.is_glued(before) =>
                {
                    // "COVID-19"
                    first = before;
                    at = before;
                }
                Some(TokenShape::Number) => {
                    let digits = scene.sentence.word(before).len();
                    let fits = matches!(entity_type, EntityType::Event | EntityType::Instrument)
                        && at == first
                        && digits <= 4
                        && !scene.is_dash(before.wrapping_sub(1));
                    if fits {
                        first = before;
                    }
                    break;
                }
                Some(TokenShape::Mark) if !place => {
                    let word = scene.sentence.word(before);
                    let previous = before.wrapping_sub(1);
                    let joins = if scene.is_dash(before) {
                        let tight = scene.is_glued(before) && scene.is_glued(before + 1);
                        let pair =
                            scene.hit_at(previous).is_some() && scene.hit_at(before + 1).is_some();
                        (tight || pair)
                            && (self.is_part(scene, previous) || scene.hit_at(previous).is_some())
                    } else if matches!(word, "'" | "’") {
                        self.is_part(scene, previous)
                            && scene.sentence.word(previous).ends_with('s')
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
                        if scene.sentence.word(open) == "("
                            && self.is_part(scene, open.wrapping_sub(1))
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
                Some(TokenShape::Lower) if !place && scene.key(before) == self.joins.and => {
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
    pub(super) fn extend_right(
        &self,
        scene: &Scene<'_>,
        end: usize,
        entity_type: EntityType,
    ) -> usize {
        let mut last = end;
        let is_year = |token: usize| {
            let word = scene.sentence.word(token);
            scene.shape(token) == Some(TokenShape::Number)
                && word.len() == 4
                && (word.starts_with("19") || word.starts_with("20"))
        };
        if entity_type == EntityType::Instrument && is_year(end + 1) {
            return end + 1;
        }
        if entity_type == EntityType::Instrument
            && scene.sentence.word(end + 1) == "of"
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
                TokenShape::Lower if scene.key(at) == self.joins.and => {
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
                TokenShape::Lower => self.after_preposition(scene, at, entity_type, is_inner),
                TokenShape::Capital | TokenShape::Acronym
                    if is_inner && self.is_part(scene, at) =>
                {
                    let is_person = scene
                        .hit_at(at)
                        .is_some_and(|(_, t)| t == EntityType::Person);
                    (!is_person).then_some(at)
                }
                TokenShape::Mark
                    if is_inner
                        && scene.is_dash(at)
                        && scene.is_glued(at)
                        && scene.is_glued(at + 1) =>
                {
                    (scene.hit_at(at + 1).is_none()
                        && matches!(
                            scene.shape(at + 1),
                            Some(TokenShape::Capital | TokenShape::Acronym | TokenShape::Lower)
                        ))
                    .then_some(at + 1)
                }
                TokenShape::Mark if is_inner && matches!(scene.sentence.word(at), "," | "&") => {
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
        if matches!(scene.sentence.word(next), "the" | "an" | "a") {
            next += 1;
        }
        let known = scene.hit_at(next).map(|(_, t)| t);
        if preposition == self.joins.r#in {
            return (known == Some(EntityType::Loc)).then_some(next);
        }
        let is_to = scene.sentence.word(at) == "to";
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
        if scene.sentence.word(at) == "the" {
            at += 1;
        }
        let next = at;
        for _ in 0..16 {
            if scene.hit_at(at).is_some() {
                return None;
            }
            let is_joint = matches!(scene.sentence.word(at), "," | "the");
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
}
