//! Formats that a library parses, read in a process of their own: one file cannot stop the others.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::InputFormat;
use super::formats::Content;
use super::readers::text::decode;
use crate::document::Decoded;
use crate::error::{Error, Result};

/// The name of the hidden command that reads one file from standard input.
pub const EXTRACT_COMMAND: &str = "extract-text";

/// Text with more bytes is refused: no statement is as long.
const MOST_TEXT: u64 = 200_000_000;

/// How much memory reading one file may take, in bytes of address space.
#[cfg(unix)]
const MOST_MEMORY: u64 = 3 << 30;

/// How much processor time reading one file may take; more than the time limit, which is reported more clearly.
#[cfg(unix)]
const MOST_PROCESSOR_SECONDS: u64 = 120;

/// Deeply nested files need much stack; beyond this they fail.
const STACK: usize = 64 << 20;

/// What reading one file may cost.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Larger files are refused.
    pub max_megabytes: u64,
    /// How long a web page, a PDF or a Word document may take.
    pub seconds: u64,
    /// The program that reads those in a process of its own, usually this one. Without it they are read here, where
    /// nothing stops a file that makes a library loop.
    pub helper: Option<PathBuf>,
}

impl Limits {
    /// The usual limits, without a helper.
    pub const fn new(max_megabytes: u64) -> Self {
        Self {
            max_megabytes,
            seconds: 60,
            helper: None,
        }
    }
}

/// The text of a file that holds nothing else.
pub(super) fn text(bytes: &[u8], path: &Path) -> Result<Decoded> {
    decode(bytes).map_err(|looks_like| Error::NotText {
        path: path.into(),
        looks_like,
        formats: InputFormat::of_one_statement(),
    })
}

/// What `read` makes of `bytes`, in a process of its own where there is a helper.
pub(super) fn parsed(
    format: InputFormat,
    read: fn(&[u8]) -> Result<Decoded, String>,
    bytes: &[u8],
    path: &Path,
    limits: &Limits,
) -> Result<Decoded> {
    let read = match &limits.helper {
        Some(helper) => outside(helper, format, bytes, Duration::from_secs(limits.seconds)),
        None => read(bytes),
    };
    read.map_err(|reason| Error::Extract {
        path: path.into(),
        format: format.profile().a_file,
        reason,
    })
}

/// Reads `bytes` in this process.
///
/// # Errors
/// With the reason, when they cannot be read.
pub fn extract_here(format: InputFormat, bytes: &[u8]) -> Result<Decoded, String> {
    match format.profile().content {
        Content::Parsed(read) => read(bytes),
        Content::Text { .. } | Content::Records(_) | Content::Files => {
            Err("it is not a format that needs a reader".into())
        }
    }
}

fn outside(
    helper: &Path,
    format: InputFormat,
    bytes: &[u8],
    limit: Duration,
) -> Result<Decoded, String> {
    let failed = |error: std::io::Error| format!("its reader could not be started: {error}");
    let mut command = Command::new(helper);
    command
        .args([EXTRACT_COMMAND, &format.id()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    // Ctrl-C is for the program itself, which finishes what it has begun, not for the processes that read for it.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn().map_err(failed)?;
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let answer = std::thread::scope(|scope| {
        // A reader that dies does not take all of its input, which shows in its answer.
        scope.spawn(|| stdin.map(|mut stdin| stdin.write_all(bytes)));
        let answer = scope.spawn(|| {
            let mut answer = Vec::new();
            stdout.map(|stdout| stdout.take(MOST_TEXT).read_to_end(&mut answer));
            answer
        });
        let ended = wait(&mut child, limit);
        // Ends the threads, which wait for the pipes.
        let _ = child.kill();
        let _ = child.wait();
        let answer = answer.join().unwrap_or_default();
        ended.map(|()| answer)
    })?;
    serde_json::from_slice::<Result<Decoded, String>>(&answer)
        .unwrap_or_else(|_| Err("its reader broke down, or needed too much memory".into()))
}

fn wait(child: &mut Child, limit: Duration) -> Result<(), String> {
    let start = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        match child.try_wait() {
            Ok(Some(_)) => return Ok(()),
            Ok(None) if start.elapsed() > limit => {
                return Err(format!("it took longer than {} seconds", limit.as_secs()));
            }
            Ok(None) => {
                std::thread::sleep(pause);
                pause = (pause * 2).min(Duration::from_millis(20));
            }
            Err(error) => return Err(error.to_string()),
        }
    }
}

/// The hidden command: reads a file of this format from standard input and writes what it holds, as JSON.
///
/// # Errors
/// When standard input or output fail.
pub fn serve(format: InputFormat) -> std::io::Result<()> {
    limit_resources();
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes)?;
    let reader = std::thread::Builder::new()
        .stack_size(STACK)
        .spawn(move || extract_here(format, &bytes))?;
    let read = reader
        .join()
        .unwrap_or_else(|_| Err("it is malformed: its reader gave up".into()));
    let answer = serde_json::to_vec(&read)?;
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(&answer)?;
    stdout.flush()
}

/// A file that needs more fails alone and does not slow the machine down, even when the program that waits for it has
/// been killed.
fn limit_resources() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        for (resource, most) in [
            (Resource::As, MOST_MEMORY),
            (Resource::Cpu, MOST_PROCESSOR_SECONDS),
        ] {
            let limit = Rlimit {
                current: Some(most),
                maximum: getrlimit(resource).maximum,
            };
            // Where the system does not allow it the time limit still holds.
            let _ = setrlimit(resource, limit);
        }
    }
}
