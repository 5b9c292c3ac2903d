//! Sizes of files, and signatures that hide what they mean. (Functions of more than 60 lines are clippy's
//! `too_many_lines`, on for the whole workspace.)

use crate::names::functions;
use crate::workspace::{all_sources, sources};

/// A file longer than this does two things.
const FILE_LINES: usize = 450;
/// With its tests; where no argument counts any more.
const FILE_LINES_WITH_TESTS: usize = 700;
/// An adapter decides nothing, so it has little to say.
const ADAPTER_LINES: usize = 350;

#[test]
fn files_are_short() {
    for source in all_sources() {
        let bare = source.lines().filter(|(_, line)| !line.trim().is_empty()).count();
        assert!(bare <= FILE_LINES, "{}: {bare} lines of code, {FILE_LINES} at most", source.path);
        let all = source.lines_of_code();
        assert!(
            all <= FILE_LINES_WITH_TESTS,
            "{}: {all} lines with tests, {FILE_LINES_WITH_TESTS} at most",
            source.path
        );
    }
}

#[test]
fn adapters_are_thin() {
    for source in ["crates/tokio/src", "crates/smol/src"].into_iter().flat_map(sources) {
        let lines = source.lines().filter(|(_, line)| !line.trim().is_empty()).count();
        assert!(lines <= ADAPTER_LINES, "{}: {lines} lines of code, {ADAPTER_LINES} at most", source.path);
    }
}

#[test]
fn no_function_takes_a_bool() {
    for source in sources("crates") {
        for function in functions(&source) {
            let (name, number) = (&function.name, function.line);
            // That of serde's trait is a value to be written, and not ours to change.
            let takes = function.parameters.contains(": bool") && name != "serialize_bool";
            assert!(
                !takes,
                "{}:{number}: fn {name} takes a bool; let an enum say what it means",
                source.path
            );
        }
    }
}

#[test]
fn no_function_gives_a_tuple_of_three() {
    for source in sources("crates") {
        for function in functions(&source) {
            let commas = function.result.trim().strip_prefix('(').map_or(0, commas_outside_brackets);
            let (name, number) = (&function.name, function.line);
            assert!(commas < 2, "{}:{number}: fn {name} gives a tuple of three; name its parts", source.path);
        }
    }
}

/// Commas of a list up to its closing bracket, a trailing one left out.
fn commas_outside_brackets(inner: &str) -> usize {
    let (mut depth, mut commas, mut last) = (0_usize, 0, ' ');
    for c in inner.chars() {
        match c {
            '(' | '<' | '[' => depth += 1,
            ')' | '>' | ']' if depth == 0 => return commas - usize::from(last == ','),
            ')' | '>' | ']' => depth -= 1,
            ',' if depth == 0 => commas += 1,
            _ => {}
        }
        if !c.is_whitespace() {
            last = c;
        }
    }
    commas
}
