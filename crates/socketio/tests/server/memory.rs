//! What a socket costs while nothing happens.

use std::sync::Arc;

use sansocket_core::Request;
use sansocket_socketio::server::{ConnectionId, Event, Handshake, Recovery, Server, ServerOptions};
use sansocket_socketio::{Args, Nsp, Revision, Writable};
use sansocket_testkit::CountingAlloc;

use crate::support::{House, args, everybody};

const SOCKETS: usize = 10_000;

/// Somebody comes, is let in, and says nothing more.
fn arrives(server: &mut Server, request: &Arc<Request>, house: &House) -> ConnectionId {
    let handshake = Handshake::new(request.clone(), Revision::V5, "engine-1234567890abc");
    let connection = server.handle_connection(handshake, house.now);
    server.handle_message(connection, "0".into(), house.now);
    let Some(Event::Connecting(socket)) = server.poll_event(connection) else { panic!("nobody knocks") };
    server.accept(socket, house.now);
    while server.poll_event(connection).is_some() {}
    while server.poll_transmit(connection, Writable::Now).is_some() {}
    while server.poll_dirty().is_some() {}
    connection
}

/// Bytes for each of many who are in `/`, and in `rooms` each.
fn each(options: ServerOptions, rooms: usize) -> usize {
    CountingAlloc::current();
    let house = House::default();
    let request = Arc::new(Request::get("/socket.io/?EIO=4&transport=websocket"));
    let mut server = Server::new(options, [1; 32]);
    server.add_namespace(Nsp::main());
    let ((), grown) = CountingAlloc::measure(|| {
        for _ in 0..SOCKETS {
            let connection = arrives(&mut server, &request, &house);
            for room in 0..rooms {
                let socket = server.sockets_of(connection)[0];
                server.join(socket, format!("room {room}")).unwrap();
            }
        }
    });
    grown.kept / SOCKETS
}

#[test]
fn an_idle_socket_costs_little() {
    let bare = each(ServerOptions::default(), 0);
    println!("{bare} bytes a socket");
    assert!(bare <= 1280, "{bare} bytes a socket");
    let roomy = each(ServerOptions::default(), 3);
    println!("{roomy} bytes a socket in three rooms");
    assert!(roomy <= bare + 600, "{roomy} bytes a socket in three rooms");
    let recovering = each(ServerOptions { recovery: Some(Recovery::default()), ..Default::default() }, 0);
    println!("{recovering} bytes a socket that may come back");
    assert!(recovering <= bare + 256, "{recovering} bytes a socket that may come back");
}

#[test]
fn what_many_hear_lies_there_once() {
    let mut house = House::default();
    let guests: Vec<_> = (0..1000).map(|_| house.guest()).collect();
    while house.server.poll_dirty().is_some() {}
    let long = args("x".repeat(10_000));
    let ((), grown) = CountingAlloc::measure(|| {
        for _ in 0..4 {
            house.broadcast(&everybody(), "x", long.clone());
        }
    });
    // A thousand times forty kilobytes would be forty megabytes.
    assert!(grown.peak < 1000 * 1500, "{grown:?}");
    let ((), given) = CountingAlloc::measure(|| {
        for guest in &guests {
            while house.server.poll_transmit(guest.connection, Writable::Now).is_some() {}
        }
        while house.server.poll_dirty().is_some() {}
    });
    assert_eq!(given.kept, 0);
    let ((), grown) = CountingAlloc::measure(|| {
        house.broadcast(&everybody(), "x", Args::none());
        for guest in &guests {
            while house.server.poll_transmit(guest.connection, Writable::Now).is_some() {}
        }
        while house.server.poll_dirty().is_some() {}
    });
    assert_eq!(grown.kept, 0, "{grown:?}");
}
