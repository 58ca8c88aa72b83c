//! Services whose certificate comes from an authority of their own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use proofmark::adapter::{Http, Session as _, Target as _, World as _, WorldSeed};
use proofmark::protocol::{Actor, Outcome};
use proofmark::suite::ProfileFile;
use proofmark::text::Colour;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::confirm;

/// A service of this certificate, which accepts everything; and the certificate of its authority, as PEM.
async fn service(named: &str) -> (String, String) {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = params.self_signed(&key).expect("a certificate");
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate().expect("a key");
    let own = CertificateParams::new([named.to_owned()]).expect("a name").signed_by(&key, &issuer);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(
            vec![own.expect("a certificate").der().clone()],
            PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        );
    let acceptor = TlsAcceptor::from(Arc::new(config.expect("a certificate and its key")));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("an address");
    let url = format!("https://127.0.0.1:{}", listener.local_addr().expect("an address").port());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut read = [0; 4096];
                while let Ok(1..) = stream.read(&mut read).await {
                    let answer = b"HTTP/1.1 204 No Content\r\n\r\n";
                    if stream.write_all(answer).await.is_err() || stream.flush().await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    (url, authority.pem())
}

/// A folder with the contract, a profile that has these lines, and the file `ca.pem`, if there is to be one.
fn folder(test: &str, lines: &str, pem: Option<&str>) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("proofmark-tls-{}-{test}", std::process::id()));
    std::fs::create_dir_all(folder.join("authorities")).expect("a folder");
    std::fs::copy("scenarios/orders/orders.contract", folder.join("orders.contract")).expect("the contract");
    let profile = format!(
        "schema = 1\ncontract = \"orders\"\n{lines}\n[command.ConfirmOrder]\nrequest = \"POST /orders/${{on}}/confirm\"\n"
    );
    std::fs::write(folder.join("p.toml"), profile).expect("a profile");
    if let Some(pem) = pem {
        std::fs::write(folder.join("authorities/ca.pem"), pem).expect("a file");
    }
    folder
}

const TRUST: &str = "[tls]\nca = \"authorities/ca.pem\"";

/// What comes of a command.
async fn sent(folder: &Path, url: &str) -> Outcome {
    let file = ProfileFile::load(&folder.join("p.toml"));
    let (profile, equipment) = file.equip(true, &|_| None).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    let http = Http::new(profile, equipment, Some(url)).expect("a target");
    let world = http.world(WorldSeed(0)).await;
    let mut session = match world {
        Ok(world) => world.open(&Actor::default()).await.expect("a session"),
        Err(error) => return Outcome::NotSent(error.to_string()),
    };
    session.submit(&confirm(None)).await.outcome
}

#[tokio::test]
async fn an_authority_that_the_profile_names_is_trusted() {
    let (url, pem) = service("127.0.0.1").await;
    let folder = folder("trusted", TRUST, Some(&pem));
    let outcome = sent(&folder, &url).await;
    std::fs::remove_dir_all(folder).expect("the folder");
    assert!(matches!(outcome, Outcome::Accepted(_)), "{outcome}");
}

#[tokio::test]
async fn who_is_not_trusted_is_told_with_how_to_trust_them() {
    let (url, _) = service("127.0.0.1").await;
    let (_, other) = service("127.0.0.1").await;
    for (test, lines) in [("nobody", ""), ("others", TRUST)] {
        let folder = folder(test, lines, Some(&other));
        let told = sent(&folder, &url).await.to_string();
        std::fs::remove_dir_all(folder).expect("the folder");
        assert!(told.contains("its certificate is not trusted") && told.contains("[tls]"), "{told}");
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_is_not_taken() {
    let (url, pem) = service("elsewhere.example").await;
    let folder = folder("name", TRUST, Some(&pem));
    let told = sent(&folder, &url).await.to_string();
    std::fs::remove_dir_all(folder).expect("the folder");
    assert!(told.contains("not valid for") && !told.contains("[tls]"), "{told}");
}

#[test]
fn files_without_an_authority_are_mistakes_of_the_profile() {
    let lines = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (test, pem, part) in [
        ("missing", None, "ca.pem: No such file"),
        ("empty", Some(""), "ca.pem: it holds no certificate"),
        ("text", Some("not a certificate"), "ca.pem: it holds no certificate"),
        ("cut", Some("-----BEGIN CERTIFICATE-----\nAAAA\n"), "ca.pem: it is no PEM file"),
        ("none", Some(lines), "ca.pem: certificate 1 in it can't be used"),
    ] {
        let folder = folder(test, TRUST, pem);
        let file = ProfileFile::load(&folder.join("p.toml"));
        std::fs::remove_dir_all(folder).expect("the folder");
        let told = file.mistakes().render(Colour::Plain);
        assert!(file.profile().is_err() && told.contains(part) && told.contains("p.toml:4:6"), "{told}");
    }
}

#[test]
fn a_profile_whose_authorities_nobody_read_makes_no_target() {
    use proofmark::profile::Profile;
    use proofmark::text::Source;

    let text = format!("schema = 1\ncontract = \"orders\"\n{TRUST}\n");
    let reading = Profile::read(&Source::new("p.toml", text), &super::contract());
    let equipment = reading.profile.equip(true, &|_| None).expect("equipment");
    let made = Http::new(reading.profile, equipment, Some("https://localhost:1"));
    assert!(made.is_err_and(|error| error.to_string().contains("authorities/ca.pem")));
}
