//! From nothing to a connection, and away with it.

use std::sync::Arc;

use sansocket_core::{Input, Machine, Pool};
use sansocket_websocket::handshake::client::{ClientEvent, ClientHandshake, ClientOptions, Offer};
use sansocket_websocket::handshake::server::{Choice, ServerEvent, ServerHandshake, ServerOptions};

use crate::case::{Case, Round};
use crate::side::{NOW, flush};

/// A round's, so that what the first one takes longer disappears.
const CONNECTIONS: usize = 16;

/// What a browser asks.
const REQUEST: &[u8] = b"GET /chat HTTP/1.1\r\n\
    Host: 127.0.0.1:9001\r\n\
    Connection: Upgrade\r\n\
    Pragma: no-cache\r\n\
    Cache-Control: no-cache\r\n\
    User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36\r\n\
    Upgrade: websocket\r\n\
    Origin: http://127.0.0.1:9001\r\n\
    Sec-WebSocket-Version: 13\r\n\
    Accept-Encoding: gzip, deflate, br, zstd\r\n\
    Accept-Language: en-US,en;q=0.9\r\n\
    Sec-WebSocket-Key: BwcHBwcHBwcHBwcHBwcHBw==\r\n\
    Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n";

/// Both sides.
pub fn cases() -> Vec<Case> {
    vec![Case::new("handshake/server", server), Case::new("handshake/client", client)]
}

fn server() -> Round {
    let (mut pool, options) = (Pool::new(), Arc::new(ServerOptions::default()));
    repeated(move || answer(REQUEST, &options, &mut pool, |_| {}))
}

fn client() -> Round {
    let (mut pool, options) = (Pool::new(), Arc::new(ClientOptions::default()));
    // Its nonce is always the same, so one answer fits all.
    let (mut request, mut response) = (Vec::new(), Vec::new());
    flush(&mut ask(&options), |bytes| request.extend_from_slice(bytes));
    answer(&request, &Arc::default(), &mut pool, |bytes| response.extend_from_slice(bytes));
    repeated(move || {
        let (mut client, mut input) = (ask(&options), Input::default());
        flush(&mut client, |_| {});
        input.fill(&response, &mut pool);
        let event = client.poll_event(&mut input, NOW);
        assert!(matches!(event, Some(ClientEvent::Connected(_))), "{event:?}");
        drop(client.into_websocket([7; 32], NOW).expect("connected"));
        input.release(&mut pool);
    })
}

fn repeated(mut one: impl FnMut() + 'static) -> Round {
    Round::new(CONNECTIONS, move || (0..CONNECTIONS).for_each(|_| one()))
}

fn ask(options: &Arc<ClientOptions>) -> ClientHandshake {
    let offer = Offer::new("ws://127.0.0.1:9001/chat".parse().expect("a URI"));
    ClientHandshake::new(&offer, [7; 16], options.clone(), NOW).expect("a good offer")
}

fn answer(request: &[u8], options: &Arc<ServerOptions>, pool: &mut Pool, see: impl FnMut(&[u8])) {
    let (mut server, mut input) = (ServerHandshake::new(options.clone(), NOW), Input::default());
    input.fill(request, pool);
    let event = server.poll_event(&mut input, NOW);
    assert!(matches!(event, Some(ServerEvent::Upgrade(_))), "{event:?}");
    server.accept(&Choice::default()).expect("nothing special");
    flush(&mut server.into_websocket(NOW).expect("accepted"), see);
    input.release(pool);
}
