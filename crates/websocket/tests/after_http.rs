//! A WebSocket that begins on a connection which spoke HTTP before, and would have gone on with it: how protocols that
//! poll first are upgraded.

use std::sync::Arc;

use sansocket_core::{Request, Response};
use sansocket_http1::{ClientConnection, ClientOptions, ServerConnection, ServerOptions};
use sansocket_testkit::http::{Answered, Asked, get};
use sansocket_testkit::{Clock, Pair, Side, Subject, heard_text};
use sansocket_websocket::handshake::client::{Offer, Opening};
use sansocket_websocket::handshake::server::{self, Choice, Refusal};
use sansocket_websocket::{Options, WebSocket};

type Http = Pair<ClientConnection, ServerConnection>;

fn http() -> Http {
    let now = Clock::default().now();
    Pair::new(
        ClientConnection::new(Arc::new(ClientOptions::default()), now),
        ServerConnection::new(Arc::new(ServerOptions::default()), now),
    )
}

/// The one request that the server heard.
fn asked(pair: &mut Http) -> Request {
    match pair.server.heard().pop() {
        Some(Asked::Whole(request)) => request,
        other => panic!("{other:?}"),
    }
}

fn opening() -> Opening {
    let offer = Offer::new("ws://example.org/chat".parse().unwrap()).with_protocol("chat");
    Opening::new(&offer, *b"the sample nonce", &Options::default()).unwrap()
}

/// The connection goes on as `become_websocket` says, with the same input; what was left to be written goes first.
fn goes_on<M: Subject>(side: Side<M>, become_websocket: impl FnOnce(M) -> WebSocket) -> Side<WebSocket> {
    let Side { machine, input, pool, .. } = side;
    let mut next = Side::new(become_websocket(machine));
    (next.input, next.pool) = (input, pool);
    next
}

#[test]
fn a_websocket_follows_an_exchange_on_the_same_connection() {
    let mut pair = http();
    let now = pair.clock.now();

    // A poll first.
    pair.client.machine.send(&get("/poll"), now).unwrap();
    pair.drive();
    assert_eq!(server::check(&asked(&mut pair)).unwrap_err(), Refusal::NotUpgrade);
    pair.server.machine.respond(&Response::new(200).with_body("polled"), now).unwrap();
    pair.drive();
    assert!(matches!(&pair.client.heard()[..], [Answered::Whole(response)] if response.body == "polled"));

    // Then the upgrade.
    let opening = opening();
    pair.client.machine.send(opening.request(), now).unwrap();
    pair.drive();
    let upgrade = server::check(&asked(&mut pair)).unwrap();
    let choice = Choice { protocol: upgrade.prefer(&["chat"]), ..Choice::default() };
    let accepted = upgrade.accept(&choice, &Options::default()).unwrap();
    pair.server.machine.switch(&accepted.response, now).unwrap();

    // The server speaks at once: its first message leaves behind the 101.
    let Pair { server, mut client, .. } = pair;
    let mut server = goes_on(server, |http| {
        let parts = http.into_parts().unwrap();
        WebSocket::server(Arc::default(), accepted.agreed.extensions, now).with_output(parts.out)
    });
    server.machine.send_text("welcome").unwrap();
    client.read(&server.write_all(), now);
    let agreed = match &client.heard()[..] {
        [Answered::Switched(response)] => opening.check(response, &Options::default()).unwrap(),
        other => panic!("{other:?}"),
    };
    assert_eq!(agreed.protocol.as_deref(), Some("chat"));
    let mut client = goes_on(client, |http| {
        let parts = http.into_parts().unwrap();
        WebSocket::client(Arc::default(), agreed.extensions, [7; 32], now).with_output(parts.out)
    });
    client.listen(now);
    assert_eq!(client.heard(), [heard_text("welcome")]);

    client.machine.send_text("thank you").unwrap();
    server.read(&client.write_all(), now);
    assert_eq!(server.heard(), [heard_text("thank you")]);
}

#[test]
fn a_refused_upgrade_leaves_the_connection_to_http() {
    let mut pair = http();
    let now = pair.clock.now();
    pair.client.machine.send(opening().request(), now).unwrap();
    pair.drive();
    asked(&mut pair);
    pair.server.machine.respond(&Response::new(403), now).unwrap();
    pair.drive();
    assert!(matches!(&pair.client.heard()[..], [Answered::Whole(response)] if response.status == 403));
    pair.client.machine.send(&get("/poll"), now).unwrap();
    pair.drive();
    assert_eq!(asked(&mut pair).target, "/poll");
}
