//! How Socket.IO is served.

use std::path::PathBuf;
use std::time::Duration;

use sansocket_socketio::server::{Recovery, ServerOptions};

use crate::application::site::Site;
use crate::exit::Failure;
use crate::socketio::ParserName;
use crate::units;

/// What is said of Socket.IO on the command line. The names are those of its other servers, and times without a unit are
/// milliseconds.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Socket.IO, at /socket.io/")]
pub(super) struct Sockets {
    /// How long a client may take to join a namespace
    #[arg(long, env = "CONNECT_TIMEOUT", value_name = "TIME", default_value = "45s", value_parser = units::interval)]
    connect_timeout: Duration,

    /// How long a client that lost its connection may come back as who it was; 0: it may not
    #[arg(long, env = "RECOVERY_MS", value_name = "TIME", default_value = "0", value_parser = units::duration)]
    recovery: Duration,

    /// How packets are written, by every client
    #[arg(long, value_enum, env = "PARSER", default_value_t = ParserName::Json)]
    parser: ParserName,

    /// The bundle of socket.io-client, for pages that load it from /socket.io/socket.io.js; the page at / does without
    #[arg(long, env = "CLIENT_BUNDLE", value_name = "FILE")]
    client_bundle: Option<PathBuf>,
}

impl Sockets {
    /// What stands beside the application.
    pub(super) fn site(&self) -> Result<Site, Failure> {
        let Some(file) = &self.client_bundle else { return Ok(Site::default()) };
        let bundle = std::fs::read(file).map_err(|error| {
            Failure::new(format!("--client-bundle: cannot read {}: {error}", file.display()))
                .advise("give the file socket.io.min.js of npm's socket.io-client")
        })?;
        Ok(Site { bundle: Some(bundle.into()) })
    }

    /// The same as options.
    pub(super) fn options(&self) -> ServerOptions {
        let recovery = Recovery { max_disconnection: self.recovery, ..Recovery::default() };
        ServerOptions {
            connect_timeout: self.connect_timeout,
            recovery: (!self.recovery.is_zero()).then_some(recovery),
            parser: self.parser.into(),
            ..ServerOptions::default()
        }
    }
}
