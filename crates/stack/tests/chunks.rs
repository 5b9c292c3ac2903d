//! How bytes are cut changes nothing.
mod support;

use proptest::prelude::*;
use sansocket_core::Machine;
use sansocket_testkit::requests::{get, poll, post, upgrade};
use sansocket_testkit::{binary, close, deflate_message, text};
use support::{Heard, House, options, said, says};

/// What a client says, one thing after the other. Its session has the first id that this hub draws.
fn conversations() -> Vec<Vec<u8>> {
    let mut house = House::new(options());
    let mut wire = house.connect();
    let sid = house.open(&mut wire);
    let offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
    let websocket = upgrade("/engine.io/?EIO=4&transport=websocket", offer);
    let long = "4".to_owned() + &"long ".repeat(50);
    vec![
        [get("EIO=4&transport=polling"), post(&sid, "4one\u{1e}bAQID"), poll(&sid), post(&sid, "1")]
            .concat()
            .into(),
        [get("EIO=4&transport=polling"), post(&sid, &"x".repeat(1001)), post(&sid, "7")].concat().into(),
        [get("nonsense"), "GET /page HTTP/1.1\r\nHost: h\r\n\r\n".into(), "nonsense".into()].concat().into(),
        [
            websocket.clone().into_bytes(),
            says("4one"),
            said(text(deflate_message(long.as_bytes())).compressed()),
            said(binary([1, 2, 3])),
            said(close(1000, "bye")),
        ]
        .concat(),
        [websocket.into_bytes(), says("4one"), says("2"), says("4two")].concat(),
    ]
}

/// What comes of it.
fn outcome(reads: &[&[u8]]) -> (Vec<Heard>, Vec<u8>) {
    let mut house = House::new(options());
    // Whether an echo comes before the end of a WebSocket depends on when its user looks.
    house.echoes = !reads.concat().windows(7).any(|bytes| bytes == b"Upgrade");
    let (mut wire, mut written) = (house.connect(), Vec::new());
    for read in reads {
        house.say(&mut wire, read);
        written.extend(wire.written());
    }
    wire.machine.handle_eof(house.now);
    house.turn(&mut [&mut wire]);
    written.extend(wire.written());
    assert!(wire.machine.is_finished(), "{:?}", wire.machine);
    wire.machine.leave(&mut house.hub);
    (house.heard(), written)
}

proptest! {
    #[test]
    fn how_bytes_are_cut_changes_nothing(which in 0_usize..5, cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20)) {
        let said = conversations().swap_remove(which);
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.index(said.len())).collect();
        cuts.extend([0, said.len()]);
        cuts.sort_unstable();
        let reads: Vec<&[u8]> = cuts.windows(2).map(|cut| &said[cut[0]..cut[1]]).collect();
        prop_assert_eq!(outcome(&reads), outcome(&[&said]));
    }
}

#[test]
fn byte_by_byte_is_the_same() {
    for said in conversations() {
        let bytes: Vec<&[u8]> = said.chunks(1).collect();
        assert_eq!(outcome(&bytes), outcome(&[&said]));
    }
}
