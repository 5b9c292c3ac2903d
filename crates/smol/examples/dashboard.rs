//! A dashboard: a client in Rust feeds it, browsers watch. `cargo run --example dashboard -- 127.0.0.1:3000` serves, and
//! feeds itself; open the address in a browser to watch.
//!
//! The feeder stays when the server goes: what it measures meanwhile is kept, within bounds, and leaves when the server is
//! back.

use std::env;
use std::time::Duration;

use sansocket_core::Response;
use sansocket_smol::engineio::{self, ServerOptions as Sessions};
use sansocket_smol::socketio::{Client, ClientNamespace, Io, Namespace, Server, ServerOptions, Socket};

/// The page speaks the protocol by hand, over a WebSocket: a dozen lines.
const PAGE: &str = r#"<!doctype html><meta charset="utf-8"><title>Dashboard</title>
<style>body{font:2rem system-ui;margin:4rem} b{font-variant-numeric:tabular-nums}</style>
<p>The feeder has run for <b>–</b> seconds.</p>
<script>
  const socket = new WebSocket(`ws://${location.host}/socket.io/?EIO=4&transport=websocket`);
  socket.onmessage = ({ data }) => {
    if (data[0] === "0") socket.send("40");        // the session is open: connect to the main namespace
    else if (data === "2") socket.send("3");       // a heartbeat
    else if (data.startsWith("42")) {
      const [event, value] = JSON.parse(data.slice(2));
      if (event === "seconds") document.querySelector("b").textContent = value.toFixed(1);
    }
  };
</script>"#;

/// Only who knows the word feeds; everybody watches.
fn feed() -> Namespace {
    Namespace::new()
        .guard(async |socket: Socket| {
            let word = socket.auth().and_then(|auth| auth.get("word")?.read::<String>().ok());
            let known = word.as_deref() == Some("open sesame");
            if known { Ok(()) } else { Err(sansocket_smol::socketio::ConnectError::new("not for you")) }
        })
        .on("measured", async |socket: Socket, (name, value): (String, f64)| {
            if let Ok(watchers) = socket.of("/") {
                _ = watchers.latest().emit(&name, &value);
            }
        })
}

async fn measure(address: String) -> Result<(), Box<dyn std::error::Error>> {
    let word = std::collections::BTreeMap::from([("word", "open sesame")]);
    let client = Client::connect(&format!("http://{address}/feed"), ClientNamespace::new().auth(&word)?)?;
    for tick in 1_u32.. {
        smol::Timer::after(Duration::from_millis(100)).await;
        client.socket().emit("measured", &("seconds", f64::from(tick) / 10.0)).await?;
    }
    Ok(())
}

async fn serve() -> Result<(), Box<dyn std::error::Error>> {
    let address = env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".into());
    let sessions = Sessions { paths: vec!["/socket.io/".into()], ..Sessions::default() };
    let engine = engineio::Server::bind(&address).await?.options(sessions).beside(
        async |_| Response::new(200).with_header("Content-Type", "text/html").with_body(PAGE).into(),
        async |_, _| (),
    );
    let server = Server::new(engine, Io::new(ServerOptions::default()));
    let server = server.of("/", Namespace::new())?.of("/feed", feed())?;
    let address = server.local_addr()?.to_string();
    println!("http://{address}");
    smol::spawn(async move {
        if let Err(error) = measure(address).await {
            eprintln!("{error}");
        }
    })
    .detach();
    server.serve().await;
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    smol::block_on(serve())
}
