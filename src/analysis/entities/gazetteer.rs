//! Names known beforehand, found word by word.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::data::{NameForms, NameList, Names, Places};
use super::mention::EntityType;
use super::token::{Token, TokenShape, TokenizedSentence, plain, tokenize};

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KnownName {
    pub entity_type: EntityType,
    pub canonical: String,
    /// ISO 3166-1 alpha-3.
    pub code: Option<String>,
    /// Also an ordinary word: not trusted where a capital tells nothing.
    pub is_weak: bool,
}

impl KnownName {
    /// A name without a code that is not an ordinary word as well.
    pub fn new(entity_type: EntityType, canonical: &str) -> Self {
        Self {
            entity_type,
            canonical: canonical.to_string(),
            code: None,
            is_weak: false,
        }
    }
}

/// A surface form of a [`KnownName`].
#[derive(Debug)]
struct SurfaceForm {
    /// The words with plain apostrophes and dashes.
    words: Vec<String>,
    name: usize,
}

/// A name found: tokens `first..=last` of a sentence.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hit {
    pub first: usize,
    pub last: usize,
    pub name: usize,
}

/// Mixes a node with the key of a word, which is a hash already.
#[derive(Debug, Default)]
struct EdgeHasher(u64);

impl Hasher for EdgeHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = (self.0.rotate_left(23) ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

/// A trie over words. Unlike an automaton over characters it needs no second look at word boundaries, and one entry
/// serves every kind of white space, apostrophe and dash.
#[derive(Debug, Default)]
pub(super) struct Gazetteer {
    edges: HashMap<(u32, u64), u32, BuildHasherDefault<EdgeHasher>>,
    /// The forms that end at each node; node 0 is the root.
    forms: Vec<Vec<SurfaceForm>>,
    names: Vec<KnownName>,
}

impl Gazetteer {
    /// The names of `models/places.toml` and `models/names.toml`; the forms in `weak` are ordinary words as well.
    pub fn new(places: &Places, names: &Names, weak: &[String]) -> Self {
        let mut gazetteer = Self::default();
        let mut add = |entity_type, canonical: &str, forms: &[String], code: Option<&str>| {
            // A form is weak by itself: "Holland" does not make "Netherlands" doubtful.
            let (doubtful, sure): (Vec<&str>, Vec<&str>) = std::iter::once(canonical)
                .chain(forms.iter().map(String::as_str))
                .partition(|form| weak.iter().any(|word| word == form));
            for (is_weak, forms) in [(false, sure), (true, doubtful)] {
                if forms.is_empty() {
                    continue;
                }
                let name = KnownName {
                    code: code.map(str::to_string),
                    is_weak,
                    ..KnownName::new(entity_type, canonical)
                };
                gazetteer.add(name, forms);
            }
        };
        for country in &places.country {
            let mut forms = country.names.clone();
            let written = std::iter::once(&country.name).chain(&country.names);
            forms.extend(written.flat_map(|name| places.also_written(name)));
            add(EntityType::Gpe, &country.name, &forms, Some(&country.code));
            if let Some(demonym) = country.demonyms.first() {
                add(
                    EntityType::Norp,
                    demonym,
                    &country.demonyms,
                    Some(&country.code),
                );
            }
        }
        let lists: [(EntityType, &NameList); 8] = [
            (EntityType::Gpe, &places.state),
            (EntityType::Gpe, &places.city),
            (EntityType::Loc, &places.region),
            (EntityType::Norp, &places.group),
            (EntityType::Org, &names.org),
            (EntityType::Instrument, &names.instrument),
            (EntityType::Event, &names.event),
            (EntityType::Person, &names.person),
        ];
        for (entity_type, list) in lists {
            for forms in list.names.iter().map(NameForms::all) {
                if let Some(canonical) = forms.first() {
                    add(entity_type, canonical, forms, None);
                }
            }
        }
        gazetteer
    }

    /// Adds a name with all its forms. The first meaning given to a form is the one that is kept.
    pub fn add<'a>(&mut self, name: KnownName, forms: impl IntoIterator<Item = &'a str>) {
        let index = self.names.len();
        self.names.push(name);
        for form in forms {
            self.add_form(form, index);
        }
    }

    fn add_form(&mut self, form: &str, name: usize) {
        let tokens = name_tokens(form);
        if self.forms.is_empty() {
            self.forms.push(Vec::new());
        }
        let mut node = 0;
        for token in &tokens {
            let next = u32::try_from(self.forms.len()).unwrap_or(u32::MAX);
            node = *self.edges.entry((node, token.key)).or_insert(next);
            if node == next {
                self.forms.push(Vec::new());
            }
        }
        let words: Vec<String> = tokens
            .iter()
            .map(|token| token.span.of(form).chars().map(plain).collect())
            .collect();
        if let Some(at_node) = self.forms.get_mut(node as usize)
            && !words.is_empty()
            && !at_node.iter().any(|known| known.words == words)
        {
            at_node.push(SurfaceForm { words, name });
        }
    }

    /// The name that a [`Hit`] points to.
    pub fn name(&self, hit: Hit) -> Option<&KnownName> {
        self.names.get(hit.name)
    }

    /// The longest name at each token, left to right, none inside another.
    pub fn find(&self, sentence: &TokenizedSentence<'_>) -> Vec<Hit> {
        let mut hits = Vec::new();
        let mut first = 0;
        while first < sentence.tokens.len() {
            match self.longest_at(sentence, first) {
                Some(hit) => {
                    first = hit.last + 1;
                    hits.push(hit);
                }
                None => first += 1,
            }
        }
        hits
    }

    /// The name whose form is the whole text.
    pub fn get(&self, text: &str, entity_type: EntityType) -> Option<&KnownName> {
        let sentence = TokenizedSentence::new(text);
        let words = name_tokens(text).len();
        self.forms_along(&sentence, 0)
            .filter(|&(last, _)| last + 1 == words)
            .flat_map(|(_, forms)| forms)
            .filter_map(|form| self.names.get(form.name))
            .find(|name| name.entity_type == entity_type)
    }

    fn longest_at(&self, sentence: &TokenizedSentence<'_>, first: usize) -> Option<Hit> {
        self.forms_along(sentence, first)
            .filter_map(|(last, forms)| {
                let form = forms
                    .iter()
                    .find(|form| is_exact(form, sentence, first))
                    .or_else(|| {
                        forms.iter().find(|form| {
                            let is_place = self
                                .names
                                .get(form.name)
                                .is_some_and(|name| name.entity_type == EntityType::Loc);
                            has_case_of(form, sentence, first, is_place)
                        })
                    })?;
                // In a diplomatic statement "Jordan" or "Chad" is the country before it is a person.
                let weak = self
                    .names
                    .get(form.name)
                    .is_some_and(|name| name.is_weak && name.code.is_none())
                    && form.words.len() == 1;
                let doubtful = sentence.is_title || sentence.is_first_word(first);
                (!(weak && doubtful)).then_some(Hit {
                    first,
                    last,
                    name: form.name,
                })
            })
            .last()
    }

    /// The nodes with forms on the way down from token `first`, each with the index of its last token.
    fn forms_along<'a>(
        &'a self,
        sentence: &'a TokenizedSentence<'_>,
        first: usize,
    ) -> impl Iterator<Item = (usize, &'a [SurfaceForm])> {
        let mut node = 0;
        sentence
            .tokens
            .iter()
            .enumerate()
            .skip(first)
            .map_while(move |(last, token): (usize, &Token)| {
                node = *self.edges.get(&(node, token.key))?;
                Some((
                    last,
                    self.forms.get(node as usize).map_or(&[][..], Vec::as_slice),
                ))
            })
            .filter(|(_, forms)| !forms.is_empty())
    }
}

/// The known names of a sentence, by token.
#[derive(Clone, Copy)]
pub(super) struct SentenceHits<'a> {
    pub sentence: &'a TokenizedSentence<'a>,
    pub hits: &'a [Hit],
    pub gazetteer: &'a Gazetteer,
}

impl<'a> SentenceHits<'a> {
    /// The known name that holds a token.
    pub fn at(&self, token: usize) -> Option<(Hit, &'a KnownName)> {
        let index = self.hits.partition_point(|hit| hit.last < token);
        let hit = *self.hits.get(index).filter(|hit| hit.first <= token)?;
        Some((hit, self.gazetteer.name(hit)?))
    }

    pub fn type_at(&self, token: usize) -> Option<EntityType> {
        self.at(token).map(|(_, name)| name.entity_type)
    }
}

/// The tokens of a name by itself, where the stop of a last initial is not a full stop: "U. S."
fn name_tokens(name: &str) -> Vec<Token> {
    let mut tokens = tokenize(name);
    if let [.., initial, stop] = tokens.as_slice()
        && initial.span.len() == 1
        && stop.span.of(name) == "."
    {
        tokens.pop();
    }
    tokens
}

fn is_exact(form: &SurfaceForm, sentence: &TokenizedSentence<'_>, first: usize) -> bool {
    form.words
        .iter()
        .enumerate()
        .all(|(i, word)| same(word, sentence.word(first + i)))
}

/// Whether the text may write the form so: capitals throughout, or a lower-case word after the first
/// ("Framework convention", but not for places: "Pacific region" is not a name); an acronym only as it is.
fn has_case_of(
    form: &SurfaceForm,
    sentence: &TokenizedSentence<'_>,
    first: usize,
    is_place: bool,
) -> bool {
    let letters: usize = form.words.iter().map(|word| word.chars().count()).sum();
    let is_shouting = |token: Option<usize>| {
        token
            .and_then(|i| sentence.tokens.get(i))
            .is_some_and(|t| t.shape == TokenShape::Acronym && !t.glued)
    };
    let among_capitals = sentence.is_title
        || letters >= 6
        || is_shouting(first.checked_sub(1))
        || is_shouting(Some(first + form.words.len()));
    form.words.iter().enumerate().all(|(i, word)| {
        let text = sentence.word(first + i);
        if same(word, text) {
            return true;
        }
        let shape = sentence.tokens.get(first + i).map(|token| token.shape);
        let is_acronym = word.chars().filter(|c| c.is_uppercase()).count() > 1;
        let shouted = shape == Some(TokenShape::Acronym) && letters >= 4 && among_capitals;
        let single = word.chars().count() == 1;
        let small = i > 0 && !is_place && shape != Some(TokenShape::Acronym);
        !(is_acronym || single && i == 0) && (shouted || small)
    })
}

fn same(word: &str, text: &str) -> bool {
    word == text
        || word.chars().eq(text.chars().map(plain))
        || word.strip_suffix('.').is_some_and(|w| w == text)
        || text.strip_suffix('.').is_some_and(|t| t == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gazetteer() -> Gazetteer {
        let mut gazetteer = Gazetteer::default();
        for (canonical, forms) in [
            (
                "South Korea",
                vec!["South Korea", "Republic of Korea", "ROK"],
            ),
            ("United States", vec!["United States", "US", "U.S."]),
            ("Korean Peninsula", vec!["Korean Peninsula"]),
            ("Côte d'Ivoire", vec!["Côte d'Ivoire"]),
        ] {
            gazetteer.add(KnownName::new(EntityType::Gpe, canonical), forms);
        }
        gazetteer
    }

    fn found(text: &str) -> Vec<String> {
        let gazetteer = gazetteer();
        let sentence = TokenizedSentence::new(text);
        gazetteer
            .find(&sentence)
            .iter()
            .map(|hit| sentence.span(hit.first, hit.last).of(text).to_string())
            .collect()
    }

    #[test]
    fn finds_whole_words_in_every_dress() {
        assert_eq!(
            found("The U.S.-ROK pact, the Korean peninsula"),
            ["U.S.", "ROK", "Korean peninsula"]
        );
        assert_eq!(found("REPUBLIC OF KOREA"), ["REPUBLIC OF KOREA"]);
        assert_eq!(found("Côte d’Ivoire"), ["Côte d’Ivoire"]);
        assert_eq!(found("Republic of\nKorea"), ["Republic of\nKorea"]);
        assert!(found("Tell us of the rok and USSR").is_empty());
    }
}
