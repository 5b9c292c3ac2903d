use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec;

use bytes::Bytes;
use serde::{Deserialize as Read, Serialize as Write};

use super::*;
use crate::value::Map;

#[derive(Write, Read, PartialEq, Debug)]
struct Point {
    x: i32,
    y: Option<f64>,
}

#[derive(Write, Read, PartialEq, Debug)]
enum Shape {
    Nothing,
    Circle(u8),
    Line(Point, Point),
    Named { name: String },
}

fn written<T: Write>(arguments: T) -> String {
    Args::new(&arguments).expect("it can be written").as_json().to_owned()
}

#[test]
fn a_tuple_is_several_arguments_and_anything_else_is_one() {
    assert_eq!(written(()), "");
    assert_eq!(written((1, "two", (3, [4, 5]))), r#"1,"two",[3,[4,5]]"#);
    assert_eq!(written([1, 2]), "1,2", "of fixed size");
    assert_eq!(written(vec![1, 2]), "[1,2]");
    assert_eq!(written("one"), r#""one""#);
    assert_eq!(written((("one",),)), r#"["one"]"#);
    assert_eq!(written(None::<u8>), "null");
    assert_eq!(written(Value::Null), "null", "which is something, unlike `()`");
    let count = |args: Result<Args, ArgsError>| args.expect("it can be written").len();
    assert_eq!([count(Args::new(&())), count(Args::new(&(1, 2))), count(Args::new(&vec![1, 2]))], [0, 2, 1]);
}

#[test]
fn types_come_back() {
    let shapes = vec![
        Shape::Nothing,
        Shape::Circle(3),
        Shape::Line(Point { x: -1, y: None }, Point { x: 1, y: Some(0.1) }),
        Shape::Named { name: "\u{1}\"\u{1f4a9}".to_owned() },
    ];
    let by_number = BTreeMap::from([(-1_i64, true), (7, false)]);
    let wide = (u64::MAX, i64::MIN, u128::MAX, 'x', 1.5_f32);
    let args = Args::new(&(&shapes, &by_number, &wide)).unwrap();
    type All = (Vec<Shape>, BTreeMap<i64, bool>, (u64, i64, u128, char, f32));
    assert_eq!(args.read::<All>().unwrap(), (shapes, by_number, wide));
    assert_eq!(
        args.as_json().split("],{").next().unwrap(),
        r#"["Nothing",{"Circle":3},{"Line":[{"x":-1,"y":null},{"x":1,"y":0.1}]},{"Named":{"name":"\u0001\"💩"}}"#
    );
}

#[test]
fn a_tuple_takes_what_there_is() {
    let args = Args::new(&(1, "two")).unwrap();
    assert_eq!(args.read::<u8>(), Ok(1), "the first");
    assert_eq!(args.read::<()>(), Ok(()));
    assert_eq!(args.read::<(u8,)>(), Ok((1,)), "the rest is passed over");
    assert_eq!(args.read::<(u8, &str, Option<u8>)>(), Ok((1, "two", None)));
    assert_eq!(args.read::<(u8, &str, u8)>(), Err(ArgsError::Missing(2)));
    assert!(matches!(args.read::<(u8, u8)>(), Err(ArgsError::Mismatch { index: 1, .. })));
    assert_eq!(args.read::<Args>(), Ok(args.clone()));
    assert_eq!(Args::new(&args), Ok(args));
    assert_eq!(Args::none().read::<Option<u8>>(), Ok(None));
    assert_eq!(Args::none().read::<u8>(), Err(ArgsError::Missing(0)));
    assert_eq!(Args::none().read::<Args>(), Ok(Args::none()));
}

#[test]
fn bytes_are_attachments_in_the_order_of_their_placeholders() {
    let (one, two) = (Bytes::from_static(b"one"), Bytes::from_static(b"two"));
    let args = Args::new(&(&one, vec![&two])).unwrap();
    assert_eq!(args.as_json(), r#"{"_placeholder":true,"num":0},[{"_placeholder":true,"num":1}]"#);
    assert_eq!(args.attachments(), [Payload::from("one"), Payload::from("two")]);
    assert_eq!(args.read::<(Bytes, [Bytes; 1])>(), Ok((one.clone(), [two])));
    assert_eq!(args.read::<Vec<u8>>(), Ok(b"one".to_vec()), "one by one");
    assert_eq!(args.read::<Value>(), Ok(one.into()));
    assert_eq!(args.read::<String>(), Ok("one".to_owned()), "serde takes bytes that are text for text");
}

#[test]
fn the_first_takes_its_attachments_along() {
    let (one, two) = (Bytes::from_static(b"one"), Bytes::from_static(b"two"));
    let first = Args::new(&([&one], &two)).unwrap().first();
    assert_eq!((first.len(), first.attachments().len()), (1, 1));
    assert_eq!(first.read::<Vec<Bytes>>(), Ok(vec![one.clone()]));
    let plain = Args::new(&(1, &two)).unwrap().first();
    assert!(!plain.is_binary());
    assert_eq!(plain, Args::new(&1).unwrap());
    assert_eq!(Args::none().first(), Args::none());
}

#[test]
fn a_lookalike_of_a_placeholder_is_not_sent_beside_bytes() {
    let bytes = Bytes::from_static(b"b");
    let lookalike = BTreeMap::from([("_placeholder", Value::Bool(true)), ("num", 9_u64.into())]);
    assert!(Args::new(&lookalike).is_ok());
    assert_eq!(Args::new(&(&lookalike, &bytes)), Err(ArgsError::Lookalike));
    let object: Value = Value::new(&lookalike).unwrap();
    let args = Args::from_values(vec![object, bytes.into()]);
    assert_eq!(args.as_json(), r#"{"_placeholder":1,"num":9},{"_placeholder":true,"num":0}"#);
}

#[test]
fn values_come_back() {
    let values = vec![
        Value::Null,
        1.5.into(),
        Bytes::from_static(&[7; 99]).into(),
        vec!["a".into(), Map::from([("k".to_owned(), false.into())]).into()].into(),
    ];
    let args = Args::from_values(values.clone());
    assert_eq!(args.values(), Ok(values));
    assert_eq!(args.len(), 4);
    assert_eq!(args.weight(), args.as_json().len() + 99);
}

#[test]
fn an_offset_is_one_more_argument() {
    for (mut args, wanted) in [(Args::none(), r#""o\"""#), (Args::new(&1).unwrap(), r#"1,"o\"""#)] {
        let before = args.len();
        args.push_text("o\"");
        assert_eq!((args.as_json(), args.len()), (wanted, before + 1));
        assert_eq!(args.last_text().unwrap(), "o\"");
    }
    let last = |args: Args| args.last_text().map(|text| text.as_str().to_owned());
    assert_eq!(last(Args::new(&("a", r#"\"#)).unwrap()), Some(r#"\"#.to_owned()));
    assert_eq!(last(Args::new(&("a", r#"x\"y"#)).unwrap()), Some(r#"x\"y"#.to_owned()));
    assert_eq!(last(Args::new(&("a", "")).unwrap()), Some(String::new()));
    assert_eq!(last(Args::new(&("a", ["b"])).unwrap()), None);
    assert_eq!(last(Args::new(&("a", 1)).unwrap()), None);
    assert_eq!(last(Args::none()), None);
}

#[test]
fn numbers_that_json_has_not() {
    assert_eq!(written((f64::NAN, f32::INFINITY, f64::NEG_INFINITY)), "null,null,null");
    let large = Args::from_wire("1e999,-1e999,0.1".into(), 3);
    assert_eq!(large.read::<(f64, f64, f32)>(), Ok((f64::INFINITY, f64::NEG_INFINITY, 0.1)));
    assert_eq!(large.values().unwrap()[0], Value::Null);
}

#[test]
fn of_two_members_with_one_name_the_last_counts() {
    let twice = Args::from_wire(r#"{"x":1,"x":2}"#.into(), 1);
    assert_eq!(twice.read::<BTreeMap<String, u8>>(), Ok(BTreeMap::from([("x".to_owned(), 2)])));
    assert!(twice.read::<Point>().is_err(), "derived types say that it is there twice");
}

#[test]
fn a_map_has_keys_that_can_be_text() {
    assert_eq!(Args::new(&BTreeMap::from([((1, 2), 3)])), Err(ArgsError::Key));
    assert_eq!(written(BTreeMap::from([(true, 1)])), r#"{"true":1}"#);
}
