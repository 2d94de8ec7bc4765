//! How a run ends.

/// The exit code of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Everything was done.
    Done = 0,
    /// Some statements failed; the others were analysed.
    SomeFailed = 1,
    /// The command line is wrong.
    Usage = 2,
    /// Settings, taxonomy, model or output folder are wrong.
    Settings = 3,
    /// Nothing was analysed.
    Nothing = 4,
    /// The user stopped it (SIGINT).
    Interrupted = 130,
    /// The system stopped it (SIGTERM).
    Terminated = 143,
}

impl Exit {
    /// How a run ends that analysed so many statements and failed on so many.
    pub const fn after(documents: usize, failures: usize) -> Self {
        match (documents, failures) {
            (0, _) => Self::Nothing,
            (_, 0) => Self::Done,
            _ => Self::SomeFailed,
        }
    }
}
