//! The same, encrypted.
#![cfg(feature = "tls")]
#[path = "support/house.rs"]
mod house;
mod support;

use std::io::ErrorKind;

use sansocket_core::Message;
use sansocket_tokio::engineio::{self, Reason, Transport};
use sansocket_tokio::{ClientTls, ConnectError, Connector, ServerTls, connect, welcome};
use sansocket_websocket::{CloseFrame, Closed};
use support::{Running, bind, echo, run, start};

struct Identity {
    certificate: String,
    key: String,
}

/// Somebody who vouches for himself.
fn localhost() -> Identity {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    Identity { certificate: made.cert.pem(), key: made.signing_key.serialize_pem() }
}

impl Identity {
    fn server(&self) -> ServerTls {
        ServerTls::from_pem(self.certificate.as_bytes(), self.key.as_bytes()).unwrap()
    }

    fn trusted(&self) -> ClientTls {
        ClientTls::from_pem(self.certificate.as_bytes()).unwrap()
    }

    fn connector(&self) -> Connector {
        Connector::default().tls(self.trusted())
    }
}

fn uri(server: &Running) -> String {
    format!("wss://localhost:{}/", server.address.port())
}

#[test]
fn who_is_trusted_is_spoken_with() {
    run(async {
        let identity = localhost();
        let server = start(bind().await.tls(identity.server()), welcome, echo);
        let (mut websocket, _) = identity.connector().connect(&uri(&server)).await.unwrap();
        for message in [Message::text("in secret"), Message::binary(vec![9; 1 << 20])] {
            websocket.send(message.clone()).await.unwrap();
            assert_eq!(websocket.next().await, Some(message));
        }
        websocket.close(CloseFrame::default()).await;
        assert!(websocket.machine().closed().is_some_and(Closed::is_clean));
        assert!(websocket.error().is_none(), "{:?}", websocket.error());
    });
}

#[test]
fn a_session_of_engine_io_goes_over_to_a_websocket_in_secret() {
    run(async {
        let identity = localhost();
        let server = house::open(house::bind().await.tls(identity.server()), house::echo);
        let uri = format!("https://localhost:{}", server.address.port());
        let connector = engineio::Connector::default().tls(identity.trusted());
        let mut client = connector.connect(&uri).await.unwrap();
        while client.transport() == Transport::Polling {
            client.send(Message::text("in secret")).await.unwrap();
            assert_eq!(client.next().await, Some(Message::text("in secret")));
        }
        client.close().await;
        assert_eq!((client.closed(), client.fault()), (Some(Reason::ForcedClose), None));

        let Err(engineio::ConnectError::Io(error)) = engineio::Client::connect(&uri).await else {
            panic!("a certificate that nobody trusts")
        };
        assert_eq!(error.kind(), ErrorKind::InvalidData);
    });
}

#[test]
fn who_is_not_trusted_is_not() {
    run(async {
        let server = start(bind().await.tls(localhost().server()), welcome, echo);
        for stranger in [connect(&uri(&server)).await.map(drop), {
            let other = localhost().connector();
            other.connect(&uri(&server)).await.map(drop)
        }] {
            let Err(ConnectError::Io(error)) = stranger else { panic!("{stranger:?}") };
            assert_eq!(error.kind(), ErrorKind::InvalidData);
            assert!(error.to_string().contains("certificate"), "{error}");
        }
    });
}

#[test]
fn who_has_another_name_is_not_who_was_meant() {
    run(async {
        let identity = localhost();
        let server = start(bind().await.tls(identity.server()), welcome, echo);
        let other_name = uri(&server).replace("localhost", "127.0.0.1");
        let Err(ConnectError::Io(error)) = identity.connector().connect(&other_name).await else {
            panic!("a name that is not in the certificate")
        };
        assert!(error.to_string().contains("certificate"), "{error}");
    });
}

#[test]
fn an_end_that_was_cut_off_is_not_clean() {
    run(async {
        let identity = localhost();
        // Dropped without a word: no close frame, no close_notify.
        let server =
            start(bind().await.tls(identity.server()), welcome, async |websocket, _| drop(websocket));
        let (mut websocket, _) = identity.connector().connect(&uri(&server)).await.unwrap();
        assert_eq!(websocket.next().await, None);
        assert_eq!(websocket.machine().closed(), Some(&Closed::Lost));
        assert!(websocket.error().is_some(), "the missing close_notify is an error");
    });
}

#[test]
fn a_server_that_goes_down_says_so_in_secret_too() {
    run(async {
        let identity = localhost();
        let server = start(bind().await.tls(identity.server()), welcome, echo);
        let (mut websocket, _) = identity.connector().connect(&uri(&server)).await.unwrap();
        server.stop.raise();
        assert_eq!(websocket.next().await, None);
        assert!(websocket.machine().closed().is_some_and(Closed::is_clean));
        server.ended.wait().await;
    });
}
