use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::Profile;
use crate::text::Spanned;

/// `[tls]`: who is trusted besides the system's authorities.
#[derive(Clone, Default, Debug)]
pub(crate) struct Tls {
    /// The file with them, as the profile names it.
    pub(crate) ca: Option<Spanned<String>>,
    /// What the file holds, once it was read.
    pub(crate) authorities: Vec<CertificateDer<'static>>,
}

/// Why a file says of no authority that it is to be trusted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorityError {
    /// There is no certificate in it.
    #[error("it holds no certificate")]
    Empty,
    /// It can't be read as PEM (RFC 7468).
    #[error("it is no PEM file: {0}")]
    Unreadable(#[source] rustls::pki_types::pem::Error),
    /// One of its certificates is none.
    #[error("certificate {number} in it can't be used: {why}")]
    Unusable {
        /// Which one, counted from 1.
        number: usize,
        /// What is wrong with it.
        #[source]
        why: rustls::Error,
    },
}

impl Profile {
    /// The PEM file with the authorities of the service's certificate that `[tls]` names, relative to the profile.
    pub fn ca(&self) -> Option<&Spanned<String>> {
        self.tls.ca.as_ref()
    }

    /// Trusts the authorities whose certificates stand in this PEM text (RFC 7468) as well as those that the system trusts.
    ///
    /// # Errors
    /// Where a certificate in it can't be used, or there is none.
    pub fn trust(&mut self, pem: &str) -> Result<(), AuthorityError> {
        let found: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes())
            .collect::<Result<_, _>>()
            .map_err(AuthorityError::Unreadable)?;
        let mut roots = RootCertStore::empty();
        for (at, certificate) in found.iter().enumerate() {
            let unusable = |why| AuthorityError::Unusable { number: at + 1, why };
            roots.add(certificate.clone()).map_err(unusable)?;
        }
        if found.is_empty() {
            return Err(AuthorityError::Empty);
        }
        self.tls.authorities = found;
        Ok(())
    }
}
