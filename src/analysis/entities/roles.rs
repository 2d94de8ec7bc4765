//! What a single word does in a name: head it, join its parts, or never belong to one.

use std::collections::{HashMap, HashSet};

use super::data::Rules;
use super::mention::EntityType;
use super::token::{key, keys};

/// What a word does in a name.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Role {
    pub head: Option<EntityType>,
    pub is_national: bool,
    pub is_generic: bool,
    pub is_function: bool,
    pub is_possessive: bool,
    pub is_not_acronym: bool,
    pub is_calendar: bool,
    pub is_opening: bool,
    pub is_short: bool,
    pub ends_bracket: bool,
}

/// The roles of all words that have one, by key.
#[derive(Debug)]
pub(super) struct WordRoles {
    roles: HashMap<u64, Role>,
    /// The prepositions that may follow a head of each type.
    pub after: HashMap<EntityType, HashSet<u64>>,
    /// The prepositions that may stand further on in a name.
    pub inner: HashSet<u64>,
    pub and: u64,
    pub r#in: u64,
}

/// Words, and the role to note of each.
type RoleList<'a> = (&'a [String], fn(&mut Role));

impl WordRoles {
    pub fn new(rules: &Rules, calendar: &[String]) -> Self {
        let words = &rules.words;
        let mut roles: HashMap<u64, Role> = HashMap::new();
        let mut after = HashMap::new();
        for rule in &rules.head {
            for word in &rule.words {
                let role = roles.entry(key(word)).or_default();
                role.head.get_or_insert(rule.entity_type);
            }
            for word in &rule.national {
                roles.entry(key(word)).or_default().is_national = true;
            }
            after.insert(rule.entity_type, keys(&rule.after));
        }
        let flags: [RoleList<'_>; 8] = [
            (&words.generic, |role| role.is_generic = true),
            (&words.function, |role| role.is_function = true),
            (&words.possessive, |role| role.is_possessive = true),
            (&words.opening, |role| role.is_opening = true),
            (&words.short, |role| role.is_short = true),
            (&words.bracket, |role| role.ends_bracket = true),
            (&rules.acronyms.not, |role| role.is_not_acronym = true),
            (calendar, |role| role.is_calendar = true),
        ];
        for (list, set) in flags {
            for word in list {
                set(roles.entry(key(word)).or_default());
            }
        }
        Self {
            roles,
            after,
            inner: ["of", "for", "on", "to", "against"].map(key).into(),
            and: key("and"),
            r#in: key("in"),
        }
    }

    pub fn of(&self, key: u64) -> Role {
        self.roles.get(&key).copied().unwrap_or_default()
    }

    /// The type that a word gives to the name it heads.
    pub fn head_type(&self, key: u64) -> Option<EntityType> {
        self.of(key).head
    }

    /// Whether the word may not begin or end a name.
    pub fn is_function(&self, key: u64) -> bool {
        self.of(key).is_function
    }

    /// Whether the word does not say whose or which a thing is: "Joint", "Minister".
    pub fn is_generic(&self, key: u64) -> bool {
        let role = self.of(key);
        role.is_generic || role.head.is_some()
    }

    /// Whether the capitals stand for something other than a body, a treaty or a place: "GDP".
    pub fn is_not_acronym(&self, key: u64) -> bool {
        self.of(key).is_not_acronym
    }
}
