//! The sockets of smol, for those who write for any runtime.

use std::io;
use std::net::SocketAddr;

use sansocket_driver::Network;

use crate::Transport;
use crate::runtime::{Executor, Listener, TcpStream, dial};
use crate::tls::{ClientTls, ServerTls};

impl Network for Executor {
    type Listener = Listener;
    type Tcp = TcpStream;
    type Stream = Transport;
    type ServerTls = ServerTls;
    type ClientTls = ClientTls;

    async fn bind(address: &str) -> io::Result<Listener> {
        Listener::bind(address).await
    }

    fn listen(listener: std::net::TcpListener) -> io::Result<Listener> {
        Listener::from_std(listener)
    }

    fn local_addr(listener: &Listener) -> io::Result<SocketAddr> {
        listener.local_addr()
    }

    async fn accept(listener: &Listener) -> io::Result<TcpStream> {
        listener.accept().await
    }

    fn peer_addr(tcp: &TcpStream) -> io::Result<SocketAddr> {
        tcp.peer_addr()
    }

    async fn dial(host: &str, port: u16) -> io::Result<TcpStream> {
        dial(host, port).await
    }

    fn plain(tcp: TcpStream) -> Transport {
        tcp.into()
    }

    async fn secure_server(tls: &ServerTls, tcp: TcpStream) -> io::Result<Transport> {
        tls.accept(tcp).await
    }

    async fn secure_client(tls: Option<&ClientTls>, host: &str, tcp: TcpStream) -> io::Result<Transport> {
        match tls {
            Some(tls) => tls.connect(host, tcp).await,
            None => ClientTls::web_roots()?.connect(host, tcp).await,
        }
    }
}
