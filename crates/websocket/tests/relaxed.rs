//! Each departure from strictness is named, off unless asked for, and lets pass what it names and nothing else.

use sansocket_testkit::{
    FIN, Form, Heard, KEY, Talk, binary, continuation, header_in, heard_binary, heard_text, mask, opcode,
    text, violation,
};
use sansocket_websocket::{Leniency, Options, Relaxed, Violation};

fn relaxed(change: impl FnOnce(&mut Relaxed)) -> Options {
    let mut options = Options::default();
    change(&mut options.relaxed);
    options
}

fn unmasked() -> Options {
    relaxed(|relaxed| relaxed.unmasked = Leniency::Accept)
}

fn long_lengths() -> Options {
    relaxed(|relaxed| relaxed.length = Leniency::Accept)
}

fn any_text() -> Options {
    relaxed(|relaxed| relaxed.utf8 = Leniency::Accept)
}

#[test]
fn a_server_may_take_frames_that_are_not_masked() {
    let said = text("bare").bare();
    Talk::server(Options::default()).say_bytes(&said).expect([violation(Violation::Unmasked)]);
    Talk::server(unmasked()).say_bytes(&said).expect([heard_text("bare")]);
}

#[test]
fn who_takes_unmasked_frames_takes_masked_ones_too() {
    let said =
        [text("bare").bare(), text("masked").masked(), binary("").bare(), binary("m").masked()].concat();
    for cut in 0..said.len() {
        let (head, tail) = said.split_at(cut);
        let mut talk = Talk::server(unmasked());
        talk.say_bytes(head).say_bytes(tail);
        talk.expect([heard_text("bare"), heard_text("masked"), heard_binary(""), heard_binary("m")]);
    }
}

#[test]
fn a_client_never_takes_masked_frames() {
    Talk::client(unmasked()).say_bytes(&text("x").masked()).expect([violation(Violation::Masked)]);
}

#[test]
fn a_length_may_be_written_longer_than_need_be() {
    for form in [Form::Two, Form::Eight] {
        let said = [header_in(form, FIN | opcode::TEXT, 5, Some(KEY)), mask(b"Hello", KEY)].concat();
        Talk::server(Options::default()).say_bytes(&said).expect([violation(Violation::LengthNotMinimal)]);
        for cut in 0..said.len() {
            let (head, tail) = said.split_at(cut);
            Talk::server(long_lengths()).say_bytes(head).say_bytes(tail).expect([heard_text("Hello")]);
        }
    }
}

#[test]
fn a_top_bit_is_never_let_pass() {
    let said = header_in(Form::Eight, FIN | opcode::TEXT, 1 << 63, Some(KEY));
    Talk::server(long_lengths()).say_bytes(&said).expect([violation(Violation::LengthTooLarge)]);
}

#[test]
fn a_control_frame_has_one_form_of_length_only() {
    let said = header_in(Form::Two, FIN | opcode::PING, 5, Some(KEY));
    Talk::server(long_lengths()).say_bytes(&said).expect([violation(Violation::ControlTooLong)]);
}

#[test]
fn text_that_is_none_may_arrive_as_bytes() {
    let said = text(b"caf\xe9").masked();
    Talk::server(Options::default()).say_bytes(&said).expect([violation(Violation::NotUtf8)]);
    for cut in 0..said.len() {
        let (head, tail) = said.split_at(cut);
        let mut talk = Talk::server(any_text());
        talk.say_bytes(head).say_bytes(tail).expect([heard_binary(b"caf\xe9")]);
        talk.say(&text("café")).expect([heard_text("café")]);
    }
}

#[test]
fn text_that_goes_wrong_in_a_later_piece_arrives_as_bytes_from_its_beginning() {
    let mut talk = Talk::server(any_text());
    talk.say(&text("good, then ").unfinished()).say(&continuation([0xff]).unfinished());
    talk.say(&continuation(", then good")).expect([Heard::Binary(b"good, then \xff, then good".to_vec())]);
    talk.say(&text([0xe2, 0x82])).expect([heard_binary([0xe2, 0x82])]);
}

#[test]
fn each_lets_pass_what_it_names_and_nothing_else() {
    let bare = text("x").bare();
    let long = header_in(Form::Two, FIN | opcode::TEXT, 5, Some(KEY));
    let wrong = text([0xff]).masked();
    let faults =
        [(&bare, Violation::Unmasked), (&long, Violation::LengthNotMinimal), (&wrong, Violation::NotUtf8)];
    for (named, options) in [unmasked(), long_lengths(), any_text()].into_iter().enumerate() {
        for (at, (said, fault)) in faults.iter().enumerate() {
            let mut talk = Talk::server(options.clone());
            talk.say_bytes(said);
            let refused = talk.side.heard() == [violation(*fault)];
            assert_eq!(refused, at != named, "{fault:?} with {:?}", options.relaxed);
        }
    }
}
