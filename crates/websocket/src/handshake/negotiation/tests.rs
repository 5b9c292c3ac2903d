use super::*;

fn extensions(value: &str) -> Result<Vec<Extension>, Malformed> {
    parse(&[("Sec-WebSocket-Extensions", String::from(value))].into())
}

fn extension(name: &str, params: &[(&str, Option<&str>)]) -> Extension {
    let params = params
        .iter()
        .map(|(name, value)| Param { name: String::from(*name), value: value.map(String::from) });
    Extension { name: name.into(), params: params.collect() }
}

#[test]
fn the_grammar_is_that_of_rfc_6455() {
    let cases = [
        ("foo", extension("foo", &[])),
        (" foo ; bar ", extension("foo", &[("bar", None)])),
        ("foo;bar=1;baz=\"2\"", extension("foo", &[("bar", Some("1")), ("baz", Some("2"))])),
        ("foo; bar = 1", extension("foo", &[("bar", Some("1"))])),
        ("foo; bar=\"\\1\\2\"", extension("foo", &[("bar", Some("12"))])),
        ("foo; bar\t; bar", extension("foo", &[("bar", None), ("bar", None)])),
    ];
    for (value, expected) in cases {
        assert_eq!(extensions(value).as_deref(), Ok(&[expected][..]), "{value}");
    }
    let wrong = [
        "",
        " ",
        ",",
        "a,",
        ",a",
        "a,,b",
        ";",
        "a;",
        "a;;b",
        "a b",
        "a; b c",
        "a; =1",
        "a; b=",
        "a; b=\"",
        "a; b=\"1",
        "a; b=\"\"",
        "a; b=\"1 2\"",
        "a; b=\"1\\",
        "a; b=\"1\"2",
        "a; b==1",
        "a=1",
        "\u{e9}",
        "a; b=\u{e9}",
        "\"a\"",
    ];
    for value in wrong {
        assert_eq!(extensions(value), Err(Malformed), "{value:?}");
    }
}

#[test]
fn a_list_may_stretch_over_lines_and_is_cut_at_16() {
    let headers = Headers::from([
        ("Sec-WebSocket-Extensions", "a, b; c"),
        ("Other", "x"),
        ("sec-websocket-extensions", "d"),
    ]);
    let names: Vec<String> = parse(&headers).unwrap().into_iter().map(|extension| extension.name).collect();
    assert_eq!(names, ["a", "b", "d"]);
    assert_eq!(extensions(&["a"; 17].join(",")).unwrap().len(), 16);
    // What is not looked at may be anything.
    assert_eq!(extensions(&alloc::format!("{}, \"", ["a"; 16].join(","))).unwrap().len(), 16);
    assert_eq!(extensions(&alloc::format!("{}, \"", ["a"; 15].join(","))), Err(Malformed));
    assert_eq!(parse(&Headers::new()), Ok(Vec::new()));
}

#[test]
fn nothing_is_agreed_on_that_was_not_wanted() {
    let options = Options::default();
    let offers = extensions("permessage-deflate").unwrap();
    assert_eq!(answer(&offers, &options), Answer::default());
    assert_eq!(offer(&options), None);
    assert_eq!(agree(&[], &options), Ok(Extensions::default()));
    assert_eq!(agree(&offers, &options), Err(NotOffered));
}

#[cfg(feature = "deflate")]
mod deflate {
    use super::*;
    use crate::deflate::{DeflateOptions, DeflateParams, Direction, Takeover, WindowBits};

    const KEEP: Takeover = Takeover::Keep;
    const RESET: Takeover = Takeover::Reset;

    fn direction(takeover: Takeover, bits: u8) -> Direction {
        Direction { takeover, window: WindowBits::new(bits).unwrap() }
    }

    fn options(ours: Direction, peers: Direction) -> Options {
        let deflate = DeflateOptions {
            our_takeover: ours.takeover,
            peer_takeover: peers.takeover,
            our_window: ours.window,
            peer_window: peers.window,
            ..DeflateOptions::default()
        };
        Options { deflate: Some(deflate), ..Options::default() }
    }

    /// Takes everything as it comes.
    fn open() -> Options {
        options(direction(KEEP, 15), direction(KEEP, 15))
    }

    fn answered(offer: &str, options: &Options) -> Option<(String, DeflateParams)> {
        let answer = answer(&extensions(offer).unwrap(), options);
        assert_eq!(answer.header.is_some(), answer.extensions.deflate.is_some());
        answer.header.zip(answer.extensions.deflate)
    }

    fn agreed(answer: &str, options: &Options) -> Option<DeflateParams> {
        agree(&extensions(answer).unwrap(), options).ok().and_then(|extensions| extensions.deflate)
    }

    #[test]
    fn a_server_answers_what_was_asked() {
        let cases = [
            ("permessage-deflate", "permessage-deflate", direction(KEEP, 15), direction(KEEP, 15)),
            (
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
                direction(RESET, 15),
                direction(RESET, 15),
            ),
            (
                "Permessage-Deflate; server_max_window_bits=9; client_max_window_bits",
                "permessage-deflate; server_max_window_bits=9; client_max_window_bits=15",
                direction(KEEP, 9),
                direction(KEEP, 15),
            ),
            (
                "permessage-deflate; client_max_window_bits=8",
                "permessage-deflate; client_max_window_bits=8",
                direction(KEEP, 15),
                direction(KEEP, 8),
            ),
        ];
        for (offer, answer, ours, peers) in cases {
            assert_eq!(
                answered(offer, &open()),
                Some((answer.into(), DeflateParams { ours, peers })),
                "{offer}"
            );
        }
    }

    #[test]
    fn a_server_rules_out_takeover_asked_or_not_but_no_window() {
        let options = options(direction(RESET, 10), direction(RESET, 11));
        let (header, params) = answered("permessage-deflate", &options).unwrap();
        assert_eq!(header, "permessage-deflate; server_no_context_takeover; client_no_context_takeover");
        // Its own window may be smaller than anybody knows; the client's is the client's.
        assert_eq!(params, DeflateParams { ours: direction(RESET, 10), peers: direction(RESET, 15) });
        let offer = "permessage-deflate; client_max_window_bits; server_max_window_bits=12";
        let (header, params) = answered(offer, &options).unwrap();
        assert!(header.ends_with("; server_max_window_bits=10; client_max_window_bits=11"));
        assert_eq!(params, DeflateParams { ours: direction(RESET, 10), peers: direction(RESET, 11) });
    }

    #[test]
    fn a_server_declines_what_is_wrong_and_falls_back() {
        let wrong = [
            "permessage-deflate; foo",
            "permessage-deflate; server_no_context_takeover=1",
            "permessage-deflate; client_no_context_takeover=\"true\"",
            "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
            "permessage-deflate; server_max_window_bits",
            "permessage-deflate; server_max_window_bits=7",
            // Our deflater would have to keep to 256 bytes.
            "permessage-deflate; server_max_window_bits=8",
            "permessage-deflate; server_max_window_bits=16",
            "permessage-deflate; server_max_window_bits=09",
            "permessage-deflate; server_max_window_bits=+9",
            "permessage-deflate; server_max_window_bits=9; server_max_window_bits=9",
            "permessage-deflate; client_max_window_bits=16",
            "permessage-deflate; client_max_window_bits; client_max_window_bits=9",
            "permessage-deflate; Server_Max_Window_Bits=9",
            "x-webkit-deflate-frame",
        ];
        for offer in wrong {
            assert_eq!(answered(offer, &open()), None, "{offer}");
            let with_fallback = alloc::format!("{offer}, permessage-deflate; client_max_window_bits=9");
            let (header, _) = answered(&with_fallback, &open()).unwrap();
            assert_eq!(header, "permessage-deflate; client_max_window_bits=9");
        }
    }

    #[test]
    fn a_client_offers_what_it_would_like_and_what_everyone_can_do() {
        assert_eq!(offer(&open()).unwrap(), "permessage-deflate; client_max_window_bits");
        let wish = options(direction(RESET, 10), direction(RESET, 11));
        assert_eq!(
            offer(&wish).unwrap(),
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
             server_max_window_bits=11; client_max_window_bits=10, permessage-deflate; client_max_window_bits"
        );
        // 256 bytes are neither promised nor asked for.
        let least = options(direction(KEEP, 8), direction(KEEP, 8));
        assert!(
            offer(&least)
                .unwrap()
                .starts_with("permessage-deflate; server_max_window_bits=9; client_max_window_bits=9, ")
        );
    }

    #[test]
    fn a_client_takes_what_the_server_says() {
        let wish = options(direction(RESET, 10), direction(RESET, 11));
        let cases = [
            ("permessage-deflate", direction(RESET, 10), direction(KEEP, 15)),
            ("permessage-deflate; server_no_context_takeover", direction(RESET, 10), direction(RESET, 15)),
            ("permessage-deflate; server_max_window_bits=8", direction(RESET, 10), direction(KEEP, 8)),
            ("permessage-deflate; client_max_window_bits=9", direction(RESET, 9), direction(KEEP, 15)),
            ("permessage-deflate; client_max_window_bits=12", direction(RESET, 10), direction(KEEP, 15)),
        ];
        for (answer, ours, peers) in cases {
            assert_eq!(agreed(answer, &wish), Some(DeflateParams { ours, peers }), "{answer}");
        }
        let told = agreed("permessage-deflate; client_no_context_takeover", &open());
        assert_eq!(told.unwrap().ours, direction(RESET, 15));
    }

    #[test]
    fn a_client_fails_on_what_was_not_offered_or_means_nothing() {
        let wrong = [
            "foo",
            "permessage-deflate, permessage-deflate",
            "permessage-deflate, foo",
            "permessage-deflate; foo",
            "permessage-deflate; server_max_window_bits",
            "permessage-deflate; server_max_window_bits=7",
            "permessage-deflate; server_max_window_bits=16",
            "permessage-deflate; server_max_window_bits=15; server_max_window_bits=15",
            "permessage-deflate; client_max_window_bits",
            "permessage-deflate; client_max_window_bits=8",
            "permessage-deflate; server_no_context_takeover=1",
        ];
        for answer in wrong {
            assert_eq!(agree(&extensions(answer).unwrap(), &open()), Err(NotOffered), "{answer}");
        }
        assert_eq!(agree(&[], &open()), Ok(Extensions::default()));
    }

    #[test]
    fn both_sides_hold_the_same_to_be_agreed_whatever_they_want() {
        let takeovers = [KEEP, RESET];
        let directions =
            || takeovers.into_iter().flat_map(|takeover| (8..=15).map(move |bits| direction(takeover, bits)));
        let all = || directions().flat_map(|ours| directions().map(move |peers| options(ours, peers)));
        for (client, server) in
            all().flat_map(|client| all().step_by(7).map(move |server| (client.clone(), server)))
        {
            let offer = offer(&client).unwrap();
            let (header, at_server) = answered(&offer, &server).unwrap();
            let at_client = agreed(&header, &client).unwrap();
            assert_eq!(at_client.ours.takeover, at_server.peers.takeover, "{offer} / {header}");
            assert_eq!(at_client.peers.takeover, at_server.ours.takeover, "{offer} / {header}");
            // Whoever sends may use less of the window than the other is prepared for.
            assert!(at_client.ours.window <= at_server.peers.window, "{offer} / {header}");
            assert!(at_server.ours.window <= at_client.peers.window, "{offer} / {header}");
            assert!(at_client.ours.window > WindowBits::MIN && at_server.ours.window > WindowBits::MIN);
        }
    }
}
