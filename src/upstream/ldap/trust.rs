//! The TLS configuration of a directory, for LDAPS and StartTLS alike. There is no switch that
//! turns verification off.

use std::{fs, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject},
};

use super::reader::{LdapSettingsReader, wrong};

/// The configuration; faults of `ca_file` or `ca_pem` are reported even if nothing uses it yet.
/// `None` when no connection is encrypted.
pub fn tls(read: &LdapSettingsReader, is_used: bool) -> Result<Option<Arc<ClientConfig>>, String> {
    let own = own_authorities(read)?;
    if !is_used {
        return Ok(None);
    }
    let roots = own.map_or_else(system_authorities, Ok)?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Some(Arc::new(config)))
}

fn own_authorities(read: &LdapSettingsReader) -> Result<Option<RootCertStore>, String> {
    let (file, text) = (read.text("ca_file", "")?, read.text("ca_pem", "")?);
    let (name, pem) = match (file.is_empty(), text.is_empty()) {
        (true, true) => return Ok(None),
        (true, false) => ("ca_pem", text.into_bytes()),
        (false, true) => ("ca_file", contents(&file)?),
        (false, false) => return Err(wrong("ca_pem", "and ca_file are both given; one is enough")),
    };
    authorities(&pem).map(Some).map_err(|why| wrong(name, &why))
}

fn contents(file: &str) -> Result<Vec<u8>, String> {
    fs::read(file).map_err(|error| wrong("ca_file", &format!("{file}: {error}")))
}

fn authorities(pem: &[u8]) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| format!("is not PEM: {error}"))?;
        let added = roots.add(certificate);
        added.map_err(|error| format!("is no certificate: {error}"))?;
    }
    if roots.is_empty() {
        return Err("contains no certificate in PEM".to_owned());
    }
    Ok(roots)
}

fn system_authorities() -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    // Some of a system's certificates are often unparsable; the others suffice.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        let why = "is needed: this system trusts no authorities";
        return Err(wrong("ca_file", why));
    }
    Ok(roots)
}
