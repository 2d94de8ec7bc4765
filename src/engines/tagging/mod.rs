//! From sentences to words and windows, and from logits back to names: what every engine with weights shares.
//!
//! ```text
//! sentences --Words::split--> words, pieces --windows::plan--> windows --a network--> logits
//!   --Transitions::names--> names --join--> mentions
//! ```

pub(super) mod decode;
pub(super) mod join;
pub(super) mod windows;
pub(super) mod words;

use crate::analysis::entities::EntityType;
use crate::error::{Error, Result};

/// The mark of one word: outside every name, or the first or a later word of one (the BIO scheme of Ramshaw and
/// Marcus, 1995).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    Outside,
    Begin(EntityType),
    Inside(EntityType),
}

impl std::str::FromStr for Tag {
    type Err = Error;

    fn from_str(tag: &str) -> Result<Self> {
        match tag.split_once('-') {
            None if tag == "O" => Ok(Self::Outside),
            Some(("B", name)) => Ok(Self::Begin(name.parse()?)),
            Some(("I", name)) => Ok(Self::Inside(name.parse()?)),
            _ => Err(Error::data(tag, "not a tag: expected O, B-TYPE or I-TYPE")),
        }
    }
}

/// The place of a tag among `tags`; 0, which is [`Tag::Outside`], where it is not among them.
pub(super) fn position(tags: &[Tag], tag: Tag) -> usize {
    tags.iter().position(|known| *known == tag).unwrap_or(0)
}
