//! `message`, which comes back as `message-back`.

use sansocket_app::socketio::Value;
use sansocket_driver::Network;

use super::line::Line;
use crate::bench::session::{Next, Session, Share};

/// Sends and awaits echoes until the time is over.
///
/// # Errors
/// Why it ended before.
pub(super) async fn run<N: Network>(mut line: Line<N>, share: Share) -> Result<(), String> {
    let mut session = Session::new(share);
    session.fill(|payload| line.socket().try_emit("message", payload));
    loop {
        let event = line.next().await?;
        // The server may have more to say than we asked for.
        if event.name != "message-back" {
            continue;
        }
        match session.count(&event.args.read::<Value>().unwrap_or_default()) {
            Next::Send => session.fill(|payload| line.socket().try_emit("message", payload)),
            Next::Wait => {}
            Next::Close => return session.end(),
        }
    }
}
