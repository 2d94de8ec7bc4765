//! A run divided among machines: which statements are whose.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Findings;

/// One part of `count`, `i/n` on the command line.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Shard {
    /// Which part, from 1.
    index: u32,
    /// How many parts there are.
    count: u32,
}

impl Shard {
    /// How many parts there are.
    pub const fn count(self) -> u32 {
        self.count
    }

    /// All parts of so many.
    pub fn all(count: u32) -> impl Iterator<Item = Self> {
        (1..=count).map(move |index| Self { index, count })
    }

    /// Whether this part has the statement of this id. A digest decides, so that the parts are of similar size and a
    /// statement stays where it is when others are added.
    pub fn holds(self, doc_id: &str) -> bool {
        let digest = Sha256::digest(doc_id.as_bytes());
        let number = digest
            .iter()
            .take(8)
            .fold(0_u64, |n, byte| n << 8 | u64::from(*byte));
        number % u64::from(self.count) == u64::from(self.index - 1)
    }

    /// Keeps only the statements and failures of this part in `findings`.
    pub fn restrict(self, findings: &mut Findings) {
        findings
            .statements
            .retain(|found| self.holds(&found.doc_id));
        findings
            .failures
            .retain(|(path, _)| self.holds(&path.to_string_lossy()));
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/');
        let numbers = parts.and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
        match numbers {
            Some((index, count)) if 1 <= index && index <= count => Ok(Self { index, count }),
            _ => Err("a shard is i/n, from 1/n to n/n".into()),
        }
    }
}

impl TryFrom<String> for Shard {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> Self {
        shard.to_string()
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}
