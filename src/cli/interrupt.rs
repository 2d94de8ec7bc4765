//! What Ctrl-C (SIGINT), SIGTERM and a terminal that goes away (SIGHUP) do: the run ends after its window, with everything written that is there. The second
//! one ends it at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use super::exit::Exit;

/// How long a wait goes on without looking at the signals.
const PAUSE: Duration = Duration::from_millis(50);

/// SIGHUP, unless whoever started the program wants it ignored: `nohup` lets a run outlive its terminal. Where that cannot
/// be seen, the signal keeps its own meaning.
#[cfg(unix)]
fn hangup() -> Option<i32> {
    use signal_hook::consts::SIGHUP;
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let ignored = status.lines().find_map(|l| l.strip_prefix("SigIgn:"))?;
    let ignored = u64::from_str_radix(ignored.trim(), 16).ok()?;
    (ignored & (1 << (SIGHUP - 1)) == 0).then_some(SIGHUP)
}

/// There is none.
#[cfg(not(unix))]
fn hangup() -> Option<i32> {
    None
}

/// Whether the user wants the run to end.
pub(super) struct Interrupt {
    /// True once they do.
    pub stop: Arc<AtomicBool>,
    signal: Arc<AtomicUsize>,
}

impl Interrupt {
    /// Listens from now on. Where the system knows no signals, nothing comes.
    pub fn listen() -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let signal = Arc::new(AtomicUsize::new(0));
        let hangup = hangup().map(|number| (number, Exit::Terminated));
        let others = [(SIGTERM, Exit::Terminated), (SIGINT, Exit::Interrupted)];
        for (number, exit) in hangup.into_iter().chain(others) {
            // The order matters: the first signal must find the flag down.
            let _ = flag::register_conditional_shutdown(number, exit as i32, Arc::clone(&stop));
            let _ = flag::register_usize(number, Arc::clone(&signal), exit as usize);
            let _ = flag::register(number, Arc::clone(&stop));
        }
        Self { stop, signal }
    }

    /// How the run ends if it was interrupted.
    pub fn exit(&self) -> Option<Exit> {
        let exit = self.signal.load(Ordering::Relaxed);
        if !self.stop.load(Ordering::Relaxed) {
            None
        } else if exit == Exit::Terminated as usize {
            Some(Exit::Terminated)
        } else {
            Some(Exit::Interrupted)
        }
    }

    /// Waits, unless interrupted.
    pub fn wait(&self, time: Duration) {
        let start = Instant::now();
        while self.exit().is_none() && start.elapsed() < time {
            std::thread::sleep(PAUSE.min(time));
        }
    }
}
