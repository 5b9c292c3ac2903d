//! How the commands call a server of Engine.IO.

use sansocket_app::engineio::{Client, ClientOptions, ConnectError, Connector};
use sansocket_engineio::{Protocol, Transport};
use sansocket_stack::client::Trouble;

use crate::dial::{refused, unreachable};
use crate::exit::Failure;
use crate::runtime::Runtime;
use crate::terminal::Escaped;

/// The revision of the protocol.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(crate) enum Revision {
    #[value(name = "3")]
    Three,
    #[value(name = "4")]
    Four,
}

/// How a session may travel.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(crate) enum Way {
    Polling,
    Websocket,
}

/// What is said of Engine.IO on the command line.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Travel {
    /// Speak Engine.IO, with the server at http://127.0.0.1:9001 for example
    #[arg(long, group = "sessions")]
    pub(crate) engineio: bool,

    /// How a session of Engine.IO may travel; given twice, it begins with the first and goes on to the other
    /// [default: polling, and then websocket]
    #[arg(long, value_enum, requires = "sessions")]
    transport: Vec<Way>,

    /// The revision of Engine.IO; Socket.IO 2 stands on 3, the later ones on 4
    #[arg(long, value_enum, value_name = "REVISION", default_value = "4", requires = "sessions")]
    eio: Revision,
}

/// What a client asks for.
#[derive(Clone, Debug)]
pub(crate) struct Voyage {
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    /// Certificates in PEM that are trusted instead of those that browsers trust.
    pub(crate) trusted: Option<Vec<u8>>,
    pub(crate) options: ClientOptions,
}

impl Travel {
    /// Options that say the same.
    pub(crate) fn options(&self) -> ClientOptions {
        let mut options = ClientOptions::default();
        options.session.protocol = self.eio.into();
        if !self.transport.is_empty() {
            options.session.transports = self.transport.iter().copied().map(Transport::from).collect();
        }
        options
    }
}

impl Voyage {
    /// Begins a session.
    pub(crate) async fn call<R: Runtime>(&self) -> Result<Client<R::Network>, Failure> {
        self.connector::<R>()?.connect(&self.url).await.map_err(|error| self.explain(&error))
    }

    /// What makes its connections.
    pub(crate) fn connector<R: Runtime>(&self) -> Result<Connector<R::Network>, Failure> {
        let mut connector =
            Connector::<R::Network>::default().options(self.options.clone()).executor(R::network());
        for (name, value) in &self.headers {
            connector = connector.header(name, value.clone());
        }
        if let Some(certificates) = &self.trusted {
            connector = connector.tls(R::client_tls(certificates)?);
        }
        Ok(connector)
    }

    /// In words, and what to do next.
    pub(crate) fn explain(&self, why: &ConnectError) -> Failure {
        let url = Escaped(&self.url);
        match why {
            ConnectError::Uri(error) => Failure::usage(format!("`{url}` is no address of a server: {error}"))
                .advise("write it as http://127.0.0.1:9001"),
            ConnectError::Io(error) => unreachable(&self.url, error),
            ConnectError::Stream(trouble) => match &**trouble {
                Trouble::Refused(response) => refused(&self.url, response),
                trouble => Failure::new(format!("no session with {url}: {trouble}"))
                    .advise("something listens there, but does it speak Engine.IO?"),
            },
            ConnectError::Session(fault) => Failure::new(format!("no session with {url}: {fault}")).advise(
                "something listens there, but does it speak Engine.IO, and of this revision (--eio)?",
            ),
        }
    }
}

impl From<Revision> for Protocol {
    fn from(revision: Revision) -> Protocol {
        match revision {
            Revision::Three => Protocol::V3,
            Revision::Four => Protocol::V4,
        }
    }
}

impl From<Way> for Transport {
    fn from(way: Way) -> Transport {
        match way {
            Way::Polling => Transport::Polling,
            Way::Websocket => Transport::WebSocket,
        }
    }
}
