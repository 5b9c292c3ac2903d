use alloc::string::String;
use alloc::vec::Vec;

use super::*;

#[test]
fn what_is_borrowed_is_not_copied() {
    let text = r#"["plain","esc\u0061ped"]"#;
    let (plain, escaped): (&str, Cow<'_, str>) = read(text, &[]).unwrap();
    assert_eq!((plain, &*escaped), ("plain", "escaped"));
    assert!(read::<(&str, &str)>(text, &[]).is_err(), "what was escaped lies nowhere");
}

#[test]
fn a_placeholder_is_data_where_nothing_is_attached() {
    let text = r#"{"_placeholder":true,"num":0}"#;
    let data: serde_json::Value = read(text, &[]).unwrap();
    assert_eq!(data["num"], 0);
    let attached = [Payload::from("a")];
    assert_eq!(read::<bytes::Bytes>(text, &attached).unwrap(), "a");
    assert_eq!(read::<Vec<u8>>(text, &attached).unwrap(), b"a");
    assert!(read::<String>(text, &[Payload::from(b"\xff")]).is_err());
    assert!(read::<bytes::Bytes>(r#"{"_placeholder":true,"num":1}"#, &attached).is_err());
}

#[test]
fn what_is_not_wanted_is_passed_over() {
    #[derive(serde::Deserialize, PartialEq, Debug)]
    struct Wanted {
        x: u8,
    }
    let text = r#"{"a":[{"b":"]}"}],"x":1,"c":{"d":[1.5e3,null]}}"#;
    assert_eq!(read(text, &[]), Ok(Wanted { x: 1 }));
}

#[test]
fn text_that_is_not_json_is_no_panic() {
    for text in [
        "",
        "[",
        "[1",
        "{",
        "{\"a",
        "{\"a\"",
        "{\"a\":",
        "\"\\",
        "nul",
        "-",
        "[1 2]",
        "{\"a\":1 \"b\":2}",
        "]",
    ] {
        assert!(read::<serde_json::Value>(text, &[]).is_err(), "{text}");
    }
}
