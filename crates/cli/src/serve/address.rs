//! Where to listen, and what to do when that cannot be.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, ToSocketAddrs};

use crate::exit::Failure;

/// The port when nobody names one.
const PORT: u16 = 9001;

/// Listens where `--listen` says, else on `port` of this machine alone.
pub(super) fn bind(listen: Option<&str>, port: Option<u16>) -> Result<TcpListener, Failure> {
    let address = match listen {
        Some(listen) => resolve(listen)?,
        None => SocketAddr::from((Ipv4Addr::LOCALHOST, port.unwrap_or(PORT))),
    };
    TcpListener::bind(address).map_err(|error| {
        let failure = Failure::new(format!("cannot listen on {address}: {error}"));
        match error.kind() {
            ErrorKind::AddrInUse => failure.advise(format!(
                "something else listens there: stop it, or let the system pick a free port with --listen {}",
                SocketAddr::new(address.ip(), 0)
            )),
            ErrorKind::PermissionDenied => failure
                .advise("ports below 1024 take privileges: try a higher one, as in --listen 127.0.0.1:9001"),
            ErrorKind::AddrNotAvailable => failure.advise(
                "this machine has no such address: 127.0.0.1 is itself, 0.0.0.0 all addresses it has",
            ),
            _ => failure,
        }
    })
}

fn resolve(listen: &str) -> Result<SocketAddr, Failure> {
    let advice = "write an address and a port, as in 127.0.0.1:9001, [::1]:9001 or 0.0.0.0:0";
    let addresses = listen.to_socket_addrs();
    let addresses = addresses
        .map_err(|error| Failure::usage(format!("`{listen}` is no address: {error}")).advise(advice))?;
    let mut addresses: Vec<_> = addresses.collect();
    // A name like localhost may have both; what people type next is 127.0.0.1.
    addresses.sort_by_key(SocketAddr::is_ipv6);
    addresses
        .first()
        .copied()
        .ok_or_else(|| Failure::usage(format!("`{listen}` names no address")).advise(advice))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_in_use_is_refused_with_the_way_out() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let failure = bind(None, Some(port)).unwrap_err().to_string();
        assert!(failure.contains(&port.to_string()) && failure.contains("--listen 127.0.0.1:0"), "{failure}");
    }

    #[test]
    fn listen_goes_before_port() {
        assert_eq!(
            bind(Some("127.0.0.1:0"), Some(1)).unwrap().local_addr().unwrap().ip(),
            Ipv4Addr::LOCALHOST
        );
        for nonsense in ["9001", "nonsense", "127.0.0.1", "127.0.0.1:99999"] {
            assert!(
                bind(Some(nonsense), None).unwrap_err().to_string().contains("127.0.0.1:9001"),
                "{nonsense}"
            );
        }
    }
}
