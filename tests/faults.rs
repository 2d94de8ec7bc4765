//! What the world does to a run: a full disk, a folder that goes away, Ctrl-C, no network. Nothing is lost but what was
//! hit, and the reports that were there stay whole.
//!
//! Some of it needs what not every machine has; it is then listed as ignored, not as passed, and said.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr)]

#[cfg(unix)]
mod desk;

#[cfg(unix)]
fn main() {
    use libtest_mimic::{Arguments, Trial};

    let arguments = Arguments::from_args();
    let can_mount = unix::can_mount();
    if !can_mount {
        eprintln!(
            "NOT RUN: a full disk, because no small disk can be mounted here (`unshare -rm`)"
        );
    }
    let mut trials = vec![
        Trial::test("a_full_disk_costs_no_report", unix::trial(unix::full_disk))
            .with_ignored_flag(!can_mount),
        Trial::test(
            "an_output_folder_that_goes_away_ends_the_run",
            unix::trial(unix::folder_goes_away),
        ),
        Trial::test(
            "ctrl_c_spares_the_readers_of_pages",
            unix::trial(unix::ctrl_c),
        ),
        Trial::test(
            "a_reader_that_is_killed_costs_its_statement",
            unix::trial(unix::killed_reader),
        ),
    ];
    let no_filter = !cfg!(all(
        target_os = "linux",
        any(target_arch = "x86_64", target_arch = "aarch64")
    ));
    if no_filter {
        eprintln!(
            "NOT RUN: no socket is opened, because system calls can only be filtered on Linux"
        );
    }
    trials.push(
        Trial::test("no_socket_is_opened", unix::trial(offline::no_socket))
            .with_ignored_flag(no_filter),
    );
    libtest_mimic::run(&arguments, trials).exit();
}

#[cfg(not(unix))]
fn main() {
    eprintln!("NOT RUN: faults, which are made with the means of Unix");
}

#[cfg(unix)]
mod unix {
    use std::fs;
    use std::process::Command;

    use libtest_mimic::Failed;
    use rustix::process::{Pid, Signal, kill_process_group};
    use serde_json::Value;

    use crate::desk::{Desk, code, kept, limit, read_tree, stderr, stdout, wait_until};

    /// A test that fails by a panic.
    pub fn trial(test: fn()) -> impl FnOnce() -> Result<(), Failed> {
        move || {
            test();
            Ok(())
        }
    }

    pub fn can_mount() -> bool {
        let mount = Command::new("unshare")
            .args(["-rm", "sh", "-c", "mount -t tmpfs -o size=64k tmpfs /tmp"])
            .output();
        mount.is_ok_and(|output| output.status.success())
    }

    pub fn full_disk() {
        let desk = Desk::new();
        desk.put_archive(8, 8);
        let program = assert_cmd::cargo::cargo_bin("demarche");
        let analyze = format!(
            "'{}' analyze in -o disk/out --engine rules --format csv,json",
            program.display()
        );
        fs::rename(desk.path("in"), desk.path("few")).unwrap();
        fs::create_dir_all(desk.path("in")).unwrap();
        desk.put_archive(400, 400);
        fs::rename(desk.path("in"), desk.path("many")).unwrap();
        fs::create_dir_all(desk.path("disk")).unwrap();
        let script = format!(
            "set -e
            mount -t tmpfs -o size=700k tmpfs disk
            cp -r few in; {analyze}; cp -r disk/out before; rm -r in
            cp -r many in; {analyze} 2>full || echo exit $?
            cp -r disk/out after
            mount -o remount,size=100m tmpfs disk
            {analyze}; cp -r disk/out later"
        );
        let output = desk.other("unshare", &["-rm", "sh", "-c", &script]);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        assert!(stdout(&output).contains("exit 3"), "{}", stdout(&output));
        let told = fs::read_to_string(desk.path("full")).unwrap();
        assert!(
            told.contains("cannot write to disk/out") && told.contains("free some space"),
            "{told}"
        );
        assert!(read_tree(&desk.path("after")) == read_tree(&desk.path("before")));
        desk.run("analyze in -o disk/fresh --engine rules --format csv,json");
        assert!(read_tree(&desk.path("later")) == read_tree(&desk.path("disk/fresh")));
    }

    pub fn folder_goes_away() {
        let desk = Desk::new();
        desk.put_archive(600, 600);
        let analyze = "analyze in -o out --engine rules --threads 1";
        let child = desk.program(analyze).spawn().unwrap();
        let _limit = limit(&child);
        wait_until("a first result", || kept(&desk.path("out")) > 0);
        fs::rename(desk.path("out"), desk.path("elsewhere")).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
        assert!(
            stderr(&output).contains("was removed during the run"),
            "{}",
            stderr(&output)
        );
        assert!(kept(&desk.path("elsewhere")) < 600, "it worked on in vain");
        assert!(!desk.path("out").exists(), "something came back");
        assert_eq!(code(&desk.run(analyze)), 0);
        assert_eq!(desk.rows("documents").len(), 600);
    }

    fn put_pages(desk: &Desk, count: usize) {
        for number in 0..count {
            let page = format!(
                "<html><body><h1>Joint statement {number}</h1><p>The ministers of Fiji and Tonga met in Suva and \
                 pledged ${number} million to a fund for the ocean.</p></body></html>"
            );
            desk.put(&format!("in/page{number:03}.html"), page);
        }
    }

    pub fn ctrl_c() {
        use std::os::unix::process::CommandExt;
        let desk = Desk::new();
        put_pages(&desk, 300);
        // A terminal sends the signal to the program and to all that it has started.
        let mut program = desk.program("analyze in -o out --engine rules --threads 2");
        let child = program.process_group(0).spawn().unwrap();
        let _limit = limit(&child);
        wait_until("a first result", || kept(&desk.path("out")) > 0);
        kill_process_group(Pid::from_child(&child), Signal::INT).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{}", stderr(&output));
        let run: Value =
            serde_json::from_slice(&fs::read(desk.path("out/run.json")).unwrap()).unwrap();
        assert_eq!(run["rows"]["failures"], 0, "{}", stderr(&output));
        assert!(run["rows"]["documents"].as_u64().unwrap() > 0);
        assert!(run["not_analysed"].as_u64().unwrap() > 0);
    }

    pub fn killed_reader() {
        let desk = Desk::new();
        put_pages(&desk, 3);
        // Nested so deeply that the reader of this page runs out of stack, and dies.
        desk.put("in/page001.html", "<div>".repeat(3_000_000));
        let output = desk.run("analyze in -o out --engine rules");
        assert_eq!(code(&output), 1, "{}", stderr(&output));
        let failures = desk.rows("failures");
        assert_eq!(failures.len(), 1, "{failures:?}");
        assert_eq!(&failures[0][0], "in/page001.html");
        assert_eq!(desk.rows("documents").len(), 2);
    }
}

#[cfg(unix)]
mod offline {
    #[cfg(not(all(
        target_os = "linux",
        any(target_arch = "x86_64", target_arch = "aarch64")
    )))]
    pub fn no_socket() {}

    /// Whoever asks the kernel for a socket is killed; the program lives.
    #[cfg(all(
        target_os = "linux",
        any(target_arch = "x86_64", target_arch = "aarch64")
    ))]
    pub fn no_socket() {
        use std::os::unix::process::ExitStatusExt;
        use std::process::Command;

        use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter};

        use crate::desk::{Desk, STATEMENT, code, limit, stderr};

        const SOCKET: i64 = if cfg!(target_arch = "x86_64") {
            41
        } else {
            198
        };
        /// Its queues can open sockets too; the number is the same on every architecture.
        const IO_URING_SETUP: i64 = 425;
        const KILLED: i32 = 31;

        let desk = Desk::with_statement();
        desk.put(
            "in/page.html",
            format!("<html><body><p>{STATEMENT}</p></body></html>"),
        );
        let calls = [SOCKET, IO_URING_SETUP].map(|call| (call, Vec::new()));
        let filter = SeccompFilter::new(
            calls.into(),
            SeccompAction::Allow,
            SeccompAction::KillProcess,
            std::env::consts::ARCH.try_into().unwrap(),
        );
        let filter: BpfProgram = filter.unwrap().try_into().unwrap();
        std::thread::scope(|scope| {
            // What this thread starts has its filter.
            scope.spawn(|| {
                apply_filter(&filter).unwrap();
                let mut control = Command::new("bash");
                let control = control.args(["-c", "exec 3<>/dev/tcp/127.0.0.1/9"]).output().unwrap();
                assert_eq!(control.status.signal(), Some(KILLED), "the filter does not work");
                for arguments in [
                    "analyze in -o out --format csv,json,json-lines,xlsx,html,parquet,label-studio,conll,brat,doccano",
                    "analyze in -o out --engine rules --save-text",
                    "analyze in -o part --shard 1/1",
                    "merge part -o merged",
                    "compare in -o compared --format text,csv,json,xlsx,html",
                    "explain good.2 in/good.txt",
                    "cite out",
                ] {
                    let child = desk.program(arguments).spawn().unwrap();
                    let _limit = limit(&child);
                    let output = child.wait_with_output().unwrap();
                    assert_eq!(output.status.signal(), None, "{arguments}: it asked for a socket");
                    assert_eq!(code(&output), 0, "{arguments}: {}", stderr(&output));
                }
            });
        });
    }
}
