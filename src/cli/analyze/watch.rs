//! Waiting for statements to come, change or go.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::cli::interrupt::Interrupt;
use crate::input::{Stamp, snapshot};

/// How often it looks, and how long nothing must have changed before it begins: files take a while to arrive.
const LOOK: Duration = Duration::from_secs(1);

/// The files that a run depends on, as they were last seen.
pub(super) struct Watch {
    files: Vec<PathBuf>,
    seen: BTreeMap<PathBuf, Option<Stamp>>,
}

impl Watch {
    /// Looks at these files, so that what changes from now on is noticed; without files there is nothing to see.
    pub fn new(files: Option<Vec<PathBuf>>) -> Self {
        let files = files.unwrap_or_default();
        Self {
            seen: snapshot(&files),
            files,
        }
    }

    /// Waits until the files are others than they were, and then until they stay as they are. Whether there is a
    /// change: not when the user wants to end.
    pub fn wait_for_change(&mut self, interrupt: &Interrupt) -> bool {
        let before = self.seen.clone();
        let mut look = Duration::ZERO;
        loop {
            // To look at a large archive takes a while, too.
            interrupt.wait(LOOK.max(5 * look));
            if interrupt.exit().is_some() {
                return false;
            }
            let start = Instant::now();
            let now = snapshot(&self.files);
            look = start.elapsed();
            let is_still = now == self.seen;
            self.seen = now;
            if interrupt.exit().is_some() {
                return false;
            }
            if is_still && self.seen != before {
                return true;
            }
        }
    }
}
