//! TLS without a proxy: the certificate of the files, as they are now.

use std::{fs, path::Path, process::Command};

use reqwest::{Client, Version, tls::TlsInfo};
use rustls::pki_types::{CertificateDer, pem::PemObject};

use support::server::{Listening, TestServer};

/// Makes `cert.pem` and `key.pem` for localhost.
fn make_pair(dir: &Path) {
    let made = Command::new("openssl")
        .current_dir(dir)
        .args(["req", "-x509", "-newkey", "ec", "-nodes", "-days", "2"])
        .args(["-pkeyopt", "ec_paramgen_curve:prime256v1"])
        .args(["-subj", "/CN=localhost", "-addext"])
        .args(["subjectAltName=DNS:localhost", "-keyout", "key.pem"])
        .args(["-out", "cert.pem"])
        .output()
        .expect("openssl can be run: run `make deps`");
    assert!(made.status.success(), "{made:?}");
}

/// The certificate of a file, and that of the next handshake, in DER; with the protocol agreed on.
fn on_disk(dir: &Path) -> Vec<u8> {
    let certificate = CertificateDer::from_pem_file(dir.join("cert.pem"));
    certificate.expect("a certificate").to_vec()
}

async fn shown(portal: &Listening) -> (Vec<u8>, Version) {
    // A client of its own: no connection is used again.
    let client = Client::builder()
        .tls_danger_accept_invalid_certs(true)
        .tls_info(true)
        .no_proxy()
        .build()
        .expect("a client");
    let port = portal.address().port();
    let url = format!("https://localhost:{port}/health/live");
    let answer = client.get(url).send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    let info = answer.extensions().get::<TlsInfo>().expect("TLS");
    let certificate = info.peer_certificate().expect("a certificate");
    (certificate.to_vec(), answer.version())
}

async fn portal(dir: &Path) -> TestServer {
    let path = |name: &str| dir.join(name).to_str().expect("a readable path").to_owned();
    let (certificate, key) = (path("cert.pem"), path("key.pem"));
    let settings = [
        ("USHER_SERVER__TLS_CERTIFICATE", certificate.as_str()),
        ("USHER_SERVER__TLS_KEY", key.as_str()),
    ];
    TestServer::configured(&settings).await
}

#[tokio::test]
async fn a_renewed_certificate_is_used_without_a_restart_and_a_broken_one_is_not() {
    let dir = tempfile::tempdir().expect("a directory");
    make_pair(dir.path());
    let usher = portal(dir.path()).await;
    let listening = usher.listen().await;
    let first = on_disk(dir.path());
    assert_eq!(shown(&listening).await, (first.clone(), Version::HTTP_2));
    let key = fs::read(dir.path().join("key.pem")).expect("a key");
    fs::write(dir.path().join("key.pem"), "half written").expect("writable");
    assert_eq!(shown(&listening).await.0, first, "the one before stays");
    fs::write(dir.path().join("key.pem"), key).expect("writable");
    make_pair(dir.path());
    let second = on_disk(dir.path());
    assert_ne!(first, second);
    assert_eq!(shown(&listening).await.0, second, "the new one");
}

#[tokio::test]
async fn a_certificate_that_does_not_fit_its_key_is_refused_at_the_start() {
    let dir = tempfile::tempdir().expect("a directory");
    make_pair(dir.path());
    let key = fs::read(dir.path().join("key.pem")).expect("a key");
    make_pair(dir.path());
    fs::write(dir.path().join("key.pem"), key).expect("writable");
    let usher = portal(dir.path()).await;
    let error = http_error(&usher).await;
    assert!(error.contains("server.tls_certificate"), "{error}");
    fs::write(dir.path().join("cert.pem"), "").expect("writable");
    let error = http_error(&usher).await;
    assert!(error.contains("holds no certificate"), "{error}");
}

async fn http_error(usher: &TestServer) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let never = std::future::pending();
    let served = usher::http::serve(usher.app.clone(), listener.expect("a port"), never).await;
    served.expect_err("it cannot serve").to_string()
}
