//! `serve --tls` and `connect wss://…`.

mod program;

use std::path::PathBuf;

use program::{RUNTIMES, Server, run, sansocket};

/// A certificate for localhost that nobody vouches for but itself, and its key, in a folder that goes with it.
struct Papers {
    folder: PathBuf,
    certificate: String,
    key: String,
}

impl Papers {
    fn forge(name: &str) -> Papers {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let folder = std::env::temp_dir().join(format!("sansocket-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let write = |file: &str, pem: String| {
            let path = folder.join(file);
            std::fs::write(&path, pem).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let certificate = write("cert.pem", made.cert.pem());
        let key = write("key.pem", made.signing_key.serialize_pem());
        Papers { folder, certificate, key }
    }
}

impl Drop for Papers {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn a_trusted_server_is_spoken_with_and_no_other() {
    let papers = Papers::forge("trust");
    for runtime in RUNTIMES {
        let server = Server::start(&["--runtime", runtime, "--tls", &papers.certificate, &papers.key]);
        assert!(server.line.starts_with("listening on https://"), "{}", server.line);
        let (_, port) = server.address.rsplit_once(':').unwrap();
        let url = format!("wss://localhost:{port}/echo");
        let long = format!("{}\n", "x".repeat(200_000));
        let args = ["connect", &url, "--runtime", runtime];
        let said = run(sansocket(&args).args(["--ca", &papers.certificate]), long.as_bytes());
        assert_eq!(said.code, Some(0), "{}", said.err);
        assert!(said.out == long, "{} bytes came back of {}", said.out.len(), long.len());
        let said = run(&mut sansocket(&args), b"");
        assert_eq!(said.code, Some(1), "a certificate that nobody vouches for was trusted");
        assert!(said.err.contains("--ca"), "no advice: {}", said.err);
    }
}

#[test]
fn the_papers_may_come_from_the_environment() {
    let papers = Papers::forge("environment");
    let mut command = sansocket(&["serve", "--listen", "127.0.0.1:0"]);
    let server = Server::ready(command.env("TLS_CERT", &papers.certificate).env("TLS_KEY", &papers.key));
    assert!(server.line.starts_with("listening on https://"), "{}", server.line);
}

#[test]
fn papers_that_are_none_are_refused_with_advice() {
    let papers = Papers::forge("refused");
    for runtime in RUNTIMES {
        for (certificate, key, code) in [
            (&papers.key, &papers.certificate, 2),
            (&papers.certificate, &papers.certificate, 2),
            (&papers.certificate, &"no-such-file".to_owned(), 1),
        ] {
            let args = ["serve", "--listen", "127.0.0.1:0", "--runtime", runtime, "--tls", certificate, key];
            let said = run(&mut sansocket(&args), b"");
            assert_eq!((said.code, said.out.as_str()), (Some(code), ""), "{}", said.err);
            assert!(said.err.contains("--tls") && said.err.lines().count() >= 2, "no advice: {}", said.err);
        }
    }
}
