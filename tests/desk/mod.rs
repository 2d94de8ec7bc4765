//! A desk to try the real binary on: a folder of its own, with statements and reports.

#![allow(dead_code)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Output, Stdio};
use std::sync::LazyLock;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use assert_cmd::Command;
use demarche::folder::HIDDEN;
use tempfile::TempDir;

/// After this a program that a test waits for is taken to hang. Nothing else depends on it.
pub const LIMIT: Duration = Duration::from_secs(600);

/// Whether `env` can undo that a signal is ignored: what runs behind `&` in a script or under `nohup` hands that down.
static RESETS_SIGNALS: LazyLock<bool> = LazyLock::new(|| {
    let mut env = std::process::Command::new("env");
    let output = env.args(["--default-signal=INT,HUP,TERM", "true"]).output();
    output.is_ok_and(|output| output.status.success())
});

/// A small statement.
pub const STATEMENT: &str = "\
SEOUL, 14 May 2025 (TDI): The Foreign Ministers of Japan and the Republic of Korea (ROK) met today.

Strengthening economic ties

Japan will provide $60 million for supply chains and trade. The ROK welcomed the decision.

Also Read: Tokyo and Seoul look ahead
";

/// A folder with an `in` for statements; `out` is where reports go.
pub struct Desk {
    pub root: TempDir,
}

impl Desk {
    pub fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("in")).unwrap();
        Self { root }
    }

    pub fn with_statement() -> Self {
        let desk = Self::new();
        desk.put("in/good.txt", STATEMENT);
        desk
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    pub fn put(&self, name: &str, content: impl AsRef<[u8]>) -> &Self {
        fs::write(self.path(name), content).unwrap();
        self
    }

    /// Fills `in` with `count` small statements, each another; those from `changed` on are others than with another
    /// `changed`.
    pub fn put_archive(&self, count: usize, changed: usize) -> &Self {
        for number in 0..count {
            let sum = if number < changed { 60 } else { 75 };
            let text = STATEMENT
                .replace("$60", &format!("${sum}.{number:03}"))
                .replace(
                    "trade.",
                    &"trade, health and the climate. They met in Suva. ".repeat(1 + number % 7),
                );
            fs::create_dir_all(self.path(&format!("in/{}", number % 3))).unwrap();
            self.put(&format!("in/{}/s{number:04}.txt", number % 3), text);
        }
        self
    }

    /// The program, to be started and watched while it runs, with [`limit`]. It ignores no signal from the start.
    pub fn program(&self, arguments: &str) -> std::process::Command {
        let program = assert_cmd::cargo::cargo_bin("demarche");
        let mut command;
        if *RESETS_SIGNALS {
            command = std::process::Command::new("env");
            command.arg("--default-signal=INT,HUP,TERM").arg(program);
        } else {
            command = std::process::Command::new(program);
        }
        command
            .current_dir(self.root.path())
            .args(arguments.split(' '))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub fn demarche(&self) -> Command {
        let mut command = Command::cargo_bin("demarche").unwrap();
        command.current_dir(self.root.path()).timeout(LIMIT);
        command
    }

    /// Runs a line of the shell.
    pub fn shell(&self, line: &str) -> Output {
        self.other("bash", &["-c", line])
    }

    /// Runs another program.
    pub fn other(&self, program: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.root.path());
        command.timeout(LIMIT).output().unwrap()
    }

    /// Runs with these arguments, which a space separates.
    pub fn run(&self, arguments: &str) -> Output {
        self.demarche().args(arguments.split(' ')).output().unwrap()
    }

    /// Runs with these arguments, which a space separates, on this standard input.
    pub fn answer(&self, arguments: &str, input: impl Into<Vec<u8>>) -> Output {
        let mut program = self.demarche();
        program.args(arguments.split(' ')).write_stdin(input);
        program.output().unwrap()
    }

    pub fn rows(&self, table: &str) -> Vec<csv::StringRecord> {
        self.records(&format!("out/{table}.csv"))
    }

    pub fn records(&self, file: &str) -> Vec<csv::StringRecord> {
        csv::Reader::from_path(self.path(file))
            .unwrap()
            .records()
            .map(Result::unwrap)
            .collect()
    }
}

pub fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Every report in a folder and below it, with its bytes; without what the program keeps for itself.
pub fn read_tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    walkdir::WalkDir::new(folder)
        .into_iter()
        .filter_entry(|entry| entry.file_name() != HIDDEN)
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let name = entry.path().strip_prefix(folder).unwrap().to_path_buf();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect()
}

/// Sends a signal to a process.
#[cfg(unix)]
pub fn signal(child: &std::process::Child, signal: rustix::process::Signal) {
    let process = rustix::process::Pid::from_child(child);
    rustix::process::kill_process(process, signal).unwrap();
}

/// Kills a program that still runs after [`LIMIT`], so that whoever waits for it goes on. It holds until it is dropped.
#[cfg(unix)]
#[must_use]
pub fn limit(child: &Child) -> Sender<()> {
    let process = rustix::process::Pid::from_child(child);
    let (held, ends) = channel();
    std::thread::spawn(move || {
        if ends.recv_timeout(LIMIT) == Err(RecvTimeoutError::Timeout) {
            let _ = rustix::process::kill_process(process, rustix::process::Signal::KILL);
        }
    });
    held
}

/// Waits until something is so; not forever.
pub fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < LIMIT, "never: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// How many results a run keeps for the next one.
pub fn kept(out: &Path) -> usize {
    let cache = out.join(HIDDEN).join("cache");
    let entries = walkdir::WalkDir::new(cache).into_iter().flatten();
    entries.filter(|entry| entry.file_type().is_file()).count()
}
