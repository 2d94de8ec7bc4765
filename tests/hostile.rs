//! Folders and files that somebody else has prepared: nothing outside the output folder is touched, nothing is waited for or
//! read without end, and what is printed obeys nobody but the program.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic)]

mod desk;

use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::process::Stdio;

use demarche::folder::HIDDEN;

use desk::{Desk, STATEMENT, code, kept, limit, read_tree, stderr, stdout};

const RUN: &str = "analyze in -o out --engine rules --save-text";

/// A desk with a statement and a folder `own` of somebody's own, with whatever the program might write there.
fn desk_with_own() -> Desk {
    let desk = Desk::with_statement();
    for folder in ["own", "own/ab", "out", "out/.demarche"] {
        fs::create_dir(desk.path(folder)).unwrap();
    }
    for name in ["notes.txt", "ab/more.doc", "good.txt"] {
        desk.put(&format!("own/{name}"), "mine");
    }
    desk
}

fn lay_link(desk: &Desk, place: &str, to: &str) {
    symlink(desk.path(to), desk.path(place)).unwrap();
}

#[test]
fn what_lies_behind_a_link_beside_the_reports_stays() {
    for (place, to) in [
        ("out/.demarche/cache", "own"),
        ("out/.demarche/reports", "own/notes.txt"),
        ("out/.demarche/lock", "own/notes.txt"),
        ("out/.demarche/unfinished", "own"),
        ("out/text", "own"),
    ] {
        let desk = desk_with_own();
        lay_link(&desk, place, to);
        let before = read_tree(&desk.path("own"));
        let output = desk.run(RUN);
        let told = stderr(&output);
        assert!([0, 3].contains(&code(&output)), "{place}: {told}");
        assert!(read_tree(&desk.path("own")) == before, "{place}: {told}");
        if place != "out/.demarche/unfinished" {
            assert!(
                told.contains(place) && told.contains("link"),
                "{place}: {told}"
            );
        }
        let output = desk.run(RUN);
        assert!([0, 3].contains(&code(&output)));
        assert!(read_tree(&desk.path("own")) == before, "{place}, again");
    }
    let desk = desk_with_own();
    fs::remove_dir(desk.path("out/.demarche")).unwrap();
    lay_link(&desk, "out/.demarche", "own");
    let before = read_tree(&desk.path("own"));
    assert_eq!(code(&desk.run(RUN)), 3);
    assert!(read_tree(&desk.path("own")) == before);
}

#[test]
fn a_folder_of_results_that_is_a_link_is_neither_read_nor_emptied() {
    let desk = Desk::with_statement();
    assert_eq!(code(&desk.run(RUN)), 0);
    assert_eq!(kept(&desk.path("out")), 1);
    fs::rename(desk.path("out/.demarche/cache"), desk.path("moved")).unwrap();
    lay_link(&desk, "out/.demarche/cache", "moved");
    fs::rename(desk.path("in/good.txt"), desk.path("in/other.txt")).unwrap();
    let before = read_tree(&desk.path("moved"));
    let output = desk.run(RUN);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(read_tree(&desk.path("moved")) == before);

    // One of the folders in it, and what is no result.
    let desk = Desk::with_statement();
    desk.run(RUN);
    fs::create_dir(desk.path("own")).unwrap();
    desk.put("own/notes.txt", "mine");
    desk.put("out/.demarche/cache/notes.txt", "mine");
    let entries = fs::read_dir(desk.path("out/.demarche/cache")).unwrap();
    let of_entry = entries.map(|entry| entry.unwrap().path());
    let of_entry = of_entry.filter(|path| path.is_dir()).last().unwrap();
    fs::rename(&of_entry, desk.path("moved")).unwrap();
    symlink(desk.path("moved"), &of_entry).unwrap();
    let before = read_tree(&desk.path("moved"));
    desk.put("in/good.txt", STATEMENT.replace("$60", "$61"));
    let output = desk.run(RUN);
    assert_eq!(code(&output), 0);
    assert!(
        stderr(&output).contains("could not be kept"),
        "{}",
        stderr(&output)
    );
    assert!(read_tree(&desk.path("moved")) == before);
    assert!(desk.path("out/.demarche/cache/notes.txt").exists());
}

#[test]
fn a_list_of_reports_removes_nothing_but_reports() {
    let desk = desk_with_own();
    let listed = [
        "text/../../own/notes.txt",
        "text/../own.txt",
        "../own/notes.txt",
        "text/notes.doc",
        "text/linked/notes.txt",
    ];
    let absolute = desk.path("own/notes.txt").display().to_string();
    fs::create_dir(desk.path("out/text")).unwrap();
    lay_link(&desk, "out/text/linked", "own");
    desk.put("out/own.txt", "mine")
        .put("out/text/notes.doc", "mine");
    let list = listed.join("\n") + "\n" + &absolute;
    desk.put("out/.demarche/reports", list);
    let before = read_tree(&desk.path("own"));
    let output = desk.run(RUN);
    let told = stderr(&output);
    assert_eq!(code(&output), 0, "{told}");
    assert!(told.contains("out/.demarche/reports has 5 names"), "{told}");
    assert!(told.contains("own/notes.txt"), "{told}");
    assert_eq!(kept(&desk.path("out")), 0, "{told}");
    assert!(read_tree(&desk.path("own")) == before);
    for mine in ["out/own.txt", "out/text/notes.doc"] {
        assert!(desk.path(mine).exists(), "{mine}");
    }
}

#[test]
fn a_list_of_reports_in_an_archive_hides_no_statement_without_a_word() {
    let desk = Desk::with_statement();
    desk.put("in/other.txt", STATEMENT);
    fs::create_dir(desk.path("in").join(HIDDEN)).unwrap();
    let table = format!("id,text\na,\"{}\"\n", "Samoa and Tonga met in Apia.");
    desk.put("in/documents.csv", table);
    desk.put("in/.demarche/reports", "good.txt\ndocuments.csv\n");
    for command in [
        "analyze in -o out --engine rules",
        "compare in -o compared --engine rules",
    ] {
        let output = desk.run(command);
        let told = stderr(&output);
        assert_eq!(code(&output), 0, "{told}");
        assert!(
            told.contains("passed over 1 file that in/.demarche/reports lists as reports"),
            "{told}"
        );
        assert!(
            told.contains("1 name that no report of demarche has") && told.contains("good.txt"),
            "{told}"
        );
    }
    assert_eq!(desk.rows("documents").len(), 2);
}

#[test]
fn no_device_or_pipe_is_taken_for_a_statement() {
    for name in [
        "z.csv", "z.jsonl", "z.zip", "z.txt", "z.html", "pipe.txt", "pipe.csv",
    ] {
        let desk = Desk::with_statement();
        if name.starts_with('z') {
            symlink("/dev/zero", desk.path("in").join(name)).unwrap();
        } else {
            mkfifo(&desk, &format!("in/{name}"));
        }
        let output = desk.run("analyze in -o out --engine rules");
        assert_eq!(code(&output), 1, "{name}: {}", stderr(&output));
        assert_eq!(desk.rows("documents").len(), 1);
        let failures = desk.rows("failures");
        assert_eq!(failures.len(), 1, "{failures:?}");
        assert!(
            failures[0][2].contains("a device or a pipe"),
            "{failures:?}"
        );
    }
}

#[test]
fn no_device_is_taken_for_a_file_that_the_user_names() {
    let desk = Desk::with_statement();
    for options in [
        "analyze in --metadata /dev/zero",
        "analyze in --themes /dev/zero",
        "--settings /dev/zero analyze in",
        "analyze /dev/zero",
        "evaluate /dev/zero",
        "cite /dev/zero",
        "merge /dev/zero",
    ] {
        let output = desk.run(options);
        assert!(
            [2, 3, 4].contains(&code(&output)),
            "{options}: {}",
            stderr(&output)
        );
        assert!(!stderr(&output).contains("panicked"), "{options}");
    }
    mkfifo(&desk, "demarche.toml");
    let output = desk.run("analyze in");
    assert!(
        stderr(&output).contains("demarche.toml"),
        "{}",
        stderr(&output)
    );
    assert_eq!(code(&output), 3);
}

#[test]
fn a_pipe_that_the_user_names_is_read() {
    let desk = Desk::with_statement();
    let program = assert_cmd::cargo::cargo_bin("demarche");
    let script = format!(
        "'{}' analyze <(cat in/good.txt) --metadata <(echo file,country; echo good.txt,Fiji) in -o out --engine rules",
        program.display()
    );
    desk.put("script", script);
    let output = desk.shell("bash script");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let documents = desk.rows("documents");
    assert_eq!(documents.len(), 2);
    assert!(
        documents
            .iter()
            .any(|row| row.iter().any(|cell| cell == "Fiji"))
    );
    let script = format!(
        "'{}' analyze <(yes 'The ministers met.') -o out --engine rules --max-megabytes 1",
        program.display()
    );
    desk.put("script", script);
    let output = desk.shell("bash script");
    assert_eq!(code(&output), 4, "{}", stderr(&output));
    assert!(
        stderr(&output).contains("limit of 1 MB"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn the_record_of_a_run_commands_nothing() {
    let desk = Desk::with_statement();
    desk.run("analyze in -o out --engine rules");
    let run = fs::read_to_string(desk.path("out/run.json")).unwrap();
    let mut run: serde_json::Value = serde_json::from_str(&run).unwrap();
    run["commit"] = "x}, author={Evil}, note={\u{1b}]0;owned\u{7}".into();
    run["provenance"]["taxonomy"] = "a\u{202e}b\nc\u{1b}[2J".into();
    run["settings"]["model"] = serde_json::json!(["\u{9b}31m"]);
    desk.put("run.json", run.to_string());
    let cited = stdout(&desk.run("cite run.json"));
    assert_eq!(cited.matches("author =").count(), 1, "{cited}");
    assert!(
        cited.contains(r"x\textbraceright{}, author=\textbraceleft{}Evil"),
        "{cited}"
    );
    assert!(
        cited.contains(r"\u{202e}") && cited.contains(r"\u{9b}31m"),
        "{cited}"
    );
    assert!(
        cited.chars().all(|c| c == '\n' || !c.is_control()),
        "{cited:?}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_hangup_ends_a_run_unless_it_is_ignored() {
    use desk::signal;
    use rustix::process::Signal;

    let stream = "analyze - --format json-lines --engine rules";
    for ignored in [false, true] {
        let desk = Desk::new();
        let mut command = desk.program(stream);
        if ignored {
            command = std::process::Command::new("sh");
            let program = assert_cmd::cargo::cargo_bin("demarche");
            let script = format!("trap '' HUP INT; exec '{}' {stream}", program.display());
            command.args(["-c", &script]).current_dir(desk.root.path());
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
        }
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        let _limit = limit(&child);
        let mut stdin = child.stdin.take().unwrap();
        writeln!(stdin, "{{\"text\": \"They met in Suva.\"}}").unwrap();
        let mut stdout = std::io::BufReader::new(child.stdout.take().unwrap());
        std::io::BufRead::read_line(&mut stdout, &mut String::new()).unwrap();
        signal(&child, Signal::HUP);
        if ignored {
            // It has not been ended: it answers.
            writeln!(stdin, "{{\"text\": \"They met in Apia.\"}}").unwrap();
            let mut answer = String::new();
            std::io::BufRead::read_line(&mut stdout, &mut answer).unwrap();
            assert!(answer.contains("Apia"), "{answer}");
            signal(&child, Signal::TERM);
        }
        let status = child.wait().unwrap();
        assert_eq!(status.code(), Some(143), "ignored: {ignored}");
    }
}

fn mkfifo(desk: &Desk, name: &str) {
    let output = desk.shell(&format!("mkfifo {name}"));
    assert_eq!(code(&output), 0, "{}", stderr(&output));
}

#[test]
fn no_name_that_the_program_gives_is_taken_for_a_stranger() {
    let desk = Desk::with_statement();
    desk.put("in/other.txt", STATEMENT);
    let analyze = "analyze in -o out --engine rules --save-text --shard 1/1 --format \
                   csv,json,json-lines,xlsx,html,parquet,label-studio,conll,brat,doccano";
    let compare = "compare in -o out --engine rules --format text,csv,json,xlsx,html";
    for command in [analyze, compare, analyze] {
        let output = desk.run(command);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        assert!(
            !stderr(&output).contains("no report of demarche"),
            "{}",
            stderr(&output)
        );
    }
    let listed = fs::read_to_string(desk.path("out/.demarche/reports")).unwrap();
    let listed: Vec<&str> = listed.lines().collect();
    let reports = read_tree(&desk.path("out"));
    assert_eq!(listed.len(), reports.len(), "{listed:?}");
}
