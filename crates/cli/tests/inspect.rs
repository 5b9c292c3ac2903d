//! `sansocket inspect` from the outside. What it says frame by frame is tested beside its code.

mod program;

use program::{run, sansocket};

#[test]
fn hex_comes_as_arguments_or_on_standard_input() {
    let by_arguments = run(&mut sansocket(&["inspect", "81 85", "37fa213d", "7f9f4d5158"]), b"");
    assert_eq!(by_arguments.code, Some(0), "{}", by_arguments.err);
    assert!(by_arguments.out.contains("payload, unmasked: \"Hello\""), "{}", by_arguments.out);
    let by_input = run(&mut sansocket(&["inspect"]), b"0x81 0x85 0x37fa213d\n7f9f4d5158\n");
    assert_eq!(by_input.out, by_arguments.out);
    let as_they_are = run(&mut sansocket(&["inspect", "-"]), b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
    assert_eq!(as_they_are.out, by_arguments.out);
}

#[test]
fn a_file_is_read_as_it_is_or_as_hex() {
    let folder = std::env::temp_dir().join(format!("sansocket-inspect-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (raw, hex) = (folder.join("raw.bin"), folder.join("hex.txt"));
    std::fs::write(&raw, b"\x81\x05Hello").unwrap();
    std::fs::write(&hex, "81 05 # a header\n48 65 6c 6c 6f").unwrap();
    let of_raw = run(&mut sansocket(&["inspect", raw.to_str().unwrap()]), b"");
    let of_hex = run(&mut sansocket(&["inspect", "--hex", hex.to_str().unwrap()]), b"");
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(of_raw.out.contains("payload: \"Hello\""), "{}{}", of_raw.out, of_raw.err);
    assert_eq!(of_raw.out, of_hex.out);
}

#[test]
fn a_violation_shows_in_the_exit_code() {
    let said = run(&mut sansocket(&["inspect", "83 00"]), b"");
    assert_eq!(said.code, Some(5));
    assert!(said.out.contains("RFC 6455 §5.2"), "{}", said.out);
}

#[test]
fn packets_of_engineio_are_explained_too() {
    let text = run(&mut sansocket(&["inspect", "--engineio", "packet", "--text", "4hello", "world"]), b"");
    assert_eq!(text.code, Some(0), "{}", text.err);
    assert!(text.out.contains("message 1: text, 11 bytes: \"hello world\""), "{}", text.out);
    let body = run(&mut sansocket(&["inspect", "--engineio", "payload"]), b"4hello\x1e7");
    assert_eq!(body.code, Some(5), "{}", body.err);
    assert!(body.out.contains("0x37 is no packet type"), "{}", body.out);
    let both = run(&mut sansocket(&["inspect", "--engineio", "packet", "--role", "client", "34"]), b"");
    assert_eq!((both.code, both.out.as_str()), (Some(2), ""), "{}", both.err);
}

#[test]
fn packets_of_socketio_are_explained_too() {
    let packet = r#"51-["file",{"_placeholder":true,"num":0}]"#;
    let args = ["inspect", "--socketio", "--attachment", "01 02 03", "--text", packet];
    let alone = run(&mut sansocket(&args), b"");
    assert_eq!(alone.code, Some(0), "{}", alone.err);
    assert!(alone.out.contains("argument 1: <3 bytes: 01 02 03>"), "{}", alone.out);
    let body = format!("4{packet}\x1ebAQID");
    let carried = run(&mut sansocket(&["inspect", "--engineio", "payload", "--socketio"]), body.as_bytes());
    assert_eq!(carried.code, Some(0), "{}", carried.err);
    assert!(carried.out.contains("argument 1: <3 bytes: 01 02 03>"), "{}", carried.out);
    let said = run(&mut sansocket(&["inspect", "--socketio"]), b"2[]");
    assert_eq!(said.code, Some(5), "{}", said.out);
    for args in [&["--role", "client"][..], &["--attachment", "0g"], &["--deflate"]] {
        let both = run(sansocket(&["inspect", "--socketio", "32"]).args(args), b"");
        assert_eq!((both.code, both.out.as_str()), (Some(2), ""), "{}", both.err);
    }
    for args in [&["--eio", "3"][..], &["--parser", "msgpack"], &["--attachment", "00"]] {
        let alone = run(sansocket(&["inspect", "81 00"]).args(args), b"");
        assert_eq!((alone.code, alone.out.as_str()), (Some(2), ""), "{}", alone.err);
    }
}

#[test]
fn what_is_neither_hex_nor_a_file_is_refused_with_advice() {
    for args in
        [&["inspect", "no-such-file"][..], &["inspect", "81", "8"], &["inspect", "--hex", "--raw", "81"]]
    {
        let said = run(&mut sansocket(args), b"");
        assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{args:?}");
        assert!(said.err.lines().count() >= 2, "no advice: {}", said.err);
    }
}

#[test]
fn what_a_peer_sent_cannot_command_the_terminal() {
    let hostile = b"\x81\x0f\x1b]0;title\x07\r\x1b[2J";
    let said = run(&mut sansocket(&["inspect", "--raw", "-"]), hostile);
    assert!(said.out.contains("title") || said.out.contains("1b 5d"), "{}", said.out);
    assert!(said.out.chars().all(|c| c == '\n' || !c.is_control()), "{:?}", said.out);
}
