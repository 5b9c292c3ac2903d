use alloc::string::String;
use proptest::prelude::*;

use super::*;

fn is_json(text: &str) -> Result<(), Fault> {
    let mut scan = Scan::new(text, 0);
    scan.value(128)?;
    scan.end()
}

/// What serde_json says, where it has the same opinion: it refuses numbers that are too large, and halves of pairs.
fn oracle(text: &str) -> bool {
    match serde_json::from_str::<serde::de::IgnoredAny>(text) {
        Ok(_) => true,
        Err(error) => {
            let error = alloc::format!("{error}");
            ["out of range", "surrogate"].iter().any(|opinion| error.contains(opinion))
        }
    }
}

#[test]
fn json_is_what_the_rfc_says() {
    for text in [
        "0",
        "-0",
        "-1.5e+10",
        "1E5",
        "0.0e-0",
        "\"\"",
        r#""\u00e9\"\\\/\b\f\n\r\t""#,
        "[]",
        "{}",
        " [ ] ",
        "\t{\n}\r",
        r#"[1,[2,{"a":[{}],"b":null}],true]"#,
        r#"{"a":{"b":[]},"":0}"#,
        "\"\u{7f}\u{2028}\"",
    ] {
        assert_eq!(is_json(text), Ok(()), "{text}");
    }
    for text in [
        "",
        " ",
        "01",
        "-",
        "+1",
        "1.",
        ".5",
        "1e",
        "1e+",
        "0x1",
        "NaN",
        "nul",
        "nulll",
        "'a'",
        "\"",
        "\"\\",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\x\"",
        "\"\n\"",
        "\"\u{1}\"",
        "[",
        "]",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1}",
        "{",
        "{1:2}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{\"a\" 1}",
        "{,}",
        "1 2",
        "[]]",
        "\u{a0}1",
        "\u{feff}1",
    ] {
        assert!(is_json(text).is_err(), "{text}");
    }
}

#[test]
fn depth_is_counted_and_costs_no_stack() {
    for (open, close, inner) in [("[", "]", ""), ("{\"a\":", "}", "1")] {
        let nested = |depth: usize| open.repeat(depth) + inner + &close.repeat(depth);
        assert_eq!(is_json(&nested(128)), Ok(()));
        assert_eq!(is_json(&nested(129)), Err(Fault::TooDeep));
        assert_eq!(is_json(&nested(200_000)), Err(Fault::TooDeep));
        let mut scan = Scan::new("[[1]]", 0);
        assert_eq!(scan.value(0), Err(Fault::TooDeep));
        // What we write ourselves may be deeper, and is passed without a stack, too.
        let deep = nested(200_000);
        let mut scan = Scan::new(&deep, 0);
        assert_eq!((scan.skip(), scan.at()), (Ok(()), deep.len()));
    }
    let deepest = "[".repeat(255) + &"]".repeat(255);
    assert_eq!(Scan::new(&deepest, 0).value(255), Ok(()));
}

/// Texts that are JSON, or nearly.
fn nearly_json() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        proptest::sample::select(
            &[
                "[", "]", "{", "}", ",", ":", "\"", "\\", "\\u12", "\\ud800", "\"a\":", "\"key\"", "null",
                "true", "-", "0", "12", ".5", "e1", " ", "\n", "\u{1}", "x",
            ][..]
        )
        .prop_map(String::from),
        ".{0,3}",
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn the_verdict_is_that_of_serde_json(text in nearly_json()) {
        prop_assert_eq!(is_json(&text).is_ok(), oracle(&text), "{}", text);
    }
}
