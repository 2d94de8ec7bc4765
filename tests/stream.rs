//! JSON Lines in, JSON Lines out: one answer per line, in order, without waiting for more.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic)]

mod desk;

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Output, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::{Value, json};

use desk::{Desk, STATEMENT, code, limit, signal, stderr, stdout};

const STREAM: &str = "analyze - -o - --format json-lines --engine rules";

fn line(id: &str, sum: usize) -> String {
    let text = STATEMENT.replace("$60", &format!("${sum}"));
    json!({"id": id, "text": text, "country": "Fiji"}).to_string()
}

fn answer(desk: &Desk, options: &str, lines: impl Into<Vec<u8>>) -> Output {
    desk.answer(&format!("{STREAM}{options}"), lines)
}

fn objects(output: &Output) -> Vec<Value> {
    stdout(output)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn an_object_in_is_an_object_out_in_order_and_errors_are_objects() {
    let desk = Desk::new();
    let mut lines = Vec::new();
    for number in 0..300 {
        lines.push(match number % 50 {
            7 => "{\"id\": \"no text\"}".to_owned(),
            8 => "{broken".to_owned(),
            9 => json!({"id": format!("d{number}"), "text": " "}).to_string(),
            _ => line(&format!("d{number}"), number + 1),
        });
    }
    let output = answer(&desk, "", lines.join("\n"));
    assert_eq!(code(&output), 1, "{}", stderr(&output));
    let answers = objects(&output);
    assert_eq!(answers.len(), 300);
    for (number, object) in answers.iter().enumerate() {
        match number % 50 {
            7 | 8 => {
                assert_eq!(object["failure"]["path"], format!("-#line{}", number + 1));
                assert!(object["failure"]["hint"].as_str().unwrap().len() > 10);
            }
            9 => assert_eq!(object["failure"]["path"], format!("-#d{number}")),
            _ => {
                assert_eq!(object["document"]["doc_id"], format!("d{number}"));
                assert_eq!(object["document"]["metadata"]["country"], "Fiji");
                assert_eq!(
                    object["money"][0]["amount"],
                    json!((number + 1) * 1_000_000)
                );
            }
        }
    }
    assert!(
        stderr(&output).contains("282 statements"),
        "{}",
        stderr(&output)
    );
    assert!(stderr(&output).contains("18 failed"), "{}", stderr(&output));
}

#[test]
fn a_stream_says_what_a_file_of_the_same_lines_says() {
    let desk = Desk::new();
    let lines: String = (0..80)
        .map(|number| line(&format!("d{number:02}"), number + 1) + "\n")
        .collect();
    desk.put("in/archive.jsonl", &lines);
    desk.run("analyze in -o out --format json-lines --engine rules");
    let file = std::fs::read_to_string(desk.path("out/analysis.jsonl")).unwrap();
    let streamed = stdout(&answer(&desk, "", lines));
    // Only the names of the statements tell where they came from.
    assert_eq!(
        file.replace("in/archive.jsonl#", "-#")
            .replace("archive/", ""),
        streamed
    );
}

#[test]
fn an_answer_does_not_wait_for_the_next_line() {
    let desk = Desk::new();
    let mut child = desk.program(STREAM).stdin(Stdio::piped()).spawn().unwrap();
    let _limit = limit(&child);
    let mut stdin = child.stdin.take().unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let (send, answers) = channel();
    std::thread::spawn(move || stdout.lines().try_for_each(|line| send.send(line.unwrap())));
    for number in 0..5 {
        writeln!(stdin, "{}", line(&format!("d{number}"), 5)).unwrap();
        let answer = answers.recv_timeout(Duration::from_secs(60)).unwrap();
        assert!(
            answer.contains(&format!("\"doc_id\":\"d{number}\"")),
            "{answer}"
        );
    }
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_stream_can_be_interrupted_while_it_waits() {
    let desk = Desk::new();
    let mut child = desk.program(STREAM).stdin(Stdio::piped()).spawn().unwrap();
    let _limit = limit(&child);
    let mut stdin = child.stdin.take().unwrap();
    writeln!(stdin, "{}", line("d", 5)).unwrap();
    let mut first = String::new();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut first).unwrap();
    signal(&child, Signal::INT);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
}

#[test]
fn a_stream_can_be_interrupted_before_it_begins() {
    let desk = Desk::new();
    let mut child = desk
        .program("analyze - --format json-lines")
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let _limit = limit(&child);
    let _stdin = child.stdin.take().unwrap();
    std::thread::sleep(Duration::from_millis(300));
    signal(&child, Signal::INT);
    let status = child.wait().unwrap();
    // There is nothing to finish yet: the signal itself may end it.
    assert!(
        status.code() == Some(130) || status.signal() == Some(2),
        "{status}"
    );
}

#[test]
fn nothing_in_is_nothing_out() {
    let desk = Desk::new();
    for nothing in ["", "\n\n"] {
        let output = desk.answer("analyze - --format json-lines", nothing);
        assert_eq!(
            (code(&output), stdout(&output).as_str()),
            (0, ""),
            "{}",
            stderr(&output)
        );
        assert!(!desk.path("output").exists());
    }
}

#[test]
fn a_reader_that_has_enough_ends_the_stream() {
    let desk = Desk::new();
    let mut child = desk.program(STREAM).stdin(Stdio::piped()).spawn().unwrap();
    let _limit = limit(&child);
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    writeln!(stdin, "{}", line("d", 5)).unwrap();
    stdout.read_line(&mut String::new()).unwrap();
    drop(stdout);
    // What is written to a pipe without a reader ends the program; its end breaks this one.
    let many = line("d", 5) + "\n";
    while stdin.write_all(many.as_bytes()).is_ok() {}
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_line_that_is_too_long_is_refused_and_the_next_read() {
    let desk = Desk::new();
    let long = json!({"id": "long", "text": "They met in Suva. ".repeat(200_000)}).to_string();
    let output = answer(
        &desk,
        " --max-megabytes 1",
        format!("{long}\n{}\n", line("next", 5)),
    );
    let answers = objects(&output);
    assert_eq!(answers.len(), 2, "{}", stderr(&output));
    assert_eq!(answers[0]["failure"]["path"], "-#line1");
    assert!(
        answers[0]["failure"]["hint"]
            .as_str()
            .unwrap()
            .contains("--max-megabytes")
    );
    assert_eq!(answers[1]["document"]["doc_id"], "next");
}

#[test]
fn odd_lines_are_answered() {
    let desk = Desk::new();
    let lines = "\u{feff}{\"text\": \"Samoa and Tonga signed.\"}\r\n\n   \n{\"id\": 7, \"text\": \"=Fiji signed.\"}\n\
                 [1]\n{\"id\": \"../../x\", \"text\": \"Nauru signed.\"}";
    let answers = objects(&answer(&desk, "", lines));
    assert_eq!(answers.len(), 4, "{answers:?}");
    assert_eq!(answers[0]["document"]["doc_id"], "line1");
    assert_eq!(answers[1]["document"]["doc_id"], "7");
    assert_eq!(answers[2]["failure"]["path"], "-#line5");
    assert!(
        !answers[3]["document"]["doc_id"]
            .as_str()
            .unwrap()
            .contains('/')
    );
    let output = answer(&desk, "", b"{\"text\": \"\xff\xfe\"}\n".as_slice());
    assert!(objects(&output)[0]["failure"]["reason"].is_string());
}

#[test]
fn what_a_stream_cannot_do_is_said() {
    let desk = Desk::new();
    for options in [
        " --save-text",
        " --dry-run",
        " --shard 1/2",
        " --name-pattern {a}",
    ] {
        let output = answer(&desk, options, line("d", 5));
        assert_eq!(code(&output), 3, "{options}: {}", stderr(&output));
        assert!(stderr(&output).contains("hint: "));
    }
    let output = desk
        .demarche()
        .args(["analyze", "-", "-o", "out"])
        .write_stdin(line("d", 5))
        .output()
        .unwrap();
    assert_eq!(code(&output), 3);
    assert!(stderr(&output).contains("--output"), "{}", stderr(&output));
}
