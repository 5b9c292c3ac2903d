//! A connection is lost, and nothing else: `cargo run --example reconnect`.
//!
//! A server counts, and its client loses the connection in the middle: it comes back as the same socket, and hears what
//! it missed. Then the server itself goes, and another one comes in its place: the client is a new one there, and what it
//! said meanwhile arrives.

use std::time::Duration;

use sansocket_tokio::socketio::{
    Client, ClientNamespace, ClientSocket, Namespace, Recovery, Server, ServerOptions, Socket,
};

/// Counts for whoever is here, and also for who will be back.
async fn count(socket: Socket) {
    for number in 1..=6 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        _ = socket.everybody().emit("number", &number);
        if number == 2 {
            println!("server: cuts the connection");
            socket.close_transport();
        }
    }
}

async fn server(address: &str) -> Result<Server, Box<dyn std::error::Error>> {
    let options = ServerOptions { recovery: Some(Recovery::default()), ..ServerOptions::default() };
    let namespace = Namespace::new()
        .on_connect(async |socket: Socket| println!("server: recovered: {}", socket.is_recovered()))
        .on("count", async |socket: Socket| count(socket).await)
        .on("hello", async |_: Socket, name: String| format!("hello, {name}"));
    Ok(Server::bind_with(address, options).await?.of("/", namespace)?)
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let first = server("127.0.0.1:0").await?;
    let (address, stop) = (first.local_addr()?.to_string(), first.shutdown());
    let serving = tokio::spawn(first.serve());
    let listening = ClientNamespace::new()
        .on_connect(async |_: ClientSocket| println!("client: connected"))
        .on_disconnect(async |_: ClientSocket, reason| println!("client: disconnected: {reason}"))
        .on("number", async |_: ClientSocket, number: u32| println!("client: {number}"));
    let client = Client::connect(&format!("http://{address}"), listening)?;
    client.socket().emit("count", &()).await?;
    // Time enough to lose the connection, and to come back.
    tokio::time::sleep(Duration::from_secs(4)).await;

    stop.raise();
    serving.await?;
    let asked = client.socket().emit_with_ack::<_, String>("hello", &"world", Duration::from_secs(30));
    let second = server(&address).await?;
    let stop = second.shutdown();
    let serving = tokio::spawn(second.serve());
    println!("client: {}", asked.await?);
    stop.raise();
    serving.await?;
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    tokio::runtime::Runtime::new()?.block_on(run())
}
