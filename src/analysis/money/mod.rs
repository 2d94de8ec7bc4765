//! Which sums of money does a sentence name?
//!
//! ```text
//! sentence --anchors--> the parts where a currency may be named --lexer--> tokens
//!   --mentions--> currencies   --numbers--> quantities   --sums--> sums, ranges, lists
//!   --surroundings--> qualifiers, periods, equivalents --> Vec<Money>
//! ```
//!
//! The words are in `models/currencies.toml`; here is only how they go together.

mod context;
mod data;
mod expression;
mod forms;
mod grammar;
mod items;
mod lexer;
mod lexicon;
mod mentions;
mod numbers;
mod phrases;
mod sentence;
mod sums;
mod surroundings;
#[cfg(test)]
mod tests;
mod words;

pub use context::CurrencyContext;
pub use expression::{CurrencyBasis, Money, Qualifier};
pub use grammar::MoneyGrammar;
