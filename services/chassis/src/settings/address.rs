//! Where neighbours are: addresses as settings write them, and what is shown and trusted there.

use std::{fmt, net::SocketAddr, sync::Arc};

use rustls::pki_types::ServerName;

use super::Setting;
use crate::outgoing::Outgoing;

/// The address of a neighbour, `http://host:port` or `https://host:port`, and what is shown there.
#[derive(Clone)]
pub struct Address {
    uri: http::Uri,
    outgoing: Option<Arc<Outgoing>>,
}

impl Address {
    /// The address as a URI with scheme and authority.
    #[must_use]
    pub fn uri(&self) -> &http::Uri {
        &self.uri
    }

    /// The same address, where these are shown and trusted.
    #[must_use]
    pub fn with(self, outgoing: &Arc<Outgoing>) -> Self {
        Self { outgoing: Some(Arc::clone(outgoing)), ..self }
    }

    /// What is shown and trusted there.
    #[must_use]
    pub fn outgoing(&self) -> Option<&Arc<Outgoing>> {
        self.outgoing.as_ref()
    }

    /// The name that the certificate of the server has to have; none for `http`.
    pub(crate) fn certified_name(&self) -> Option<ServerName<'static>> {
        if self.uri.scheme_str() != Some("https") {
            return None;
        }
        let host = self.uri.host()?.trim_matches(['[', ']']);
        ServerName::try_from(host.to_owned()).ok()
    }

    /// The URI with a machine in place of the name.
    pub(crate) fn uri_of(&self, machine: SocketAddr) -> http::Uri {
        let mut parts = self.uri.clone().into_parts();
        let authority = machine.to_string().parse();
        parts.authority = Some(authority.expect("a socket address is an authority"));
        http::Uri::from_parts(parts).expect("only the authority was replaced")
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.uri, formatter)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Address({})", self.uri)
    }
}

impl PartialEq for Address {
    fn eq(&self, other: &Self) -> bool {
        self.uri == other.uri
    }
}

impl Eq for Address {}

impl Setting for Address {
    const EXPECTED: &'static str = "an address such as `http://matcher:7702`";

    fn parse(value: &str) -> Option<Self> {
        let uri: http::Uri = value.parse().ok()?;
        let is_served = match uri.scheme_str() {
            Some("http") => true,
            Some("https") => ServerName::try_from(uri.host()?.trim_matches(['[', ']'])).is_ok(),
            _ => false,
        };
        let is_plain = uri.port().is_some() && uri.path() == "/" && uri.query().is_none();
        (is_served && is_plain).then_some(Self { uri, outgoing: None })
    }

    fn written(&self) -> Option<String> {
        Some(self.to_string().trim_end_matches('/').to_owned())
    }
}

/// Where the replicas of a neighbour are: one address or several, separated by commas. A name
/// stands for every machine it resolves to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses(Vec<Address>);

impl Addresses {
    /// The addresses, at least one.
    #[must_use]
    pub fn all(&self) -> &[Address] {
        &self.0
    }

    /// The same addresses, where these are shown and trusted.
    #[must_use]
    pub fn with(self, outgoing: &Arc<Outgoing>) -> Self {
        Self(self.0.into_iter().map(|address| address.with(outgoing)).collect())
    }
}

impl From<Address> for Addresses {
    fn from(address: Address) -> Self {
        Self(vec![address])
    }
}

impl fmt::Display for Addresses {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: Vec<_> = self.0.iter().map(Address::to_string).collect();
        formatter.write_str(&shown.join(","))
    }
}

impl Setting for Addresses {
    const EXPECTED: &'static str =
        "an address such as `http://matcher:7702`, or several separated by commas";

    fn parse(value: &str) -> Option<Self> {
        value
            .split(',')
            .map(|address| Address::parse(address.trim()))
            .collect::<Option<_>>()
            .map(Self)
    }

    fn written(&self) -> Option<String> {
        let written: Option<Vec<_>> = self.0.iter().map(Setting::written).collect();
        Some(written?.join(","))
    }
}
