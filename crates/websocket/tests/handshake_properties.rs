//! What holds for every handshake: how bytes are cut, and when calls come, changes nothing.
#![cfg(feature = "deflate")]

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::select;
use sansocket_core::{Instant, Machine, Response};
use sansocket_testkit::{Random, Side, hostile};
use sansocket_websocket::Options;
use sansocket_websocket::deflate::DeflateOptions;
use sansocket_websocket::handshake::client::{ClientEvent, ClientHandshake, ClientOptions, Offer};
use sansocket_websocket::handshake::server::{Choice, ServerEvent, ServerHandshake, ServerOptions};

fn start() -> Instant {
    Instant::from_micros(1000)
}

fn websocket() -> Arc<Options> {
    Arc::new(Options { deflate: Some(DeflateOptions::default()), ..Options::default() })
}

fn server() -> Side<ServerHandshake> {
    let options = ServerOptions { websocket: websocket(), ..ServerOptions::default() };
    Side::new(ServerHandshake::new(options.into(), start()))
}

fn client() -> Side<ClientHandshake> {
    let offer = Offer::new("ws://a/".parse().unwrap()).with_protocol("a");
    let options = ClientOptions { websocket: websocket(), ..ClientOptions::default() };
    Side::new(ClientHandshake::new(&offer, *b"the sample nonce", options.into(), start()).unwrap())
}

/// Calls that may come at any time and change nothing.
fn fidget<M: sansocket_testkit::Subject>(side: &mut Side<M>, random: &mut Random) {
    for _ in 0..random.below(4) {
        match random.below(4) {
            0 => side.listen(start()),
            1 => side.machine.handle_timeout(start() + Duration::from_micros(random.below(1000) as u64)),
            2 => drop((side.machine.poll_timeout(), side.machine.wants_input(), side.machine.is_finished())),
            _ => side.input.release(&mut side.pool),
        }
    }
}

/// What a server hears and says when `bytes` come in such pieces, and then nothing more.
fn served(bytes: &[u8], random: &mut Random, most: usize) -> (Vec<ServerEvent>, Vec<u8>) {
    let (mut side, mut heard, mut written) = (server(), Vec::new(), Vec::new());
    side.listen(start());
    let mut rest = bytes;
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at((1 + random.below(most)).min(rest.len()));
        side.read(piece, start());
        fidget(&mut side, random);
        rest = behind;
        for event in side.heard() {
            match &event {
                ServerEvent::Upgrade(_) => side.machine.accept(&Choice::default()).unwrap(),
                ServerEvent::Plain(_) => side.machine.respond(Response::new(404), start()).unwrap(),
                ServerEvent::Failed(_) => {}
            }
            heard.push(event);
        }
        fidget(&mut side, random);
        written.extend(side.write(random.below(100)));
    }
    side.machine.handle_eof(start());
    side.listen(start());
    heard.extend(side.heard());
    written.extend(side.write_all());
    side.listen(start());
    assert!(side.machine.is_accepted() || side.machine.is_finished());
    (heard, written)
}

fn called(bytes: &[u8], random: &mut Random, most: usize) -> Vec<ClientEvent> {
    let mut side = client();
    let mut rest = bytes;
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at((1 + random.below(most)).min(rest.len()));
        side.read(piece, start());
        fidget(&mut side, random);
        side.write(random.below(100));
        rest = behind;
    }
    side.machine.handle_eof(start());
    side.listen(start());
    side.heard()
}

/// Requests and responses, right and wrong, as bytes.
fn requests() -> Vec<Vec<u8>> {
    let is_bytes = |kind: &str| ["http", "hex"].contains(&kind);
    let entries = hostile::entries("handshake").into_iter().filter(|entry| is_bytes(&entry.kind));
    entries.map(|entry| entry.bytes()).collect()
}

fn responses() -> Vec<Vec<u8>> {
    let entries = hostile::entries("client-handshake").into_iter().filter(|entry| entry.kind == "http");
    let right = |bytes| String::from_utf8(bytes).unwrap().replace("<ok>", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    let refusal = "HTTP/1.1 404 X\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nT: x\r\n\r\n";
    entries.map(|entry| right(entry.bytes()).into_bytes()).chain([refusal.into()]).collect()
}

/// `bytes` with something else at `at`.
fn spoiled(bytes: &[u8], at: usize, by: &[u8]) -> Vec<u8> {
    let at = at % (bytes.len() + 1);
    [&bytes[..at], by, &bytes[(at + by.len()).min(bytes.len())..]].concat()
}

proptest! {
    #[test]
    fn a_request_means_the_same_however_and_whenever_it_comes(
        request in select(requests()), at: usize, by in proptest::collection::vec(any::<u8>(), 0..3),
        seed: u64, most in 1..60_usize,
    ) {
        let bytes = spoiled(&request, at, &by);
        let mut whole = Random::new(0);
        let expected = served(&bytes, &mut whole, 1 << 20);
        prop_assert_eq!(served(&bytes, &mut Random::new(seed), most), expected);
    }

    #[test]
    fn a_response_means_the_same_however_and_whenever_it_comes(
        response in select(responses()), at: usize, by in proptest::collection::vec(any::<u8>(), 0..3),
        seed: u64, most in 1..60_usize,
    ) {
        let bytes = spoiled(&response, at, &by);
        let expected = called(&bytes, &mut Random::new(0), 1 << 20);
        prop_assert_eq!(expected.len(), 1, "connected or failed, once");
        prop_assert_eq!(called(&bytes, &mut Random::new(seed), most), expected);
    }

    #[test]
    fn our_client_and_our_server_always_agree(
        protocols in proptest::collection::btree_set("[a-z]{1,8}", 0..5), known in "[a-z]{1,2}",
        nonce: [u8; 16], cut in 1..50_usize,
    ) {
        let mut offer = Offer::new("ws://a.example/b?c=d".parse().unwrap()).with_header("Cookie", "e=f");
        offer.protocols = protocols.into_iter().collect();
        offer.protocols.push("ab".into());
        offer.protocols.dedup();
        prop_assume!(offer.protocols.iter().filter(|protocol| *protocol == "ab").count() == 1);
        let options = ClientOptions { websocket: websocket(), ..ClientOptions::default() };
        let client = ClientHandshake::new(&offer, nonce, options.into(), start()).unwrap();
        let (mut client, mut server) = (Side::new(client), server());
        client.write_all().chunks(cut).for_each(|piece| server.read(piece, start()));
        let heard = server.heard();
        prop_assert!(matches!(&heard[..], [ServerEvent::Upgrade(request)] if request.target == "/b?c=d"));
        let protocol = server.machine.prefer(&[&known, "ab"]);
        server.machine.accept(&Choice { protocol: protocol.clone(), ..Choice::default() }).unwrap();
        server.write_all().chunks(cut).for_each(|piece| client.read(piece, start()));
        let heard = client.heard();
        prop_assert!(matches!(&heard[..], [ClientEvent::Connected(connected)] if connected.protocol == protocol));
        let (client, server) = (client.machine.into_parts().unwrap(), server.machine.into_parts().unwrap());
        let (client, server) = (client.agreed.extensions.deflate.unwrap(), server.agreed.extensions.deflate.unwrap());
        prop_assert_eq!((client.ours.takeover, client.peers), (server.peers.takeover, server.ours));
        prop_assert!(client.ours.window <= server.peers.window);
    }
}
