//! `demarche analyze -` on JSON Lines: one object per line in, one per line out, in the same order, as soon as may be.
//!
//! A thread reads lines; what lies ready, up to a window, is read together and answered before the next wait: full windows
//! while lines come fast, no delay while they come slowly.

use std::io::{self, BufRead, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use crate::analysis::{Failure, Stage};
use crate::cli::exit::Exit;
use crate::cli::interrupt::Interrupt;
use crate::cli::prepare::Prepared;
use crate::cli::terminal::{Terminal, stdout_error};
use crate::error::{Error, Result};
use crate::input::{self, Found};
use crate::open::MEGABYTE;
use crate::output::rows::FailureRow;
use crate::output::summary::Summary;
use crate::output::{Finished, Provenance, write_line};
use crate::pipeline::{Pipeline, WINDOW, WINDOW_BYTES};

/// How long the wait for a line goes on without looking at the signals.
const PAUSE: Duration = Duration::from_millis(50);

/// The first byte on standard input that is not white space; it is not consumed. None for empty input.
pub(super) fn first_byte() -> Option<u8> {
    let mut stdin = io::stdin().lock();
    let begin = stdin.fill_buf().unwrap_or_default();
    let begin = begin.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(begin);
    begin.trim_ascii_start().first().copied()
}

pub(super) fn run(terminal: Terminal, prepared: &Prepared) -> Result<Exit> {
    let mut pipeline = prepared.pipeline()?;
    prepared
        .pool
        .install(|| answer_all(terminal, &mut pipeline, &prepared.provenance))
}

/// Answers line by line until the stream ends or the user ends it.
fn answer_all(
    terminal: Terminal,
    pipeline: &mut Pipeline,
    provenance: &Provenance,
) -> Result<Exit> {
    let interrupt = Interrupt::listen();
    terminal.warn(&pipeline.notes());
    let megabytes = provenance.max_megabytes;
    let (send, lines) = sync_channel(WINDOW);
    let waiting = Arc::new(AtomicU64::new(0));
    let queue = Arc::clone(&waiting);
    // Not waited for: it may be waiting for a line that never comes.
    std::thread::spawn(move || read_lines(megabytes, &queue, &send));
    let mut summary = Summary::default();
    while interrupt.exit().is_none() {
        let lines = match next_lines(&lines, &waiting) {
            Ok(lines) => lines,
            Err(RecvTimeoutError::Timeout) => continue,
            Err(RecvTimeoutError::Disconnected) => break,
        };
        answer(lines, pipeline, provenance, &mut summary)?;
    }
    terminal.summary(&summary);
    Ok(match interrupt.exit() {
        Some(exit) => exit,
        // Nothing in, nothing out.
        None if summary.documents() + summary.failures() == 0 => Exit::Done,
        None => Exit::after(summary.documents(), summary.failures()),
    })
}

/// A line of the stream: a statement, or why it is not one.
type StreamLine = Result<Found, Failure>;

/// Reads until the stream ends, or until nobody wants more; not further ahead of the engine than a window. `waiting` are
/// the bytes that were read and not yet answered.
fn read_lines(megabytes: u64, waiting: &AtomicU64, to: &SyncSender<StreamLine>) {
    let mut stdin = io::stdin().lock();
    let most = megabytes.saturating_mul(MEGABYTE);
    for number in 1.. {
        while waiting.load(Ordering::Relaxed) > WINDOW_BYTES {
            std::thread::sleep(PAUSE / 10);
        }
        let mut bytes = Vec::new();
        let read = stdin
            .by_ref()
            .take(most.saturating_add(1))
            .read_until(b'\n', &mut bytes);
        let place = format!("-#line{number}");
        let line = match read {
            Ok(0) => return,
            Ok(length) if length as u64 > most => {
                if bytes.last() != Some(&b'\n') {
                    skip_line(&mut stdin);
                }
                Err(failure(
                    &place,
                    &Error::TooLarge {
                        path: place.clone().into(),
                        megabytes: megabytes + 1,
                        limit: megabytes,
                    },
                ))
            }
            Ok(_) if bytes.trim_ascii().is_empty() => continue,
            Ok(_) => input::stdin_line(bytes, number).map_err(|error| failure(&place, &error)),
            Err(source) => {
                let path = PathBuf::from("-");
                let _ = to.send(Err(failure("-", &Error::Read { path, source })));
                return;
            }
        };
        waiting.fetch_add(size(&line), Ordering::Relaxed);
        if to.send(line).is_err() {
            return;
        }
    }
}

fn size(line: &StreamLine) -> u64 {
    line.as_ref().map_or(0, Found::size)
}

fn failure(path: &str, error: &Error) -> Failure {
    Failure::new(Path::new(path), Stage::Read, error)
}

/// Drops what is left of a line.
fn skip_line(from: &mut impl BufRead) {
    while let Ok(part) = from.fill_buf() {
        let end = part.iter().position(|byte| *byte == b'\n');
        let (length, is_end) = end.map_or((part.len(), part.is_empty()), |at| (at + 1, true));
        from.consume(length);
        if is_end {
            return;
        }
    }
}

/// Waits for a line, and takes what lies ready behind it.
fn next_lines(
    from: &Receiver<StreamLine>,
    waiting: &AtomicU64,
) -> Result<Vec<StreamLine>, RecvTimeoutError> {
    let mut lines = vec![from.recv_timeout(PAUSE)?];
    let mut bytes: u64 = lines.iter().map(size).sum();
    while lines.len() < WINDOW && bytes < WINDOW_BYTES {
        let Ok(line) = from.try_recv() else { break };
        bytes += size(&line);
        lines.push(line);
    }
    waiting.fetch_sub(bytes, Ordering::Relaxed);
    Ok(lines)
}

fn answer(
    lines: Vec<StreamLine>,
    pipeline: &mut Pipeline,
    provenance: &Provenance,
    summary: &mut Summary,
) -> Result<()> {
    let mut statements = Vec::new();
    let lines: Vec<Result<(), Failure>> = lines
        .into_iter()
        .map(|line| line.map(|found| statements.push(found)))
        .collect();
    let taxonomy = pipeline.taxonomy().clone();
    let mut outcomes = Vec::new();
    pipeline.run(&statements, &mut |outcome| {
        outcomes.push(outcome);
        Ok(())
    })?;
    let mut outcomes = outcomes.into_iter();
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in lines {
        let outcome = line.and_then(|()| outcomes.next().transpose());
        let written = match outcome {
            Ok(None) => continue,
            Ok(Some(analysis)) => {
                let tables = Finished::new(analysis, &taxonomy).tables;
                summary.add(&tables, false);
                write_line(&mut out, provenance, Ok(&tables))
            }
            Err(failure) => {
                let failure = FailureRow::from(&failure);
                summary.add_failure(&failure);
                write_line(&mut out, provenance, Err(&failure))
            }
        };
        written.map_err(stdout_error)?;
    }
    out.flush().map_err(stdout_error)
}
