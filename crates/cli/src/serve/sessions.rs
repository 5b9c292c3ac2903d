//! How sessions of Engine.IO are served.

use std::time::Duration;

use clap::builder::FalseyValueParser;
use sansocket_engineio::server::{Cookie, Cors, Origins, ServerOptions};

use super::run::SOCKET_IO;
use crate::application::site::BUNDLE;
use crate::units;

/// What is said of Engine.IO on the command line. The names are those of its other servers, and times without a unit are
/// milliseconds.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Engine.IO, at /engine.io/ and below Socket.IO")]
pub(super) struct Sessions {
    /// Time between a sign of life of a client and the next ping
    #[arg(long, env = "PING_INTERVAL", value_name = "TIME", default_value = "25s", value_parser = units::interval)]
    ping_interval: Duration,

    /// How long a client may then stay silent
    #[arg(long, env = "PING_TIMEOUT", value_name = "TIME", default_value = "20s", value_parser = units::interval)]
    ping_timeout: Duration,

    /// How long the switch from polling to a WebSocket may take
    #[arg(long, env = "UPGRADE_TIMEOUT", value_name = "TIME", default_value = "10s", value_parser = units::interval)]
    upgrade_timeout: Duration,

    /// Let in clients of protocol 3, too: those of Socket.IO 2
    #[arg(long, env = "ALLOW_EIO3", value_parser = FalseyValueParser::new())]
    allow_eio3: bool,

    /// Set a cookie of this name with the session's id, for load balancers
    #[arg(long, env = "COOKIE", value_name = "NAME")]
    cookie: Option<String>,
}

impl Sessions {
    /// The same as options. A body, and a WebSocket message, has `max_payload` bytes at most; pages of these `origins`
    /// may read the answers, or of all if none is named.
    pub(super) fn options(&self, max_payload: usize, origins: &[String]) -> ServerOptions {
        let origins = if origins.is_empty() { Origins::Any } else { Origins::List(origins.to_vec()) };
        ServerOptions {
            ping_interval: self.ping_interval,
            ping_timeout: self.ping_timeout,
            upgrade_timeout: self.upgrade_timeout,
            allow_eio3: self.allow_eio3,
            cookie: self.cookie.clone().map(|name| Cookie { name, ..Cookie::default() }),
            cors: Some(Cors { origins, ..Cors::default() }),
            max_payload,
            paths: vec![SOCKET_IO.into(), "/engine.io/".into()],
            except: vec![BUNDLE.into()],
            ..ServerOptions::default()
        }
    }
}
