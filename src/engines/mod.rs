//! Engines: whatever reads sentences and says their themes and the names in them.

mod engine;
mod load;
pub mod manifest;
mod minilm;
mod rules;
#[cfg(feature = "rust-bert")]
mod rust_bert;
mod settings;
mod tagging;

pub use engine::{Engine, Reading};
pub use minilm::MinilmEngine;
pub use rules::RulesEngine;
pub use settings::{Device, EngineKind, EngineSettings, ModelSettings};

#[cfg(test)]
mod tests;
