//! What can go wrong, in words that name the file and say what to do next.

use std::path::PathBuf;

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error whose message names the file concerned; [`Error::hint`] says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A data file (compiled in, or given by the user) does not hold what it should.
    #[error("{file}: {reason}")]
    Data {
        /// The file as the user knows it, e.g. `models/themes.toml`.
        file: String,
        /// What is wrong in it.
        reason: String,
    },
    /// A file or folder could not be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl Error {
    /// An [`Error::Data`] from anything that can say what is wrong.
    pub fn data(file: impl Into<String>, reason: impl ToString) -> Self {
        Self::Data {
            file: file.into(),
            reason: reason.to_string(),
        }
    }
}
