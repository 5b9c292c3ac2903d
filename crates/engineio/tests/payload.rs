//! Payloads: golden ones, any packets there and back, any bytes against a naive reader.

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use sansocket_core::Message;
use sansocket_engineio::{
    Form, Packet, PacketError, PayloadError, PayloadLimits, PayloadReader, PayloadWriter, Pushed,
};
use sansocket_testkit::hostile::unhex;
use sansocket_testkit::payload::{Joined, Said, Spoken, read_payload};

const FORMS: [Form; 3] = [Form::V4, Form::V3Text, Form::V3Binary];

fn read(form: Form, body: impl Into<Bytes>) -> (Vec<Said>, Option<PayloadError>) {
    read_most(form, body, PayloadLimits::default())
}

fn read_most(form: Form, body: impl Into<Bytes>, limits: PayloadLimits) -> (Vec<Said>, Option<PayloadError>) {
    let mut reader = PayloadReader::new(form, body.into(), limits);
    let mut packets = Vec::new();
    while reader.has_more() {
        match reader.next().expect("there is more") {
            Ok(packet) => packets.push(Said::of(packet)),
            Err(fault) => {
                assert!(!reader.has_more(), "it stops at the first fault");
                assert_eq!(reader.next(), None);
                return (packets, Some(fault));
            }
        }
    }
    assert_eq!(reader.next(), None);
    (packets, None)
}

fn message(text: &str) -> Said {
    Said { digit: 4, data: Message::text(text) }
}

fn bytes(bytes: &[u8]) -> Said {
    Said { digit: 4, data: Message::from(bytes) }
}

fn write(form: Form, packets: &[Said]) -> Bytes {
    let mut writer = PayloadWriter::new(form, usize::MAX);
    for said in packets {
        assert_eq!(writer.push(said.packet()), Pushed::Taken);
    }
    writer.finish()
}

#[test]
fn payloads_are_what_the_others_write() {
    let both = [message("hello"), bytes(&[1, 2, 3, 4])];
    for (form, payload) in [
        (Form::V4, b"4hello\x1ebAQIDBA==".to_vec()),
        (Form::V3Text, b"6:4hello10:b4AQIDBA==".to_vec()),
        (Form::V3Binary, unhex("00 06 FF 34 68 65 6C 6C 6F 01 05 FF 04 01 02 03 04")),
    ] {
        assert_eq!(write(form, &both), payload, "{form:?}");
        assert_eq!(read(form, payload), (both.to_vec(), None), "{form:?}");
    }
}

#[test]
fn protocol_3_counts_what_javascript_counts() {
    // One unit each: the euro sign, the accented letter. Two: the emoji.
    let texts = [message("€é"), message("😀!"), Said { digit: 2, data: Message::text("probe") }];
    assert_eq!(write(Form::V3Text, &texts), "3:4€é4:4😀!6:2probe");
    assert_eq!(write(Form::V3Binary, &texts[..1]), unhex("00 06 FF 34 E2 82 AC C3 A9"));
    assert_eq!(read(Form::V3Text, "3:4€é4:4😀!6:2probe"), (texts.to_vec(), None));
    // A length that ends within the emoji.
    assert_eq!(read(Form::V3Text, "2:4😀"), (vec![], Some(PayloadError::Incomplete)));
}

#[test]
fn a_payload_never_passes_its_limit() {
    let mut payload = PayloadWriter::new(Form::V4, 11);
    assert!(payload.is_empty());
    assert_eq!(payload.push(Packet::Message("hello".into())), Pushed::Taken);
    assert_eq!(
        payload.push(Packet::Message("abcd".into())),
        Pushed::Full,
        "one too many, with its separator"
    );
    assert_eq!(payload.push(Packet::Message("abc".into())), Pushed::Taken);
    assert_eq!((payload.len(), payload.packets()), (11, 2));
    assert_eq!(payload.finish(), "4hello\x1e4abc");
}

#[test]
fn a_packet_that_is_too_large_by_itself_goes_alone() {
    for form in FORMS {
        let mut payload = PayloadWriter::new(form, 4);
        assert_eq!(payload.push(Packet::Message("hello".into())), Pushed::Taken);
        assert_eq!(payload.push(Packet::Noop), Pushed::Full);
        assert_eq!(payload.packets(), 1);
    }
}

#[test]
fn a_payload_has_at_most_4096_packets() {
    let noops = |n| vec!["6"; n].join("\x1e");
    let (packets, fault) = read(Form::V4, noops(4096));
    assert_eq!((packets.len(), fault), (4096, None));
    let (packets, fault) = read(Form::V4, noops(4097));
    assert_eq!((packets.len(), fault), (4096, Some(PayloadError::TooManyPackets)));
    let mut payload = PayloadWriter::new(Form::V4, usize::MAX);
    while payload.push(Packet::Noop) == Pushed::Taken {}
    assert_eq!(payload.packets(), 4096);
}

#[test]
fn a_reader_knows_where_the_next_packet_begins() {
    for (form, body, places) in [
        (Form::V4, &b"4hello\x1e6"[..], [0, 7]),
        (Form::V3Text, b"6:4hello1:6", [0, 8]),
        (Form::V3Binary, b"\x00\x06\xff4hello\x00\x01\xff6", [0, 9]),
    ] {
        let mut payload = PayloadReader::new(form, body.into(), PayloadLimits::default());
        for place in places {
            assert_eq!(payload.position(), Some(place), "{form:?}");
            assert!(payload.next().is_some_and(|packet| packet.is_ok()), "{form:?}");
        }
        assert_eq!(payload.position(), None, "{form:?}");
    }
}

#[test]
fn what_came_before_a_fault_is_right() {
    let (packets, fault) = read(Form::V4, &b"4a\x1e4\xff\x1e4b"[..]);
    assert_eq!((packets, fault), (vec![message("a")], Some(PayloadError::Packet(PacketError::NotUtf8))));
    let (packets, fault) = read(Form::V3Text, &b"2:4a2:4"[..]);
    assert_eq!((packets, fault), (vec![message("a")], Some(PayloadError::Incomplete)));
    let (packets, fault) = read(Form::V3Binary, unhex("0002ff3461 02"));
    assert_eq!((packets, fault), (vec![message("a")], Some(PayloadError::Marker(2))));
}

/// Text without the separator, which protocol 4 has no escape for.
fn any_packet() -> impl Strategy<Value = Said> {
    let text = prop_oneof!["[a-z€😀\\\\\"\n]{0,8}", "[^\x1e]{0,200}"];
    prop_oneof![
        (prop_oneof![Just(0), Just(2), Just(3), Just(4)], text)
            .prop_map(|(digit, text)| Said { digit, data: Message::text(text) }),
        vec(any::<u8>(), 0..100).prop_map(|data| bytes(&data)),
        prop_oneof![Just(1), Just(5), Just(6)].prop_map(|digit| Said { digit, data: Message::text("") }),
    ]
}

const fn joined(form: Form) -> Joined {
    match form {
        Form::V4 => Joined::BySeparators,
        Form::V3Text => Joined::ByUnits,
        Form::V3Binary => Joined::ByBytes,
    }
}

/// Bytes of which payloads are made, or nearly.
fn crumbs() -> impl Strategy<Value = Vec<u8>> {
    const CRUMBS: [&[u8]; 22] = [
        b"\x1e",
        b"4",
        b"b",
        b"b4",
        b"2probe",
        b"6",
        b"1:",
        b"2:",
        b"10:",
        b":",
        b"0",
        b"\x00\x02\xff",
        b"\x01\x03\xff\x04",
        b"\xff",
        b"\x01\x00\xff",
        "€".as_bytes(),
        "😀".as_bytes(),
        b"AQID",
        b"AQ==",
        b"=",
        b"\x80",
        b"b4AQJ",
    ];
    let crumb = prop_oneof![
        4 => (0..CRUMBS.len()).prop_map(|at| CRUMBS[at].to_vec()),
        1 => vec(any::<u8>(), 0..3),
    ];
    vec(crumb, 0..12).prop_map(|crumbs| crumbs.concat())
}

proptest! {
    #[test]
    fn what_is_written_is_read(packets in vec(any_packet(), 1..20)) {
        for form in FORMS {
            prop_assert_eq!(read(form, write(form, &packets)), (packets.clone(), None));
        }
    }

    #[test]
    fn payloads_cut_to_size_hold_everything(packets in vec(any_packet(), 1..20), most in 1usize..300) {
        for form in FORMS {
            let (mut heard, mut waiting) = (Vec::new(), &packets[..]);
            while !waiting.is_empty() {
                let mut payload = PayloadWriter::new(form, most);
                let fits = |said: &&Said| payload.push(said.packet()) == Pushed::Taken;
                let taken = waiting.iter().take_while(fits).count();
                prop_assert!(payload.len() <= most || taken == 1);
                // As much as could be: with the next packet it would have passed the limit.
                if taken < waiting.len() {
                    prop_assert!(write(form, &waiting[..=taken]).len() > most);
                }
                waiting = &waiting[taken..];
                let (packets, fault) = read(form, payload.finish());
                prop_assert_eq!(fault, None);
                heard.extend(packets);
            }
            prop_assert_eq!(&heard, &packets);
        }
    }

    #[test]
    fn any_bytes_mean_what_the_naive_reader_says(body in crumbs(), most in 1usize..8) {
        for form in FORMS {
            let (packets, fault) = read_most(form, body.clone(), PayloadLimits { packets: Some(most) });
            let spoken = Spoken { packets, faulty: fault.is_some() };
            prop_assert_eq!(spoken, read_payload(joined(form), &body, most), "{:?}", form);
        }
    }

    #[test]
    fn a_payload_cut_anywhere_gives_what_it_began_with(
        packets in vec(any_packet(), 1..6), cut in any::<prop::sample::Index>(),
    ) {
        for form in [Form::V3Text, Form::V3Binary] {
            let body = write(form, &packets);
            let cut = cut.index(body.len());
            let (heard, fault) = read(form, body.slice(..cut));
            prop_assert_eq!(&heard[..], &packets[..heard.len()]);
            prop_assert!(fault.is_some() || write(form, &heard).len() == cut);
        }
    }
}
