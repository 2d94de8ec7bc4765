//! Which people, bodies, places, events, instruments and dates does a sentence name?
//!
//! By rules: gazetteers of known names, heads that make names ("... Agreement", "Ministry of ..."), titles before
//! people, acronyms that the document defines itself, patterns of dates and numbered resolutions. All words are data:
//! `models/places.toml`, `models/names.toml`, `models/entities.toml`, `models/dates.toml`.
//!
//! [`EntityGrammar::find`] yields [`Mention`]s; a model may yield more; [`EntityGrammar::resolve`] makes [`Entity`]s
//! of both, none of which overlap.

mod acronyms;
mod countries;
mod data;
mod dates;
mod extent;
mod gazetteer;
mod grammar;
mod marking;
mod mention;
mod names;
mod numbered;
mod people;
mod resolve;
mod roles;
#[cfg(test)]
mod tests;
mod token;

pub use data::country_names;
pub use grammar::EntityGrammar;
pub use mention::{Entity, EntityType, Mention, MentionSource};
