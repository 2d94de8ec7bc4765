//! From mentions, whoever found them, to entities: no two overlap, and one thing has one name.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::gazetteer::KnownName;
use super::token::{TokenizedSentence, plain};
use super::{Entity, EntityGrammar, EntityType, Mention, MentionSource, acronyms};
use crate::document::Span;

/// Keeps, of mentions that overlap, the longest; of equals that of the source trusted more, then the surer one.
/// The result is in the order of the text.
pub(super) fn without_overlaps(mut mentions: Vec<Mention>) -> Vec<Mention> {
    mentions.sort_by(|a, b| {
        let money = |mention: &Mention| mention.source != MentionSource::Money;
        money(a)
            .cmp(&money(b))
            .then(b.span.len().cmp(&a.span.len()))
            .then(a.source.cmp(&b.source))
            .then(b.score.total_cmp(&a.score))
            .then(a.span.cmp(&b.span))
            .then(a.entity_type.cmp(&b.entity_type))
    });
    let mut kept: BTreeMap<usize, Mention> = BTreeMap::new();
    for mention in mentions {
        let before = kept.range(..mention.span.end).next_back();
        if !mention.span.is_empty()
            && before.is_none_or(|(_, other)| other.span.end <= mention.span.start)
        {
            kept.insert(mention.span.start, mention);
        }
    }
    kept.into_values().collect()
}

impl EntityGrammar {
    /// Makes entities of the mentions in the sentences of one document, whatever found them; each sentence comes with its
    /// text.
    ///
    /// Precedence where spans overlap: money; then the longest; then by [`MentionSource`]; then the surer. A mention
    /// whose span does not fit its sentence is dropped. Canonical names: what the gazetteer calls it; for a short form
    /// that the document defines, its long form; for a surname, the one full name in the document that has it; for a
    /// numbered resolution its number; else the words themselves.
    pub fn resolve(&self, mut sentences: Vec<(&str, Vec<Mention>)>) -> Vec<Vec<Entity>> {
        for (text, found) in &mut sentences {
            found.retain(|mention| !mention.span.of(text).is_empty());
            *found = without_overlaps(std::mem::take(found));
        }
        let told = Told::new(&mut sentences);
        let bodies = sole_bodies(
            sentences
                .iter()
                .map(|(text, found)| (*text, found.as_slice())),
            |surface| self.gazetteer.get(surface, EntityType::Org),
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
        let words = one_line(surface);
        let long = told.long_forms.get(&(mention.entity_type, words.clone()));
        let known = long
            .and_then(|long| self.gazetteer.get(long, mention.entity_type))
            .or_else(|| self.gazetteer.get(surface, mention.entity_type));
        let canonical = match (known, mention.entity_type) {
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
                self.numbered_canonical(name, entity_type)
                    .filter(|_| !self.is_of_other_body(text, mention.span))
                    .unwrap_or_else(|| name.to_string())
            }
        };
        let is_namesake = mention.entity_type == EntityType::Gpe
            && self.namesakes.is_state_or_city(text, mention.span);
        Entity {
            span: mention.span,
            entity_type: mention.entity_type,
            canonical,
            code: known
                .and_then(|name| name.code.clone())
                .filter(|_| !is_namesake),
            score: mention.score,
            source: mention.source,
        }
    }

    /// Whether the words beside a bare "resolution 12" say that it is neither the Security Council's nor the General
    /// Assembly's.
    fn is_of_other_body(&self, text: &str, span: Span) -> bool {
        let is_bare = span
            .of(text)
            .get(..10)
            .is_some_and(|word| word.eq_ignore_ascii_case("resolution"));
        let is_other = |found: Option<regex::Match<'_>>| {
            found.is_some_and(|found| !self.other_body.united_nations.is_match(found.as_str()))
        };
        is_bare
            && (is_other(
                self.other_body
                    .before
                    .find(text.get(..span.start).unwrap_or_default()),
            ) || is_other(
                self.other_body
                    .after
                    .find(text.get(span.end..).unwrap_or_default()),
            ))
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
            if rule.when.iter().any(|name| named.contains(name.as_str())) {
                settled
                    .entry(rule.name.clone())
                    .and_modify(|becomes| *becomes = None)
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

/// The names of bodies by their last word, where only one body of a document ends in it: what "the Council" stands for.
pub(super) fn sole_bodies<'a>(
    found: impl Iterator<Item = (&'a str, &'a [Mention])>,
    known: impl Fn(&str) -> Option<&'a KnownName>,
) -> HashMap<String, Option<String>> {
    let mut bodies: HashMap<String, Option<String>> = HashMap::new();
    for (text, mentions) in found {
        for mention in mentions
            .iter()
            .filter(|mention| mention.entity_type == EntityType::Org)
        {
            let surface = mention.span.of(text);
            let Some((_, last)) = surface.rsplit_once(char::is_whitespace) else {
                continue;
            };
            let name =
                known(surface).map_or_else(|| one_line(surface), |name| name.canonical.clone());
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

/// What a document tells of its own names.
struct Told {
    long_forms: HashMap<(EntityType, String), String>,
    /// Full names by surname (and by family name written first); none where two people share it.
    full_names: HashMap<String, Option<String>>,
}

impl Told {
    /// Reads definitions and full names; a defined short form takes the type of its long form.
    fn new(sentences: &mut [(&str, Vec<Mention>)]) -> Self {
        let mut long_forms = HashMap::new();
        let mut full_names: HashMap<String, Option<String>> = HashMap::new();
        for (text, found) in sentences {
            if text.contains('(') {
                let sentence = TokenizedSentence::new(text);
                for definition in acronyms::by_place(&sentence, found) {
                    let index = found.partition_point(|m| m.span.end < definition.long.end);
                    let Some(long_type) = found.get(index).map(|m| m.entity_type) else {
                        continue;
                    };
                    let index = found.partition_point(|m| m.span.end < definition.short.end);
                    if let Some(short) = found.get_mut(index).filter(|m| m.span == definition.short)
                    {
                        short.entity_type = long_type;
                    }
                    // "Conference of the Parties (COP28)": the numbered event is one of many so called.
                    let is_numbered = definition.short.of(text).ends_with(char::is_numeric)
                        && !definition.long.of(text).contains(char::is_numeric);
                    if long_type == EntityType::Event && is_numbered {
                        continue;
                    }
                    long_forms
                        .entry((long_type, one_line(definition.short.of(text))))
                        .or_insert_with(|| one_line(definition.long.of(text)));
                }
            }
            for mention in found
                .iter()
                .filter(|mention| mention.entity_type == EntityType::Person)
            {
                let full = one_line(mention.span.of(text));
                let words: Vec<&str> = full.split(' ').filter(|word| !is_suffix(word)).collect();
                let ([first, .., last], true) = (words.as_slice(), words.len() > 1) else {
                    continue;
                };
                for part in [first, last] {
                    full_names
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
        Self {
            long_forms,
            full_names,
        }
    }

    fn full_name(&self, name: &str) -> String {
        match self.full_names.get(name) {
            Some(Some(full)) => full.clone(),
            _ => name.to_string(),
        }
    }
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

/// The words with single plain spaces, apostrophes and hyphens.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.extend(word.chars().map(plain));
    }
    line
}
