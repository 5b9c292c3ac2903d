//! engineioxide: its service is called, and what it answers awaited, on a runtime that nobody else uses.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use engineioxide::config::EngineIoConfig;
use engineioxide::handler::EngineIoHandler;
use engineioxide::service::EngineIoService;
use engineioxide::{DisconnectReason, Socket, Str};
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use hyper::service::Service;
use tokio::runtime::Runtime;

use super::{ROOM, Talk};
use crate::codec::work::Work;

/// Says everything back.
#[derive(Debug)]
struct Echo;

impl EngineIoHandler for Echo {
    type Data = ();

    fn on_connect(self: Arc<Self>, _: Arc<Socket<()>>) {}

    fn on_disconnect(&self, _: Arc<Socket<()>>, _: DisconnectReason) {}

    fn on_message(self: &Arc<Self>, message: Str, socket: Arc<Socket<()>>) {
        socket.emit(message).expect("room");
    }

    fn on_binary(self: &Arc<Self>, bytes: Bytes, socket: Arc<Socket<()>>) {
        socket.emit_binary(bytes).expect("room");
    }
}

pub(super) fn by_polling(talk: &Talk) -> Work {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    // Nobody waits so long, and nobody says more at once.
    let config = EngineIoConfig::builder().ping_interval(Duration::from_secs(3600)).max_payload(ROOM as u64);
    let service = EngineIoService::with_config(Arc::new(Echo), config.build());
    let target = "/engine.io/?EIO=4&transport=polling";
    let open = ask(&runtime, &service, Method::GET, target, Bytes::new());
    let open = std::str::from_utf8(&open).expect("JSON");
    let sid = open.split_once("\"sid\":\"").and_then(|(_, rest)| rest.split_once('"')).expect("a session").0;
    let (target, payload) = (format!("{target}&sid={sid}"), talk.payload());
    let expected = payload.clone();
    let round = move || {
        assert_eq!(ask(&runtime, &service, Method::POST, &target, payload.clone()), "ok");
        let polled = ask(&runtime, &service, Method::GET, &target, Bytes::new());
        assert_eq!(polled.len(), payload.len());
        polled
    };
    assert_eq!(round(), expected);
    Box::new(move |n| (0..n).for_each(|_| drop(round())))
}

fn ask(
    runtime: &Runtime,
    service: &EngineIoService<Echo>,
    method: Method,
    target: &str,
    body: Bytes,
) -> Bytes {
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = method;
    *request.uri_mut() = target.parse().expect("a target");
    runtime.block_on(async {
        let response = service.call(request).await.expect("an answer");
        response.into_body().collect().await.expect("a body").to_bytes()
    })
}
