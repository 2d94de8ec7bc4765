//! From mentions, whoever found them, to entities: no two overlap, and one thing has one name.

use std::collections::{HashMap, HashSet};

use super::acronyms;
use super::gazetteer::Gazetteer;
use super::grammar::EntityGrammar;
use super::mention::{Entity, EntityType, Mention, without_overlaps};
use super::names::sole_bodies;
use super::token::{TokenizedSentence, normalized};

impl EntityGrammar {
    /// Makes entities of the mentions in the sentences of one document, whatever found them; each sentence comes with its
    /// text.
    ///
    /// Precedence where spans overlap: money; then the longest; then by [`MentionSource`](super::MentionSource); then
    /// the surer. A mention whose span does not fit its sentence is dropped. Canonical names: what the gazetteer calls
    /// it; for a short form that the document defines, its long form; for a surname, the one full name in the document
    /// that has it; for a numbered resolution, its number; else the words themselves.
    pub fn resolve(&self, mut sentences: Vec<(&str, Vec<Mention>)>) -> Vec<Vec<Entity>> {
        let mut told = Told::default();
        for (text, found) in &mut sentences {
            found.retain(|mention| !mention.span.of(text).is_empty());
            *found = without_overlaps(std::mem::take(found));
            told.people(text, found);
            if acronyms::may_define(text) {
                let sentence = TokenizedSentence::new(text);
                told.definitions(&sentence, found, &self.gazetteer);
                acronyms::close_brackets(&sentence, &self.roles, &self.gazetteer, found);
            }
        }
        let bodies = sole_bodies(
            sentences
                .iter()
                .map(|(text, found)| (*text, found.as_slice())),
            &self.gazetteer,
        );
        let mut entities: Vec<Vec<Entity>> = sentences
            .into_iter()
            .map(|(text, found)| {
                found
                    .into_iter()
                    .map(|mention| self.entity(mention, text, &told, &bodies))
                    .collect()
            })
            .collect();
        self.apply_context(&mut entities);
        entities
    }

    fn entity(
        &self,
        mention: Mention,
        text: &str,
        told: &Told,
        bodies: &HashMap<String, Option<String>>,
    ) -> Entity {
        let surface = mention.span.of(text);
        let words = normalized(surface);
        let defined = told.long_forms.get(&words).filter(|(entity_type, _)| {
            *entity_type == mention.entity_type || is_body_or_paper(mention.entity_type)
        });
        let entity_type = defined.map_or(mention.entity_type, |(entity_type, _)| *entity_type);
        let long = defined.map(|(_, long)| long);
        // What the document says of its own short forms outranks the lists.
        let known = match long {
            Some(long) => self.gazetteer.get(long, entity_type),
            None => self.gazetteer.get(surface, entity_type),
        };
        let canonical = match (known, entity_type) {
            (Some(name), EntityType::Person) if name.canonical == words => told.full_name(&words),
            (Some(name), _) => name.canonical.clone(),
            (None, EntityType::Person) => told.full_name(&words),
            (None, EntityType::Org)
                if long.is_none() && matches!(bodies.get(&words), Some(Some(_))) =>
            {
                bodies.get(&words).cloned().flatten().unwrap_or(words)
            }
            (None, entity_type) => {
                let name = long.map_or(words.as_str(), String::as_str);
                self.numbered
                    .canonical(name, entity_type)
                    .filter(|_| !self.numbered.is_of_other_body(text, mention.span))
                    .unwrap_or_else(|| name.to_string())
            }
        };
        let is_namesake =
            entity_type == EntityType::Gpe && self.namesakes.is_state_or_city(text, mention.span);
        Entity {
            span: mention.span,
            entity_type,
            canonical,
            code: known
                .and_then(|name| name.code.clone())
                .filter(|_| !is_namesake),
            score: mention.score,
            source: mention.source,
        }
    }

    /// Settles the names that depend on what else the document names; where it names two candidates, nothing is settled.
    fn apply_context(&self, entities: &mut [Vec<Entity>]) {
        let named: HashSet<&str> = entities
            .iter()
            .flatten()
            .map(|entity| entity.canonical.as_str())
            .collect();
        let mut settled: HashMap<String, Option<String>> = HashMap::new();
        for rule in &self.context {
            let names_any =
                |names: &[String]| names.iter().any(|name| named.contains(name.as_str()));
            if names_any(&rule.when) && !names_any(&rule.unless) {
                settled
                    .entry(rule.name.clone())
                    .and_modify(|becomes| {
                        becomes.take_if(|becomes| *becomes != rule.becomes);
                    })
                    .or_insert_with(|| Some(rule.becomes.clone()));
            }
        }
        for entity in entities.iter_mut().flatten() {
            if entity.code.is_none()
                && matches!(entity.entity_type, EntityType::Gpe | EntityType::Norp)
                && let Some(Some(becomes)) = settled.get(&entity.canonical)
                && let Some(name) = self.gazetteer.get(becomes, entity.entity_type)
            {
                entity.canonical = name.canonical.clone();
                entity.code = name.code.clone();
            }
        }
    }
}

/// What a document says about its own names.
#[derive(Default)]
struct Told {
    /// Type and long form by short form.
    long_forms: HashMap<String, (EntityType, String)>,
    /// Full names by surname (and by family name written first); none where two people share it.
    full_names: HashMap<String, Option<String>>,
}

impl Told {
    /// Reads the definitions of a sentence; a defined short form takes the type of its long form.
    fn definitions(
        &mut self,
        sentence: &TokenizedSentence<'_>,
        found: &mut [Mention],
        lists: &Gazetteer,
    ) {
        let text = sentence.text;
        for definition in acronyms::by_place(sentence, found, lists) {
            let index = found.partition_point(|m| m.span.end < definition.long.end);
            let Some(long_type) = found.get(index).map(|m| m.entity_type) else {
                continue;
            };
            let index = found.partition_point(|m| m.span.end < definition.short.end);
            if let Some(short) = found.get_mut(index).filter(|m| m.span == definition.short) {
                short.entity_type = long_type;
            }
            // "Conference of the Parties (COP28)": the numbered event is one of many with that name.
            let is_numbered = definition.short.of(text).ends_with(char::is_numeric)
                && !definition.long.of(text).contains(char::is_numeric);
            if long_type == EntityType::Event && is_numbered {
                continue;
            }
            self.long_forms
                .entry(normalized(definition.short.of(text)))
                .or_insert_with(|| (long_type, normalized(definition.long.of(text))));
        }
    }

    /// Reads the full names of a sentence.
    fn people(&mut self, text: &str, found: &[Mention]) {
        for mention in found
            .iter()
            .filter(|mention| mention.entity_type == EntityType::Person)
        {
            let full = normalized(mention.span.of(text));
            let words: Vec<&str> = full.split(' ').filter(|word| !is_suffix(word)).collect();
            let ([first, .., last], true) = (words.as_slice(), words.len() > 1) else {
                continue;
            };
            for part in [first, last] {
                self.full_names
                    .entry(part.trim_end_matches(',').to_string())
                    .and_modify(|known| {
                        if known.as_deref() != Some(full.as_str()) {
                            *known = longer_of_same(known.take(), &full);
                        }
                    })
                    .or_insert_with(|| Some(full.clone()));
            }
        }
    }

    fn full_name(&self, name: &str) -> String {
        match self.full_names.get(name) {
            Some(Some(full)) => full.clone(),
            _ => name.to_string(),
        }
    }
}

/// Whether readers take names of this type for one another where only a short form is there.
fn is_body_or_paper(entity_type: EntityType) -> bool {
    matches!(
        entity_type,
        EntityType::Org | EntityType::Instrument | EntityType::Event
    )
}

/// The longer of two full names that share first and last word ("Joseph R. Biden", "Joseph Biden"); else none.
fn longer_of_same(known: Option<String>, full: &str) -> Option<String> {
    let known = known?;
    let ends = |name: &str| {
        let mut words = name
            .split(' ')
            .filter(|word| !is_suffix(word))
            .map(|word| word.trim_end_matches(',').to_string());
        (words.next(), words.next_back())
    };
    (ends(&known) == ends(full)).then(|| {
        if full.len() > known.len() {
            full.to_string()
        } else {
            known
        }
    })
}

fn is_suffix(word: &str) -> bool {
    matches!(word, "Jr" | "Jr." | "Sr" | "Sr." | "II" | "III" | "IV")
}
