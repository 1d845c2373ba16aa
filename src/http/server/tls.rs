//! TLS of our own, for installations without a proxy in front: a certificate and its key in PEM
//! files. They are read again when they change, so that renewing them needs no restart.

use std::{
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio_rustls::TlsAcceptor;

use super::invalid;
use crate::{config, error::Result};

/// The TLS configuration.
pub struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    now: RwLock<Now>,
}

struct Now {
    stamps: [FileStamp; 2],
    config: Arc<ServerConfig>,
}

/// Identifies one state of a file.
type FileStamp = Option<(u64, u64, i64, i64)>;

impl Tls {
    /// Reads the files that are configured; nothing where none are.
    pub fn open(settings: &config::ServerConfig) -> Result<Option<Self>> {
        if settings.tls_certificate.is_empty() {
            return Ok(None);
        }
        let certificate = PathBuf::from(&settings.tls_certificate);
        let key = PathBuf::from(&settings.tls_key);
        let stamps = [stamp(&certificate), stamp(&key)];
        let config = read(&certificate, &key).map_err(invalid)?;
        let now = RwLock::new(Now { stamps, config });
        Ok(Some(Self {
            certificate,
            key,
            now,
        }))
    }

    /// The acceptor for the next handshake, with the files as they are now.
    pub async fn acceptor(self: Arc<Self>) -> TlsAcceptor {
        let tls = self.clone();
        // Two `stat` calls; the pool is gone only if the process is ending.
        let _ = tokio::task::spawn_blocking(move || tls.refresh()).await;
        let now = self.now.read().unwrap_or_else(PoisonError::into_inner);
        TlsAcceptor::from(now.config.clone())
    }

    /// Files that do not match, or cannot be read, change nothing: they may be partly written.
    fn refresh(&self) {
        let stamps = [stamp(&self.certificate), stamp(&self.key)];
        let known = |now: &Now| now.stamps == stamps;
        if known(&self.now.read().unwrap_or_else(PoisonError::into_inner)) {
            return;
        }
        let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
        if known(&now) {
            return;
        }
        now.stamps = stamps;
        match read(&self.certificate, &self.key) {
            Ok(config) => {
                now.config = config;
                tracing::info!("the TLS certificate was read again");
            }
            Err(why) => {
                tracing::warn!(
                    why,
                    "the TLS certificate has changed and cannot be used; the one before stays"
                );
            }
        }
    }
}

fn stamp(path: &Path) -> FileStamp {
    let found = std::fs::metadata(path).ok()?;
    Some((found.ino(), found.size(), found.mtime(), found.mtime_nsec()))
}

fn read(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, String> {
    let chain = chain(certificate)?;
    let secret = PrivateKeyDer::from_pem_file(key)
        .map_err(|error| format!("server.tls_key {}: {error}", key.display()))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let made = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| {
            builder
                .with_no_client_auth()
                .with_single_cert(chain, secret)
        });
    let mut config = made.map_err(|error| {
        let (certificate, key) = (certificate.display(), key.display());
        format!("server.tls_certificate {certificate} with server.tls_key {key}: {error}")
    })?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let wrong = |why: String| format!("server.tls_certificate {}: {why}", path.display());
    let found = CertificateDer::pem_file_iter(path).map_err(|error| wrong(error.to_string()))?;
    let chain = found
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| wrong(error.to_string()))?;
    match chain.is_empty() {
        true => Err(wrong("holds no certificate".to_owned())),
        false => Ok(chain),
    }
}
