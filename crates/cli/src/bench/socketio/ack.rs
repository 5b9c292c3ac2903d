//! `message-with-ack`, which is acknowledged with what it said.
#![allow(clippy::disallowed_methods, reason = "measuring takes a clock")]

use std::time::Instant;

use sansocket_app::socketio::{ClientSocket, Value};
use sansocket_driver::Network;

use super::in_flight;
use super::line::{Line, ask};
use crate::bench::session::{NO_ECHO, Share};
use crate::runtime::Runtime;

/// Asks until the time is over.
///
/// # Errors
/// Why the first one ended that ended before.
pub(super) async fn run<R: Runtime>(line: Line<R::Network>, share: Share) -> Result<(), String> {
    let client = line.into_deaf();
    in_flight::<R, _>(share.load.in_flight, |_| asks(client.socket().clone(), share.clone())).await
}

async fn asks<N: Network>(socket: ClientSocket<N>, share: Share) -> Result<(), String> {
    loop {
        let sent = Instant::now();
        let back: Value = ask(&socket, "message-with-ack", &*share.payload).await?;
        let now = Instant::now();
        if *share.payload != back {
            return Err(NO_ECHO.to_owned());
        }
        if now >= share.until {
            return Ok(());
        }
        share.tally.count(now - sent);
    }
}
