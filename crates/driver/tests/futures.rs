//! Connections as `Stream` and `Sink`.
#![cfg(feature = "futures")]
mod support;

use std::future::poll_fn;
use std::io::ErrorKind;
use std::pin::Pin;

use futures_core::Stream;
use futures_sink::Sink;
use support::{Connection, Read, Write, connect, run};

/// What `StreamExt::next` does.
async fn next(connection: &mut Connection) -> Option<String> {
    poll_fn(|cx| Stream::poll_next(Pin::new(connection), cx)).await
}

/// What `SinkExt::send` does.
async fn send(connection: &mut Connection, line: &str) -> std::io::Result<()> {
    poll_fn(|cx| Sink::poll_ready(Pin::new(connection), cx)).await?;
    Sink::start_send(Pin::new(connection), line.into())?;
    poll_fn(|cx| Sink::poll_flush(Pin::new(connection), cx)).await
}

#[test]
fn a_stream_ends_and_a_sink_flushes() {
    let (mut connection, peer, _) = connect();
    peer.plan([Read::Bytes(b"one\ntwo\n".to_vec()), Read::Eof]);
    for line in ["one", "two"] {
        assert_eq!(run(next(&mut connection)), Some(Some(line.into())));
        run(send(&mut connection, line)).unwrap().unwrap();
        assert!(peer.heard().ends_with(&format!("{line}\n")), "a sink's flush holds nothing back");
    }
    assert_eq!(run(next(&mut connection)), Some(None));
}

#[test]
fn a_full_sink_is_not_ready_and_a_closed_one_is_an_error() {
    let (mut connection, peer, _) = connect();
    connection.machine_mut().high_water = Some(1);
    peer.takes([Write::Stuck]);
    assert!(run(send(&mut connection, "waits")).is_none(), "flushing");
    assert!(run(send(&mut connection, "lost")).is_none(), "not ready");
    peer.drain();
    run(send(&mut connection, "goes")).unwrap().unwrap();
    assert_eq!(peer.heard(), "waits\ngoes\n");
    assert!(run(connection.close(())).is_none());
    assert_eq!(run(send(&mut connection, "late")).unwrap().unwrap_err().kind(), ErrorKind::BrokenPipe);
}
